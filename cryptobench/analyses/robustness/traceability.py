"""Traceability: how well damage to a ciphertext can be located on the decrypted image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["TRACES", "Trace", "Tracer", "area_under_roc", "damage_spread", "energy_share", "error_map", "noise_map"]

TRACES = ("trace_auc", "trace_energy", "trace_auc_blind", "trace_energy_blind")

Scores = NDArray[np.int64]
Mask = NDArray[np.bool_]

_WINDOW = 5
_RANDOM_DECRYPTIONS = 4


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
        energy = (plain - 127.5) ** 2 + (256**2 - 1) / 12
        self._random_energy = energy.sum(axis=2) if energy.ndim == 3 else energy
        self._random_errors = [
            error_map(plain, generator.integers(0, 256, plain.shape, dtype=np.uint8))
            for _ in range(_RANDOM_DECRYPTIONS)
        ]

    def traces(self, recovered: Image, mask: Mask) -> dict[str, Trace]:
        """The four `TRACES` of a recovered image, (H, W) or (H, W, C), for a damage mask, (H, W)."""
        errors, noise = error_map(self._plain, recovered), noise_map(recovered)
        everywhere = "" if 0 < np.count_nonzero(mask) < mask.size else "the damage covers the whole image"
        drawn = [area_under_roc(scores, mask) for scores in self._random_errors]
        chance = [auc for auc in drawn if auc is not None]
        energy, blind_energy = energy_share(errors, mask), energy_share(noise, mask)
        return {
            "trace_auc": Trace(area_under_roc(errors, mask), float(np.mean(chance)) if chance else None, everywhere),
            "trace_energy": Trace(
                energy, float(self._random_energy[mask].sum() / self._random_energy.sum()),
                "no error anywhere" if energy is None else "",
            ),
            "trace_auc_blind": Trace(area_under_roc(noise, mask), 0.5, everywhere),
            "trace_energy_blind": Trace(
                blind_energy, float(mask.mean()), "no noise anywhere" if blind_energy is None else ""
            ),
        }  # fmt: skip


def error_map(first: Image, second: Image) -> Scores:
    """The absolute error of each pixel, summed over channels: (H, W) integers. Images must have one shape."""
    _require_equal_shapes(first, second)
    error: Scores = np.abs(first.astype(np.int64) - second)
    return np.sum(error, axis=2, dtype=np.int64) if error.ndim == 3 else error


def noise_map(image: Image) -> Scores:
    """The local noise of each pixel, from the image alone: (H, W) integers, proportional to noise amplitude.

    Absolute response to the mask [[1, -2, 1], [-2, 4, -2], [1, -2, 1]], which is blind to edges along the axes
    and to slopes (Immerkaer 1996, "Fast noise variance estimation", CVIU 64:300), summed over channels and over a
    window of 5x5 pixels; the image is continued by reflection.
    """
    stacked = (image if image.ndim == 3 else image[..., None]).astype(np.int64)
    padded = np.pad(stacked, ((1, 1), (1, 1), (0, 0)), mode="symmetric")
    vertical = padded[2:] - 2 * padded[1:-1] + padded[:-2]
    residual = vertical[:, 2:] - 2 * vertical[:, 1:-1] + vertical[:, :-2]
    amplitude = np.pad(np.abs(residual).sum(axis=2), _WINDOW // 2, mode="symmetric")
    return _windowed(_windowed(amplitude).T).T


def _windowed(scores: Scores) -> Scores:
    """Sums of _WINDOW consecutive rows."""
    sums = np.cumsum(np.pad(scores, ((1, 0), (0, 0))), axis=0)
    return sums[_WINDOW:] - sums[:-_WINDOW]


def area_under_roc(scores: Scores, mask: Mask) -> float | None:
    """The probability that a random pixel inside the mask scores above a random one outside; ties count one half.

    0.5 is no better than chance, 1 locates the damage fully, and so does 0 with the sign reversed. Exact, by
    counting equal scores (the Mann-Whitney statistic). None if the mask is empty or covers everything.
    """
    inside, outside = scores[mask], scores[~mask]
    if inside.size == 0 or outside.size == 0:
        return None
    length = int(scores.max()) + 1
    positives, negatives = np.bincount(inside, minlength=length), np.bincount(outside, minlength=length)
    below = np.cumsum(negatives) - negatives
    twice_wins = int(np.dot(positives, 2 * below + negatives))
    return twice_wins / (2 * inside.size * outside.size)


def energy_share(scores: Scores, mask: Mask) -> float | None:
    """The share of the squared scores' sum that lies inside the mask; None if every score is 0."""
    squares = scores * scores
    total = int(squares.sum())
    return int(squares[mask].sum()) / total if total else None


def damage_spread(undamaged: Image, recovered: Image) -> float:
    """The share of pixels that differ, in any channel, between the decryptions of a ciphertext and a damaged one."""
    _require_equal_shapes(undamaged, recovered)
    return float(np.mean(error_map(undamaged, recovered) != 0))


def _require_equal_shapes(first: Image, second: Image) -> None:
    if first.shape != second.shape:
        raise ValueError(f"images have shapes {first.shape} and {second.shape}, wanted equal shapes")
