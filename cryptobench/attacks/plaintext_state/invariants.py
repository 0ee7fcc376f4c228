"""On which properties of the plaintext does a cipher's state depend? Found by perturbations that keep a property."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["INVARIANT_PERTURBATIONS", "Canvas", "Invariants", "Perturbation", "find_invariants", "perturbed"]

Perturbation = Callable[["Canvas", Image, np.random.Generator], None]
Place = tuple[int, int, int]

_BANDS = 8
_CERTAIN = 2  # repetitions, since a change may leave a state of one byte as it was by chance
_FEWEST_SIDE = 7
_MOST_DRAWS = 64


@dataclass(frozen=True)
class Canvas:
    """An image of ``shape`` = (rows, columns, channels), at least 7x7 pixels, and the places that may be changed in it:
    neither on the border nor in the middle."""

    shape: tuple[int, int, int]

    def start(self, generator: np.random.Generator) -> Image:
        """A uniform image of levels 80 to 143 and a few landmarks of other levels.

        Its mean is a quarter above an integer, so that neither rounding nor truncation notices a small change.

        Next to its middle are its minimum, 0, and its maximum, 240; the first column, the middle and the last pixel
        are 128. The four lowest bits of all landmarks are zero.
        """
        image = generator.integers(80, 144, self.shape, np.uint8)
        image[self.landmarks] = 128
        row, column, _ = self.middle
        image[row, column - 1], image[row, column - 2] = 0, 240
        upper = image[1 : row - 1, 1:-1]
        lacking = (image.size // 4 - int(image.sum(dtype=np.int64))) % image.size
        more, rest = divmod(lacking, upper.size)
        upper += (more + (np.arange(upper.size) < rest)).astype(np.uint8).reshape(upper.shape)
        return image

    @property
    def landmarks(self) -> NDArray[np.bool_]:
        """The pixels, (rows, columns), that no perturbation changes: first column, last pixel, middle, extremes."""
        row, column, _ = self.middle
        marked = np.zeros(self.shape[:2], bool)
        marked[:, 0] = marked[-1, -1] = marked[row, column - 2 : column + 1] = True
        return marked

    @property
    def middle(self) -> Place:
        return self.shape[0] // 2, self.shape[1] // 2, self.shape[2] // 2

    def draw(self, generator: np.random.Generator) -> Place:
        """A random place inside, in none of the rows about the middle one."""
        rows, columns, channels = self.shape
        row = int(generator.choice([r for r in range(1, rows - 1) if abs(r - rows // 2) > 1]))
        return row, int(generator.integers(1, columns - 1)), int(generator.integers(channels))


def _one(canvas: Canvas, image: Image, generator: np.random.Generator, *, bits: int = 0, step: int = 0) -> None:
    """Change one sample: XOR ``bits``, or add ``step``, or else by anything from 1 to 60."""
    place = canvas.draw(generator)
    value = int(image[place])
    if bits:
        image[place] = value ^ bits
    else:
        image[place] = value + (step or int(generator.integers(1, 61)) * (1 if value < 128 else -1))


def _one_of_channel(canvas: Canvas, image: Image, generator: np.random.Generator, *, channel: int) -> None:
    row, column, _ = canvas.draw(generator)
    channel %= canvas.shape[2]
    image[row, column, channel] ^= np.uint8(generator.integers(1, 64))


def _one_of_half(canvas: Canvas, image: Image, generator: np.random.Generator, *, lower: bool) -> None:
    row, column, channel = canvas.draw(generator)
    above = canvas.shape[0] // 2 - 2
    row = canvas.shape[0] - 2 - row % above if lower else 1 + row % above
    image[row, column, channel] ^= np.uint8(generator.integers(1, 64))


def _pair(canvas: Canvas, generator: np.random.Generator, same: str) -> tuple[Place, Place]:
    """Two places in the same "row", "column" or "channel"; for "" in different rows, columns and channels."""
    one, other = canvas.draw(generator), canvas.draw(generator)
    while one[0] == other[0] or one[1] == other[1]:
        other = canvas.draw(generator)
    channel = one[2] if same else (one[2] + 1) % canvas.shape[2]
    if same == "row":
        return one, (one[0], other[1], channel)
    if same == "column":
        return one, (other[0], one[1], channel)
    return one, (other[0], other[1], channel)


def _transfer(canvas: Canvas, image: Image, generator: np.random.Generator, *, same: str = "") -> None:
    """Add to one sample what is subtracted from another."""
    one, other = _pair(canvas, generator, same)
    amount = int(generator.integers(1, 61))
    image[one] = (int(image[one]) + amount) % 256
    image[other] = (int(image[other]) - amount) % 256


def _transfer_modulus(canvas: Canvas, image: Image, generator: np.random.Generator) -> None:
    """Add 256 to the sum, or where levels do not allow that a multiple of 256."""
    one, other = _pair(canvas, generator, "")
    for _ in range(200):
        if max(image[one], image[other]) < 94:
            break
        one, other = _pair(canvas, generator, "")
    amount = int(generator.integers(110, 147))
    image[one] = (int(image[one]) + amount) % 256
    image[other] = (int(image[other]) - amount) % 256


def _xor_both(canvas: Canvas, image: Image, generator: np.random.Generator, *, same: str = "") -> None:
    one, other = _pair(canvas, generator, same)
    bits = np.uint8(generator.integers(1, 64))
    image[one] ^= bits
    image[other] ^= bits


def _swap(canvas: Canvas, image: Image, generator: np.random.Generator, *, same: str = "") -> None:
    one, other = _pair(canvas, generator, same)
    while image[one] == image[other]:
        one, other = _pair(canvas, generator, same)
    image[one], image[other] = image[other].copy(), image[one].copy()


# By the property that each of them keeps.
INVARIANT_PERTURBATIONS: Mapping[str, Perturbation] = {
    "border, middle and extremes": _one,
    "rounded mean": partial(_one, step=1),
    "upper seven bits": partial(_one, bits=1),
    "lower six bits": partial(_one, bits=64),
    "all channels but the first": partial(_one_of_channel, channel=0),
    "all channels but the last": partial(_one_of_channel, channel=-1),
    "the upper half": partial(_one_of_half, lower=True),
    "the lower half": partial(_one_of_half, lower=False),
    "sum mod 256": _transfer_modulus,
    "sum": _transfer,
    "sum of each channel": partial(_transfer, same="channel"),
    "sum of each row": partial(_transfer, same="row"),
    "sum of each column": partial(_transfer, same="column"),
    "XOR": _xor_both,
    "XOR of each channel": partial(_xor_both, same="channel"),
    "XOR of each row": partial(_xor_both, same="row"),
    "XOR of each column": partial(_xor_both, same="column"),
    "histogram": _swap,
    "histogram of each channel": partial(_swap, same="channel"),
    "histogram of each row": partial(_swap, same="row"),
}


def perturbed(canvas: Canvas, start: Image, generator: np.random.Generator) -> list[Image]:
    """Two images in which everything is changed that some perturbation keeps, and single samples at all places.

    Both change every sample but, landmarks apart, those of a band of rows each, drawn anew: a cipher in which a sample
    reaches only itself or its block is simple there. They change different bits of a sample, from 0 to 1, so that
    addition of the changes is the same as XOR.
    """
    order = generator.random((*start.shape, 8)) + (start[..., None] >> np.arange(8) & 1)  # the bits that are 0 first
    bits = np.sort(np.partition(order, 1, axis=-1)[..., :2], axis=-1)
    rows = canvas.shape[0]
    band, offset = max(1, rows // _BANDS), int(generator.integers(rows))
    images = []
    for which in range(2):
        change = (order == bits[..., which, None]) & (order < 1)
        kept = np.isin(np.arange(rows), (offset + which * (rows // 2) + np.arange(band)) % rows)
        change[kept[:, None] & ~canvas.landmarks] = False
        images.append(start + np.packbits(change, axis=-1, bitorder="little")[..., 0])
    return images


@dataclass(frozen=True)
class Invariants:
    """The properties that must be kept for encryption to be simple; ``share`` and ``p_value`` of the clearest one.

    ``stateless`` if encryption is simple whatever is changed.
    """

    names: tuple[str, ...]
    share: float
    p_value: float
    stateless: bool = False


def find_invariants(oracle: Oracle, generator: np.random.Generator) -> Invariants:
    """For each of `INVARIANT_PERTURBATIONS`, test E(x) - E(x + d) - E(x + e) + E(x + d + e) = 0, in XOR and mod 256,
    for two perturbations d and e.

    That holds wherever the changed samples have no effect or a linear one: in stream ciphers, masked permutations,
    substitutions, chains, as long as their state stays the same. If it also holds for changes of everything that
    perturbations keep, there is no state. Nothing is found in images of fewer than 7x7 pixels.
    """
    rows, columns = oracle.shape[:2]
    if min(rows, columns) < _FEWEST_SIDE:
        return Invariants((), 0.0, 1.0)
    canvas = Canvas((rows, columns, prod(oracle.shape[2:])))
    start = canvas.start(generator)
    origin = oracle.encrypt(start.reshape(oracle.shape)).image
    tries = 2 * (len(INVARIANT_PERTURBATIONS) + _CERTAIN)

    def simple(pair: list[Image] | None) -> tuple[float, float]:
        if pair is None:
            return 0.0, 1.0
        one, other = pair
        both = one + other - start
        answers = [oracle.encrypt(image.reshape(oracle.shape)).image for image in (one, other, both)]
        if any(answer.shape != origin.shape for answer in answers):
            return 0.0, 1.0
        c, d, e = answers
        hits = max(int(np.sum(origin ^ c ^ d ^ e == 0)), int(np.sum(origin + e == c + d)))
        return hits / origin.size, binomial_sf(hits, origin.size, tries=tries)

    for _ in range(_CERTAIN):
        share, p_value = simple(perturbed(canvas, start, generator))
        if p_value > LEAK_LEVEL:
            break
    else:
        return Invariants((), share, p_value, stateless=True)
    found, best = [], (share, p_value)
    for name, perturbation in INVARIANT_PERTURBATIONS.items():
        if canvas.shape[2] == 1 and "channel" in name:
            continue
        share, p_value = simple(_disjoint(canvas, start, perturbation, generator))
        best = min(best, (share, p_value), key=lambda one: (one[1], -one[0]))
        repeated = (simple(_disjoint(canvas, start, perturbation, generator)) for _ in range(_CERTAIN))
        if all(part > ALMOST_ALL and p < LEAK_LEVEL for part, p in itertools.chain([(share, p_value)], repeated)):
            found.append(name)
    return Invariants(tuple(found), *best)


def _disjoint(
    canvas: Canvas, start: Image, perturbation: Perturbation, generator: np.random.Generator
) -> list[Image] | None:
    """``start`` perturbed twice, in different samples; None if a small image does not have enough of them."""
    for _ in range(_MOST_DRAWS):
        pair = [start.copy(), start.copy()]
        for image in pair:
            perturbation(canvas, image, generator)
        if not np.any((pair[0] != start) & (pair[1] != start)):
            return pair
    return None
