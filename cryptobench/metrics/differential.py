"""Differences between two ciphertexts: NPCR, UACI and BACI, in percent."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from typing import Any

import numpy as np
from scipy import special

from cryptobench.metrics import _kernels
from cryptobench.metrics._arrays import Bytes, check_alpha, pair
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import normal_quantile, normal_result

__all__ = ["baci", "npcr", "npcr_critical_value", "uaci", "uaci_interval"]

F = 255  # the largest value
MINIMUM_SAMPLES = 30  # for the normal approximation of a mean

NPCR_MEAN = 100 * F / (F + 1)
UACI_MEAN = 100 * (F + 2) / (3 * F + 3)


def npcr(first: Any, second: Any, alpha: float = 0.05) -> Result:
    """Share of samples that differ, in percent (number of pixels change rate).

    One-sided against two independent uniform images: ``low`` is the published critical value (Wu, Noonan and Agaian
    2011), ``p_value`` the exact binomial tail, which agrees with it but for a sample or two.

    >>> zero, one = np.zeros((16, 16), np.uint8), np.ones((16, 16), np.uint8)
    >>> npcr(zero, one).value
    100.0
    >>> npcr(zero, zero).p_value
    0.0
    """
    one, two = pair(first, second)
    return npcr_of(_kernels.count_differing(one.ravel(), two.ravel()), one.size, alpha)


def uaci(first: Any, second: Any, alpha: float = 0.05) -> Result:
    """Mean |first - second| / 255, in percent (unified average changing intensity).

    Two-sided normal test with the exact variance (Wu, Noonan and Agaian 2011); no p-value below 30 samples.

    >>> low, high = np.zeros((16, 16), np.uint8), np.full((16, 16), 51, np.uint8)
    >>> result = uaci(low, high)
    >>> result.value, round(result.expected, 6)
    (20.0, 33.463542)
    """
    one, two = pair(first, second)
    return uaci_of(_kernels.absolute_sum(one.ravel(), two.ravel()), one.size, alpha)


def baci(first: Any, second: Any, alpha: float = 0.05) -> Result:
    """Mean over all 2x2 windows of the six pairwise differences of D = |first - second|, over 255, in percent.

    Block average changing intensity (Zhang), by channel and averaged. Two-sided normal test with the exact mean
    and variance under two independent uniform images; no p-value below 30 windows. ValueError below 2x2 pixels.
    """
    one, two = pair(first, second)
    if min(one.shape[:2]) < 2:
        raise ValueError(f"BACI needs at least 2x2 pixels, not shape {one.shape}; leave it out for thin images")
    return baci_of(one, two, alpha)


def npcr_critical_value(samples: int, alpha: float = 0.05) -> float:
    """The NPCR in percent below which ``samples`` compared samples are rejected (Wu, Noonan and Agaian 2011)."""
    check_alpha(alpha)
    return NPCR_MEAN - normal_quantile(1 - alpha) * npcr_sd(samples)


def uaci_interval(samples: int, alpha: float = 0.05) -> tuple[float, float]:
    """The UACI interval in percent outside which ``samples`` samples are rejected (Wu, Noonan and Agaian 2011)."""
    check_alpha(alpha)
    half_width = normal_quantile(1 - alpha / 2) * uaci_sd(samples)
    return UACI_MEAN - half_width, UACI_MEAN + half_width


def npcr_of(differing: int, size: int, alpha: float) -> Result:
    """`npcr` from the number of samples that differ."""
    equal = size - differing
    p_value = 1.0 if equal == 0 else float(special.bdtrc(float(equal - 1), size, 1 / (F + 1)))
    return Result(100 * differing / size, NPCR_MEAN, npcr_critical_value(size, alpha), None, p_value)


def uaci_of(distance: int, size: int, alpha: float) -> Result:
    """`uaci` from the sum of absolute differences."""
    value = 100 * distance / (F * size)
    if size < MINIMUM_SAMPLES:
        return Result(value, UACI_MEAN)
    return normal_result(value, UACI_MEAN, uaci_sd(size), alpha)


def baci_of(first: Bytes, second: Bytes, alpha: float) -> Result:
    """`baci` of checked images."""
    height, width = first.shape[:2]
    channels = 1 if first.ndim == 2 else first.shape[2]
    difference = _kernels.absolute_difference(first.ravel(), second.ravel()).reshape(height, width * channels)
    windows = (height - 1) * (width - 1)
    value = 100 * _kernels.window_sums(difference, channels) / (6 * F * windows * channels)
    mean = 100 * _distance_moments()[0] / F
    if windows * channels < MINIMUM_SAMPLES:
        return Result(value, mean)
    return normal_result(value, mean, _baci_sd(height, width) / channels**0.5, alpha)


def npcr_sd(samples: int) -> float:
    """Standard deviation of the NPCR of two independent uniform images of so many samples, in percent."""
    return 100 / (F + 1) * sqrt(F / samples)


def uaci_sd(samples: int) -> float:
    """Standard deviation of the UACI of two independent uniform images of so many samples, in percent."""
    return 100 * sqrt((F + 2) * (F * F + 2 * F + 3) / (18 * (F + 1) ** 2 * F * samples))


@lru_cache(maxsize=1)
def _distance_moments() -> tuple[float, float, float]:
    """E|D1 - D2|, Var|D1 - D2| and Var(E[|D1 - D2| given D1]) for D = |U1 - U2|, U uniform on 0..255."""
    d = np.arange(F + 1)
    weight = np.where(d == 0, F + 1, 2 * (F + 1 - d)) / (F + 1) ** 2
    distance = np.abs(d[:, None] - d[None, :])
    given = distance @ weight
    mean = float(weight @ given)
    return mean, float(weight @ (distance**2) @ weight) - mean**2, float(weight @ given**2) - mean**2


@lru_cache(maxsize=256)
def _baci_sd(height: int, width: int) -> float:
    """Standard deviation of one channel's BACI, in percent.

    BACI is a weighted sum of |D_i - D_j| over the edges of the grid with diagonals; an edge weighs as many windows as
    hold it, and only edges that share a pixel are correlated.
    """
    _, edge_variance, shared = _distance_moments()
    # Sums over rows (columns) of the squared number of windows that a row (column) lies in: 1, 2, ..., 2, 1.
    rows, columns = 4 * height - 6, 4 * width - 6
    edges = (width - 1) * rows + (height - 1) * columns + 2 * (height - 1) * (width - 1)
    vertices = 9 * rows * columns
    variance = edge_variance * edges + shared * (vertices - 2 * edges)
    return 100 * sqrt(variance) / (6 * F * (height - 1) * (width - 1))
