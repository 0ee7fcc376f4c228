"""Traceability: how well damage to a ciphertext can be located on the decrypted image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["TRACES", "Trace", "Tracer", "area_under_roc", "damage_spread", "energy_share", "error_map", "noise_map"]

TRACES = ("trace_auc", "trace_energy", "trace_auc_blind", "trace_energy_blind")

Scores = NDArray[np.integer]
Mask = NDArray[np.bool_]

_WINDOW = 5
_RANDOM_DECRYPTIONS = 4
_MOST_CHANNELS = 257  # whose errors of 255 each add up to 16 bits
_STRIP = 1 << 16  # samples or scores taken at once, so that wide numbers take little memory


@dataclass(frozen=True)
class Trace:
    """A score of how well damage is located, its mean if decryption returns a random image, and why there is none."""

    value: float | None
    expected: float | None
    reason: str = ""


class Tracer:
    """Locates damage on decryptions of one plaintext, with it at hand and blindly.

    Means under a random decryption: in closed form for the energy, since the mean of (p - U)^2 depends on p only; by
    ``_RANDOM_DECRYPTIONS`` drawn images for the AUC of errors; 0.5 and the mask's area for the blind
    scores, which do not know the plaintext.
    """

    def __init__(self, plain: Image, generator: np.random.Generator) -> None:
        self._plain = plain
        self._random_errors = [
            error_map(plain, generator.integers(0, 256, plain.shape, dtype=np.uint8))
            for _ in range(_RANDOM_DECRYPTIONS)
        ]

    def traces(self, recovered: Image, mask: Mask) -> dict[str, Trace]:
        """The four `TRACES` of a recovered image, (H, W) or (H, W, C), for a damage mask, (H, W)."""
        everywhere = "" if 0 < np.count_nonzero(mask) < mask.size else "the damage covers the whole image"
        drawn = [area_under_roc(scores, mask) for scores in self._random_errors]
        chance = [auc for auc in drawn if auc is not None]
        errors = _counts(error_map(self._plain, recovered), mask)
        noise = _counts(noise_map(recovered), mask)
        energy, blind_energy = _energy_share(*errors), _energy_share(*noise)
        return {
            "trace_auc": Trace(_area_under_roc(*errors), float(np.mean(chance)) if chance else None, everywhere),
            "trace_energy": Trace(
                energy, self._random_energy_share(mask), "no error anywhere" if energy is None else ""
            ),
            "trace_auc_blind": Trace(_area_under_roc(*noise), 0.5, everywhere),
            "trace_energy_blind": Trace(
                blind_energy, float(mask.mean()), "no noise anywhere" if blind_energy is None else ""
            ),
        }

    def _random_energy_share(self, mask: Mask) -> float:
        """The share inside the mask of the mean of (p - U)^2; sums of quarters are exact."""
        inside = everywhere = 0.0
        for rows in _strips(self._plain):
            energy = (self._plain[rows] - 127.5) ** 2 + (256**2 - 1) / 12
            by_pixel = energy.sum(axis=2) if energy.ndim == 3 else energy
            inside += float(by_pixel[mask[rows]].sum())
            everywhere += float(by_pixel.sum())
        return inside / everywhere


def error_map(first: Image, second: Image) -> Scores:
    """The absolute error of each pixel, summed over channels: (H, W) integers. Images must have one shape."""
    _require_equal_shapes(first, second)
    channels = first.shape[2] if first.ndim == 3 else 1
    errors = np.zeros(first.shape[:2], np.uint16 if channels <= _MOST_CHANNELS else np.uint32)
    for rows in _strips(first):
        one, two = first[rows], second[rows]
        difference = np.maximum(one, two) - np.minimum(one, two)
        for channel in range(channels):
            errors[rows] += difference[..., channel] if difference.ndim == 3 else difference
    return errors


def noise_map(image: Image) -> Scores:
    """The local noise of each pixel, from the image alone: (H, W) integers, proportional to noise amplitude.

    Absolute response to the mask [[1, -2, 1], [-2, 4, -2], [1, -2, 1]], which is blind to edges along the axes
    and to slopes (Immerkaer 1996, "Fast noise variance estimation", CVIU 64:300), summed over channels and over a
    window of 5x5 pixels; the image is continued by reflection.
    """
    height, width = image.shape[:2]
    stacked = image if image.ndim == 3 else image[..., None]
    amplitude = np.empty((height, width), np.int32)
    rows, columns = (np.pad(np.arange(side), 1, mode="symmetric") for side in (height, width))
    for part in _strips(image):
        padded = stacked[rows[part.start : part.stop + 2]].astype(np.int16)[:, columns]
        vertical = padded[2:] - 2 * padded[1:-1] + padded[:-2]
        residual = vertical[:, 2:] - 2 * vertical[:, 1:-1] + vertical[:, :-2]
        amplitude[part] = np.abs(residual).sum(axis=2, dtype=np.int32)
    noise = np.empty((height, width), np.int32)
    rows, columns = (np.pad(np.arange(side), _WINDOW // 2, mode="symmetric") for side in (height, width))
    for part in _strips(image):
        around = amplitude[rows[part.start : part.stop + _WINDOW - 1]][:, columns]
        noise[part] = _windowed(_windowed(around).T).T
    return noise


def _windowed(scores: Scores) -> Scores:
    """Sums of _WINDOW consecutive rows."""
    last = len(scores) - _WINDOW + 1
    sums = scores[:last].copy()
    for k in range(1, _WINDOW):
        sums += scores[k : last + k]
    return sums


def area_under_roc(scores: Scores, mask: Mask) -> float | None:
    """The probability that a random pixel inside the mask scores above a random one outside; ties count one half.

    0.5 is no better than chance, 1 locates the damage fully, and so does 0 with the sign reversed. Exact, by
    counting equal scores (the Mann-Whitney statistic). None if the mask is empty or covers everything.
    """
    return _area_under_roc(*_counts(scores, mask))


def energy_share(scores: Scores, mask: Mask) -> float | None:
    """The share of the squared scores' sum that lies inside the mask; None if every score is 0."""
    return _energy_share(*_counts(scores, mask))


def _counts(scores: Scores, mask: Mask) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How often each score from 0 on occurs inside the mask, and outside."""
    counts = np.zeros((int(scores.max()) + 1, 2), np.int64)
    for rows in _strips(scores):
        found = np.bincount((2 * scores[rows].astype(np.int64) + ~mask[rows]).ravel())
        counts.ravel()[: found.size] += found
    return counts[:, 0], counts[:, 1]


def _area_under_roc(positives: NDArray[np.int64], negatives: NDArray[np.int64]) -> float | None:
    inside, outside = int(positives.sum()), int(negatives.sum())
    if inside == 0 or outside == 0:
        return None
    below = np.cumsum(negatives) - negatives
    return int(np.dot(positives, 2 * below + negatives)) / (2 * inside * outside)


def _energy_share(inside: NDArray[np.int64], outside: NDArray[np.int64]) -> float | None:
    squares = np.arange(inside.size) ** 2
    energy = int(np.dot(inside, squares))
    total = energy + int(np.dot(outside, squares))
    return energy / total if total else None


def damage_spread(undamaged: Image, recovered: Image) -> float:
    """The share of pixels that differ, in any channel, between the decryptions of a ciphertext and a damaged one."""
    return float(np.mean(error_map(undamaged, recovered) != 0))


def _strips(image: NDArray[np.integer]) -> Iterator[slice]:
    """The rows, some at a time."""
    height = len(image)
    step = max(1, _STRIP * height // image.size)
    for start in range(0, height, step):
        yield slice(start, min(start + step, height))


def _require_equal_shapes(first: Image, second: Image) -> None:
    if first.shape != second.shape:
        raise ValueError(f"images have shapes {first.shape} and {second.shape}, wanted equal shapes")
