"""Equivariance and continuity: is the encryption of a shifted or slightly changed image predictable from another?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["Equivariance", "correlation_test", "distance_test"]

_SHIFTS = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (2, 2), (0, 4), (4, 0), (4, 4), (8, 8))
_STEPS = (1, 2, 4, 8, 16, 32, 64)  # grey levels
# |x - y| of two uniform bytes: mean (256^2 - 1) / 768, mean square (256^2 - 1) / 6.
_MEAN_DISTANCE = (256**2 - 1) / 768
_DISTANCE_SPREAD = ((256**2 - 1) / 6 - _MEAN_DISTANCE**2) ** 0.5

Transformation = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True)
class Equivariance(Attack):
    """Encrypts a natural image, its cyclic shifts and mirror images, and the same image made brighter step by step.

    A convolutional cipher is equivariant by construction: E(shift P) is shift E(P) apart from the borders, at least for
    shifts by the stride of its downsampling. So is every cipher that treats all places equally. ``statistic`` is the
    greatest correlation of E(T P) with T E(P) in magnitude, T a shift or reflection; 0 under an ideal cipher. The
    curve of distances, mean |E(P + e) - E(P)| for e = 1, 2, 4, ..., 64, is flat at 85.3 under an ideal cipher and rises
    from 0 for a continuous one. Equal samples are counted too, in both tests: where 64 is added, chains of additions
    leave their lower planes unchanged.
    """

    name: ClassVar[str] = "equivariance"
    title: ClassVar[str] = "Equivariance and continuity"
    identifier: ClassVar[str] = "A18"
    model: ClassVar[Model] = "CPA"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        natural, _ = oracle.known_pair()
        plain = 96 + natural // 4  # 96 to 159: the brightest step is 223
        answer = oracle.encrypt(plain).image
        cipher_image = oracle.picture(answer)[0]
        tests: list[tuple[float, str]] = []
        correlations: dict[str, float] = {}
        for name, transform, expected, displaced in _transformations(plain, cipher_image):
            other = oracle.encrypt(transform(plain)).image
            if unusable := shapes_differ(other, answer):
                return unusable
            other = oracle.picture(other)[0]
            if unusable := shapes_differ(other, cipher_image):
                return unusable
            correlations[name], p = correlation_test(other[displaced], expected[displaced])
            tests.append((p, f"equivariant to {name}"))
        distances: dict[int, float] = {}
        for step in _STEPS:
            brighter = oracle.encrypt(plain + np.uint8(step)).image
            if unusable := shapes_differ(brighter, answer):
                return unusable
            distances[step], p = distance_test(*oracle.picture(brighter, answer))
            tests.append((p, f"close or equal where {step} is added to all samples"))
        least, what = min(tests, key=lambda test: test[0])
        p_value = min(1.0, len(tests) * least)
        best = max(correlations, key=lambda name: abs(correlations[name]), default="")
        numbers = {f"distance_at_{step}": distance for step, distance in distances.items()}
        numbers |= {f"correlation_{name}": value for name, value in correlations.items() if name in ("shift_2_2", best)}
        return AttackResult(
            statistic=abs(correlations[best]) if best else min(distances.values()) / _MEAN_DISTANCE,
            statistic_name="greatest correlation of E(T P) with T E(P)" if best else "least distance, 1 if ideal",
            expected=0.0 if best else 1.0,
            p_value=p_value,
            claims=("distinguisher",) if p_value < LEAK_LEVEL else (),
            notes=what if p_value < LEAK_LEVEL else "",
            numbers=numbers,
        )


def correlation_test(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> tuple[float, float]:
    """The correlation of two lists of bytes, and the probability of such a one, or of so many equal bytes, if they are
    independent."""
    from scipy.special import stdtr

    x, y = one.ravel() - np.mean(one), two.ravel() - np.mean(two)
    norm = float(np.sqrt((x @ x) * (y @ y)))
    count = one.size
    r = float(np.clip(x @ y / norm, -1, 1)) if norm else 0.0
    t = abs(r) * np.sqrt((count - 2) / max(1 - r * r, 1e-300)) if count > 2 else 0.0
    return r, min(1.0, 2 * min(_equal(one, two), 2 * float(stdtr(max(count - 2, 1), -t))))


def distance_test(one: Image, two: Image) -> tuple[float, float]:
    """The mean distance of samples in grey levels, and the probability of a smaller one, or of so many equal samples,
    among uniform bytes."""
    from scipy.special import ndtr

    distance = float(np.mean(np.abs(one.astype(np.int16) - two)))
    near = float(ndtr((distance - _MEAN_DISTANCE) / _DISTANCE_SPREAD * np.sqrt(one.size)))
    return distance, min(1.0, 2 * min(near, _equal(one, two)))


def _equal(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> float:
    """The probability of so many equal samples, with the chance that the two histograms give, 1/256 at least."""
    counts = [np.bincount(image.ravel(), minlength=256) / image.size for image in (one, two)]
    return binomial_sf(int(np.sum(one == two)), one.size, max(float(counts[0] @ counts[1]), BYTE_CHANCE))


def _transformations(
    plain: Image, cipher_image: Image
) -> Iterator[tuple[str, Transformation, Image, NDArray[np.bool_]]]:
    """Name, transformation of the plaintext, the cipher image transformed likewise, and which of its samples
    have another place then.

    Shifts by a fraction of a sample of the cipher image are left out, and transformations that displace nothing.
    """
    (height, width), (rows, columns) = plain.shape[:2], cipher_image.shape[:2]
    both: dict[str, tuple[Transformation, Transformation]] = {}
    for down, right in _SHIFTS:
        if down < height and right < width and not (down * rows % height or right * columns % width):
            by = down * rows // height, right * columns // width
            both[f"shift_{down}_{right}"] = _roll(down, right), _roll(*by)
    flips: dict[str, Transformation] = {
        "mirror": lambda image: image[:, ::-1],
        "upside_down": lambda image: image[::-1],
    }
    if height == width and rows == columns:
        flips["transpose"] = lambda image: image.swapaxes(0, 1)
    both |= {name: (flip, flip) for name, flip in flips.items()}
    places = np.arange(cipher_image.size).reshape(cipher_image.shape)
    for name, (of_plain, of_cipher_image) in both.items():
        displaced = of_cipher_image(places) != places
        if displaced.any():
            yield name, _contiguous(of_plain), of_cipher_image(cipher_image), displaced


def _roll(down: int, right: int) -> Transformation:
    return lambda image: np.roll(image, (down, right), (0, 1))


def _contiguous(transform: Transformation) -> Transformation:
    return lambda image: np.ascontiguousarray(transform(image))
