"""Block repetition: does the ciphertext of a flat image repeat, and do known blocks of it decrypt the challenge?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE

__all__ = ["BlockRepetition"]

_BLOCKS = (4, 8, 16, 64)  # bytes
_MOST_LAGS = 4096
_FEWEST = 32
_PERIODIC = 0.5
_WEIGHT = 0.9  # of the lags in a weighted Bonferroni correction; equal blocks hardly ever occur by chance
_SHORT = 3  # bytes: blocks that can all be asked for, if the budget allows
_KNOWN_PAIRS = 8


@dataclass(frozen=True)
class BlockRepetition(Attack):
    """Encrypts a flat image and looks for equal samples at any lag, and for equal blocks of 4, 8, 16 and 64 bytes.

    Lags go up to half the image, 4096 at most. Where the ciphertext is periodic, blocks of the shortest period are
    looked up in a dictionary of encrypted blocks: all of them if they are short, those of one grey level and of known
    pairs otherwise.
    """

    name: ClassVar[str] = "block_repetition"
    title: ClassVar[str] = "Block repetition"
    identifier: ClassVar[str] = "A12"
    model: ClassVar[Model] = "CPA"
    formula: ClassVar[str] = "273"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        flat = oracle.varying(oracle.encrypt_probe("zero").image)[0].ravel()
        if flat.size < _FEWEST:
            return AttackResult.inapplicable(f"the cipher image has {flat.size} samples, wanted at least {_FEWEST}")
        equal, p_lags = _equal_at_lags(flat)
        repeats = {size: _repeats(flat, size) for size in _BLOCKS if flat.size >= 2 * size}
        p_repeats = min(p for _, p in repeats.values()) * len(repeats)
        p_value = min(1.0, p_lags / _WEIGHT, p_repeats / (1 - _WEIGHT))
        lag = int(np.argmax(equal)) + 1
        recovered, notes, formula = None, "", ""
        if p_value < LEAK_LEVEL:
            periods = np.flatnonzero(equal >= max(_PERIODIC, 0.9 * equal[lag - 1])) + 1
            notes = f"{equal[lag - 1]:.1%} of the samples are equal at lag {lag}"
            if periods.size and oracle.challenge.image.shape == oracle.shape:
                period = int(periods[0])
                recovered, read = _decrypt_by_dictionary(oracle, period)
                short = f"ceil({256**period * period} / N) + 1"
                formula = short if period <= _SHORT else f"{oracle.queries.total}"
                notes += f"; period {period}; {read:.1%} of the challenge is in blocks of the dictionary"
        return AttackResult(
            recovered=recovered,
            statistic=float(equal[lag - 1]),
            statistic_name="samples of a flat image's ciphertext equal at one lag",
            expected=BYTE_CHANCE,
            p_value=p_value,
            notes=notes,
            numbers={f"repeated_blocks_{size}": share for size, (share, _) in repeats.items()},
            formula=formula,
        )


def _equal_at_lags(samples: Image) -> tuple[NDArray[np.float64], float]:
    """The share of samples equal to the one ``lag`` later, lags 1, 2, ...; the least of their p-values, corrected."""
    from scipy.special import bdtrc

    lags = np.arange(1, min(samples.size // 2, _MOST_LAGS) + 1)
    hits = np.array([np.count_nonzero(samples[lag:] == samples[:-lag]) for lag in lags])
    pairs = samples.size - lags
    p_values = np.where(hits > 0, bdtrc(np.maximum(hits - 1, 0), pairs, BYTE_CHANCE), 1.0)
    return hits / pairs, min(1.0, len(lags) * float(p_values.min()))


def _repeats(samples: Image, size: int) -> tuple[float, float]:
    """The share of aligned blocks that occur more than once; the p-value of as many equal pairs (Poisson)."""
    from scipy.special import pdtrc

    blocks = samples[: samples.size // size * size].reshape(-1, size)
    _, counts = np.unique(np.ascontiguousarray(blocks).view(f"V{size}"), return_counts=True)
    pairs = int(np.sum(counts * (counts - 1) // 2))
    expected = len(blocks) * (len(blocks) - 1) / 2 / 256.0**size
    return float(counts[counts > 1].sum() / len(blocks)), float(pdtrc(pairs - 1, expected)) if pairs else 1.0


def _decrypt_by_dictionary(oracle: Oracle, size: int) -> tuple[Image | None, float]:
    """The challenge with every block of ``size`` bytes that the dictionary has; the share of samples in such blocks.

    The rest is mid-grey; None if the dictionary has no block of it. Ciphertexts must have the plaintext's shape.
    """
    wanted, place = np.unique(_blocks(oracle.challenge.image, size), return_inverse=True)
    plain = np.full((wanted.size, size), 128, np.uint8)
    known = np.zeros(wanted.size, bool)
    for chosen, cipher_image in _dictionary(oracle, size):
        blocks = _blocks(cipher_image, size)
        at = np.minimum(np.searchsorted(wanted, blocks), wanted.size - 1)
        new = np.flatnonzero((wanted[at] == blocks) & ~known[at])
        plain[at[new]] = chosen.ravel()[: blocks.size * size].reshape(-1, size)[new]
        known[at[new]] = True
        if known.all():
            break
    image = np.full(oracle.shape, 128, np.uint8)
    whole = place.size * size
    image.ravel()[:whole] = plain[place.ravel()].ravel()
    read = float(known[place.ravel()].sum() * size / image.size)
    return (image, read) if read else (None, 0.0)


def _dictionary(oracle: Oracle, size: int) -> Iterator[tuple[Image, Image]]:
    """Chosen and known plaintexts and their cipher images."""
    room = int(np.prod(oracle.shape)) // size
    left = oracle.remaining
    if size <= _SHORT and room and (left is None or 256**size // room + 1 <= left):
        yield from _all_blocks(oracle, size, room)
        return
    for value in range(256):
        if oracle.remaining == 0:
            return
        flat = np.full(oracle.shape, value, np.uint8)
        yield flat, oracle.encrypt(flat).image
    for _ in range(_KNOWN_PAIRS):
        if oracle.remaining == 0:
            return
        image, ciphertext = oracle.known_pair()
        yield image, ciphertext.image


def _all_blocks(oracle: Oracle, size: int, room: int) -> Iterator[tuple[Image, Image]]:
    """All blocks of ``size`` bytes, ``room`` of them in an image."""
    for first in range(0, 256**size, room):
        numbers = np.arange(first, first + room, dtype="<u4")
        image = np.zeros(oracle.samples, np.uint8)
        image[: room * size] = numbers.view(np.uint8).reshape(-1, 4)[:, :size].ravel()
        image = image.reshape(oracle.shape)
        yield image, oracle.encrypt(image).image


def _blocks(image: Image, size: int) -> NDArray[np.bytes_]:
    """(blocks,) in raster order; incomplete ones at the end are left out. A 1 is put after each block, since numpy
    ignores zero bytes at the end of a byte string."""
    whole = image.ravel()[: image.size // size * size].reshape(-1, size)
    marked = np.pad(whole, ((0, 0), (0, 1)), constant_values=1)
    return np.ascontiguousarray(marked).view(f"S{size + 1}").ravel()
