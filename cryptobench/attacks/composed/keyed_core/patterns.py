"""Changes of an image that a simple public map may make one of a single sample."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, prod

import numpy as np

from cryptobench.cipher import Image

__all__ = ["Pattern", "edges", "patterns", "shifted"]

Pattern = tuple[str, Image]
"""Its kind, and the integers, mod 256 and flat, by which the samples change."""

_MOST_PASSES = 4
_BLOCKS = (2, 4, 8)
_NEAR = 5  # places at each edge


def patterns(shape: tuple[int, ...]) -> list[Pattern]:
    """Single samples; what is a single one before up to four running sums, in any direction, along samples, pixels,
    columns, or rows and columns, or before up to two differences in both directions; all samples, all but one, or those
    of a row, column or block. Larger images have those of smaller ones, in the same order."""
    samples, bands = prod(shape), prod(shape[2:])
    middle = (shape[0] // 2 * shape[1] + shape[1] // 2) * bands
    found = [("unit", _placed(samples, {place: 1})) for place in (samples - 1, 0, middle)]
    lags = [lag for lag in dict.fromkeys((1, bands, bands * shape[1])) if lag < samples]
    for lag in lags:
        for sign in (-1, 1):
            for passes in range(1, _MOST_PASSES + 1):
                start = middle - passes // 2 * lag
                change = {start + k * lag: sign**k * comb(passes, k) for k in range(passes + 1)}
                found.append(("passes", _placed(samples, change)))
    if len(lags) > 1:
        for sign in (-1, 1):
            corners = {middle: 1, middle + bands: sign, middle + lags[-1]: sign, middle + lags[-1] + bands: 1}
            found.append(("passes", _placed(samples, corners)))
    all_but_one = np.ones(samples, np.uint8)
    all_but_one[middle] = 0
    found += [("area", np.ones(samples, np.uint8)), ("area", all_but_one)]
    found += [("area", pattern) for pattern in _ramps(samples)]
    areas = [(shape[0], 1), (1, shape[1]), *((side, side) for side in _BLOCKS if side < min(shape[:2]))]
    for height, width in areas:
        area = np.zeros(shape, np.uint8)
        area[:height, :width] = 1
        found.append(("area", area.ravel()))
    return found


def _ramps(samples: int) -> Iterator[Image]:
    """What differences in both directions, taken once or twice, make a change of the first sample, or of the last."""
    ramp = np.arange(1, samples + 1).astype(np.uint8)
    for change in (ramp, np.cumsum(ramp[::-1], dtype=np.uint8)):
        yield change
        yield np.ascontiguousarray(change[::-1])


def shifted(pattern: Image, by: int) -> Image:
    """A flat pattern ``by`` places later, or earlier; what leaves the image is left out."""
    moved = np.zeros_like(pattern)
    if by >= 0:
        moved[by:] = pattern[: pattern.size - by]
    else:
        moved[:by] = pattern[-by:]
    return moved


def edges(shape: tuple[int, ...]) -> list[Image]:
    """All patterns of running sums and differences, moved to the first samples and to the last ones, cut off or not."""
    found = {}
    for kind, pattern in patterns(shape):
        places = np.flatnonzero(pattern)
        if kind == "passes":
            steps = (
                np.arange(-places[-1], -places[0] + 1),
                np.arange(pattern.size - 1 - places[-1], pattern.size - places[0]),
            )
            for by in np.concatenate([step[:_NEAR] for step in (steps[0][::-1], steps[0], steps[1], steps[1][::-1])]):
                moved = shifted(pattern, int(by))
                found[moved.tobytes()] = moved
    return list(found.values())


def _placed(samples: int, change: dict[int, int]) -> Image:
    """Zeros but for these places; those outside the image are left out."""
    image = np.zeros(samples, np.uint8)
    for place, number in change.items():
        if 0 <= place < samples:
            image[place] = number % 256
    return image
