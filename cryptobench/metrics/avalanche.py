"""Avalanche: how many ciphertext bits flip."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special

from cryptobench.metrics import _kernels
from cryptobench.metrics._arrays import check_alpha, pair
from cryptobench.metrics.result import Result
from cryptobench.metrics.statistics import normal_result

__all__ = ["bit_avalanche", "strict_avalanche"]

MINIMUM_BITS = 800  # 100 samples; below, the steps of the binomial distribution are too coarse for the normal one


def bit_avalanche(first: Any, second: Any, alpha: float = 0.05) -> Result:
    """Share of bits that differ between two images, in percent.

    Two-sided test against fair coin flips; no p-value below 800 bits.

    >>> zero, low_half = np.zeros((16, 16), np.uint8), np.full((16, 16), 0x0F, np.uint8)
    >>> result = bit_avalanche(zero, low_half)
    >>> result.value, result.expected, result.p_value
    (50.0, 50.0, 1.0)
    """
    one, two = pair(first, second)
    bits = 8 * one.size
    value = 100 * _kernels.count_flipped_bits(one.ravel(), two.ravel()) / bits
    if bits < MINIMUM_BITS:
        return Result(value, 50.0)
    return normal_result(value, 50.0, 50 / bits**0.5, alpha)


def strict_avalanche(flips: Any, alpha: float = 0.05) -> Result:
    """Largest distance from 1/2 of any output bit's flip rate (strict avalanche criterion, Webster and Tavares 1985).

    ``flips`` is boolean, (m, ...): for each of m trials, which output bits flipped, for each flipped input bit if
    there is such an axis. The p-value is exact for independent fair flips: binomial, with Sidak's correction for the
    number of rates. ``expected`` is the mean of the largest distance, ``high`` the largest one that is accepted.
    """
    check_alpha(alpha)
    table = np.asarray(flips)
    if table.dtype != np.bool_ or table.ndim < 2 or table.size == 0:
        raise ValueError(
            f"flips must be a non-empty boolean array of shape (trials, ...), not {table.dtype} of shape {table.shape}"
        )
    trials, rates = len(table), table[0].size
    counts = table.reshape(trials, rates).sum(axis=0)
    extreme = int(np.abs(2 * counts - trials).max())  # |2k - m|
    survival, expected, accepted = _largest_distance(trials, rates, alpha)
    p_value = float(survival[(extreme - trials % 2) // 2])
    return Result(extreme / (2 * trials), expected, None, accepted, p_value)


@lru_cache(maxsize=64)
def _largest_distance(trials: int, rates: int, alpha: float) -> tuple[np.ndarray, float, float]:
    """For fair flips: P(largest |2k - m| >= e) for each possible e, its mean / 2m, the largest accepted e / 2m."""
    extremes = np.arange(trials % 2, trials + 1, 2)
    # P(|2k - m| >= e) = 2 P(k <= (m - e) / 2), except that e = 0 is certain.
    one = np.where(extremes == 0, 1.0, np.minimum(1.0, 2 * special.bdtr((trials - extremes) / 2.0, trials, 0.5)))
    with np.errstate(divide="ignore"):
        survival = -np.expm1(rates * np.log1p(-one))
    steps = np.diff(extremes, prepend=0)
    mean = float((steps * survival).sum())
    accepted = float(extremes[survival >= alpha].max())
    return survival, mean / (2 * trials), accepted / (2 * trials)
