"""Correlation of adjacent pixels over all pairs, and of channels."""

from __future__ import annotations

from math import nan, sqrt
from typing import Any

from cryptobench.metrics import _kernels
from cryptobench.metrics._arrays import Bytes, plane_pair
from cryptobench.metrics._arrays import plane as checked_plane
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import normal_result

__all__ = ["DIRECTIONS", "adjacent_correlation", "adjacent_correlations", "channel_correlation"]

DIRECTIONS = ("horizontal", "vertical", "diagonal", "antidiagonal")
MINIMUM_PAIRS = 30  # for the normal approximation


def adjacent_correlation(plane: Any, direction: str, alpha: float = 0.05) -> Result:
    """Pearson correlation of all adjacent pixel pairs in one of `DIRECTIONS`; see `adjacent_correlations`.

    >>> import numpy as np
    >>> ramp = np.tile(np.arange(256, dtype=np.uint8), (256, 1))  # each pixel is its left neighbour plus one
    >>> adjacent_correlation(ramp, "horizontal").value
    1.0
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}, not {direction!r}")
    return adjacent_correlations(plane, alpha)[direction]


def adjacent_correlations(plane: Any, alpha: float = 0.05) -> dict[str, Result]:
    """Pearson correlation of all adjacent pixel pairs of one channel (H, W), by direction.

    Sums are exact integers. Two-sided normal test with standard deviation 1 / sqrt(pairs). A direction without pairs
    is nan; below 30 pairs there is no p-value. Where the pixels are constant the correlation does not
    exist; it is reported as 1 with p-value 0, for each pixel then determines its neighbour.
    """
    return correlations_of(checked_plane(plane), alpha)


def channel_correlation(first: Any, second: Any, alpha: float = 0.05) -> Result:
    """Pearson correlation of two channels (H, W) pixel by pixel; conventions as in `adjacent_correlations`."""
    one, two = plane_pair(first, second)
    return _correlation((one.size, *_kernels.pair_sums(one.ravel(), two.ravel())), alpha)


def correlations_of(plane: Bytes, alpha: float) -> dict[str, Result]:
    """`adjacent_correlations` of a checked plane."""
    sums = _kernels.adjacent_sums(plane).tolist()
    return {direction: _correlation(tuple(row), alpha) for direction, row in zip(DIRECTIONS, sums, strict=True)}


def _correlation(sums: tuple[int, ...], alpha: float) -> Result:
    """From pairs, sum x, sum y, sum x^2, sum y^2, sum xy; Python integers, so nothing overflows or cancels."""
    pairs, x, y, xx, yy, xy = sums
    enough = pairs >= MINIMUM_PAIRS
    if pairs < 2:
        return Result(nan)
    spread = (pairs * xx - x * x) * (pairs * yy - y * y)
    if spread == 0:
        return Result(1.0, 0.0, *_interval(pairs, alpha), 0.0) if enough else Result(1.0, 0.0)
    value = max(-1.0, min(1.0, (pairs * xy - x * y) / sqrt(spread)))
    return normal_result(value, 0.0, 1 / sqrt(pairs), alpha) if enough else Result(value, 0.0)


def _interval(pairs: int, alpha: float) -> tuple[float | None, float | None]:
    null = normal_result(0.0, 0.0, 1 / sqrt(pairs), alpha)
    return null.low, null.high
