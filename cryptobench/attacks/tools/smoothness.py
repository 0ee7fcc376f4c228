"""Choosing among candidate images by their smoothness, as a whole or part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["PARTS", "Smoothest", "SmoothestParts", "smoothness"]

# |x - y| of two independent uniform bytes: mean (256^2 - 1) / 768, second moment (256^2 - 1) / 6.
_MEAN = 65535 / 768
_VARIANCE = 65535 / 6 - _MEAN**2
# Ways to divide an image, with the axes of (rows, channels) that a part extends over.
PARTS: Mapping[str, tuple[int, ...]] = {"image": (0, 1), "channel": (0,), "row": (1,), "row of a channel": ()}


@dataclass(frozen=True, eq=False)
class SmoothestParts:
    """From which candidate each part of the image is taken.

    ``parts`` is a key of `PARTS`; ``chosen`` is (rows, channels), broadcastable; ``log_p`` is the natural logarithm of
    the p-value of the smoothest part, ``worst_log_p`` that of the roughest part, ``total_log_p`` their sum.
    """

    parts: str
    chosen: NDArray[np.int64]
    log_p: float
    worst_log_p: float
    total_log_p: float


@dataclass
class Smoothest:
    """Finds the smoothest of many candidates, as a whole and in each part by `PARTS`, without keeping them.

    Roughness is the sum of absolute differences of neighbours in a row, in pairs that have no sample in common, so
    that it is a sum of independent terms for an image of uniform noise.
    """

    shape: tuple[int, ...]
    candidates: int = 0
    _least: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    _chosen: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def add(self, candidate: Image) -> None:
        """Compare the next candidate, of the given shape, with the best so far."""
        rough = _roughness(np.ascontiguousarray(self._stacked(candidate)))
        for name, axes in PARTS.items():
            total = rough.sum(axis=axes, keepdims=True) if axes else rough
            if name not in self._least:
                self._least[name], self._chosen[name] = total.copy(), np.zeros(total.shape, np.int64)
                continue
            better = total < self._least[name]
            if better.any():
                self._least[name][better] = total[better]
                self._chosen[name][better] = self.candidates
        self.candidates += 1

    def best(self) -> SmoothestParts:
        """The way to divide the image whose smoothest parts are together the least likely under noise.

        The p-value is that of the smoothest part under noise, times the number of candidates, parts and ways.
        """
        from scipy.special import log_ndtr

        rows, columns, channels = self._stacked(np.empty(self.shape, np.uint8)).shape
        logs: dict[str, NDArray[np.float64]] = {}
        for name, least in self._least.items():
            pairs = max(1, rows * (columns // 2) * channels // least.size)
            z = (least - _MEAN * pairs) / np.sqrt(_VARIANCE * pairs)
            logs[name] = np.minimum(0.0, log_ndtr(z) + np.log(self.candidates))
        name = min(logs, key=lambda one: float(logs[one].sum()))
        log_p = min(float(one.min()) + float(np.log(one.size * len(logs))) for one in logs.values())
        worst, total = float(logs[name].max()), float(logs[name].sum())
        return SmoothestParts(name, self._chosen[name], min(0.0, log_p), worst, total)

    def _stacked(self, image: Image) -> Image:
        """(rows, columns, channels)."""
        return image.reshape(*self.shape[:2], -1)


def smoothness(image: Image) -> float:
    """The logarithm of the p-value of an image as noise, by the differences of its neighbours."""
    alone = Smoothest(image.shape)
    alone.add(image)
    return alone.best().total_log_p


@njit(cache=True, nogil=True)
def _roughness(stacked: Image) -> NDArray[np.int64]:
    """(rows, channels)."""
    rows, columns, channels = stacked.shape
    rough = np.zeros((rows, channels), np.int64)
    for row in range(rows):
        for left in range(0, columns - 1, 2):
            for channel in range(channels):
                rough[row, channel] += abs(
                    np.int64(stacked[row, left, channel]) - np.int64(stacked[row, left + 1, channel])
                )
    return rough
