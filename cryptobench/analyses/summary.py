"""Summaries over independent trials, each with the distribution that an ideal cipher gives it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.special import betainc, ndtr, ndtri, stdtrit

from cryptobench.metrics.result import Result

__all__ = [
    "at_least",
    "binomial_cdf",
    "binomial_share",
    "distinct_counts",
    "extreme_p_value",
    "mean_interval",
    "normal_mean",
    "percent",
    "sidak_level",
    "two_sided_share",
]


def binomial_cdf(successes: int, trials: int, probability: float) -> float:
    """P(X <= successes) for X ~ Binomial(trials, probability), by the regularised incomplete beta function.

    (`scipy.special.bdtr` is wrong in the second digit near the median of 10^7 trials.)
    """
    if successes < 0:
        return 0.0
    if successes >= trials:
        return 1.0
    return float(betainc(trials - successes, successes + 1, 1 - probability))


@lru_cache(maxsize=1024)
def at_least(level: float, trials: int, probability: float) -> int:
    """The smallest k with P(X <= k) >= level for X ~ Binomial(trials, probability)."""
    low, high = 0, trials
    while low < high:
        middle = (low + high) // 2
        if binomial_cdf(middle, trials, probability) >= level:
            high = middle
        else:
            low = middle + 1
    return low


def binomial_share(successes: int, trials: int, probability: float, alpha: float) -> Result:
    """The share of successes, tested exactly and one-sided: it fails when it is too low."""
    low = at_least(alpha, trials, probability) / trials
    return Result(successes / trials, probability, low, None, binomial_cdf(successes, trials, probability))


def two_sided_share(successes: int, trials: int, alpha: float) -> Result:
    """The share of successes, tested exactly against one half on both sides."""
    tail = min(successes, trials - successes)
    low = at_least(alpha / 2, trials, 0.5) / trials
    return Result(successes / trials, 0.5, low, 1 - low, min(1.0, 2 * binomial_cdf(tail, trials, 0.5)))


def normal_mean(values: Sequence[float], expected: float, deviations: Sequence[float], alpha: float) -> Result:
    """The mean of independent values of known standard ``deviations``, tested against ``expected`` on both sides."""
    deviation = math.sqrt(math.fsum(d * d for d in deviations)) / len(values)
    value, half = math.fsum(values) / len(values), -float(ndtri(alpha / 2)) * deviation
    p = 2 * float(ndtr(-abs(value - expected) / deviation))
    return Result(value, expected, expected - half, expected + half, p)


def mean_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Student's confidence interval for the mean; ValueError for fewer than two values."""
    if len(values) < 2:
        raise ValueError(f"{len(values)} trial(s) have a value, an interval for the mean needs at least 2")
    half = float(stdtrit(len(values) - 1, (1 + level) / 2) * np.std(values, ddof=1)) / math.sqrt(len(values))
    mean = math.fsum(values) / len(values)
    return mean - half, mean + half


def extreme_p_value(smallest: float, trials: int) -> float:
    """The probability that the smallest of ``trials`` independent p-values is no larger than ``smallest`` (Sidak)."""
    return 1.0 if smallest >= 1 else -math.expm1(trials * math.log1p(-smallest))


def sidak_level(alpha: float, trials: int) -> float:
    """The level for each of ``trials`` independent tests that makes ``alpha`` the level of their worst."""
    return -math.expm1(math.log1p(-alpha) / trials)


def percent(share: Result) -> Result:
    """A result in percent from one as a share."""
    expected, low, high = (None if bound is None else 100 * bound for bound in (share.expected, share.low, share.high))
    return Result(100 * share.value, expected, low, high, share.p_value)


def distinct_counts(distinct: int, trials: int, samples: int, probability: float, alpha: float) -> Result:
    """The number of distinct values among ``trials`` draws from Binomial(samples, probability), tested one-sided.

    The expected number is exact. One draw changes the count by at most one, so McDiarmid's inequality bounds the
    probability of a count that low by exp(-2 t^2 / trials) at t below the expected; the p-value is that bound.
    """
    centre, deviation = samples * probability, math.sqrt(samples * probability * (1 - probability))
    first = max(0, math.floor(centre - 12 * deviation - 12))
    last = min(samples, math.ceil(centre + 12 * deviation + 12))
    cumulative = [binomial_cdf(count, samples, probability) for count in range(first - 1, last + 1)]
    masses = np.diff(cumulative).clip(0, 1 - 1e-16)
    expected = float(-np.expm1(trials * np.log1p(-masses)).sum())
    slack = math.sqrt(trials * math.log(1 / alpha) / 2)
    p = math.exp(-2 * max(0.0, expected - distinct) ** 2 / trials)
    return Result(float(distinct), expected, max(1.0, expected - slack), None, p)
