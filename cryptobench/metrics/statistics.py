"""Tails of distributions, intervals, corrections for many tests, and summaries over independent trials."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special
from scipy.special import betainc, ndtr, ndtri, stdtrit

from cryptobench.metrics._arrays import check_alpha
from cryptobench.metrics.result import Result

__all__ = [
    "BYTE_CHANCE",
    "CHANGED",
    "Share",
    "binomial_cdf",
    "binomial_interval",
    "binomial_lower_tail",
    "binomial_p_value",
    "binomial_ppf",
    "binomial_sf",
    "binomial_share",
    "chi_square_result",
    "clustered_share",
    "distinct_counts",
    "extreme_p_value",
    "gamma_result",
    "holm",
    "mean_interval",
    "normal_mean",
    "normal_quantile",
    "normal_result",
    "percent",
    "sidak_level",
    "spread_p_value",
    "two_sided_share",
]

BYTE_CHANCE = 1 / 256  # that two independent uniform bytes are equal
CHANGED = 255 / 256  # of the samples of two independent uniform images


@lru_cache(maxsize=256)
def normal_quantile(probability: float) -> float:
    """The standard normal quantile."""
    return float(special.ndtri(probability))


def normal_result(value: float, mean: float, sd: float, alpha: float) -> Result:
    """A two-sided normal test of ``value``."""
    check_alpha(alpha)
    half_width = normal_quantile(1 - alpha / 2) * sd
    p_value = 2.0 * float(special.ndtr(-abs(value - mean) / sd))
    return Result(value, mean, mean - half_width, mean + half_width, p_value)


def normal_mean(values: Sequence[float], expected: float, deviations: Sequence[float], alpha: float) -> Result:
    """The mean of independent values of known standard ``deviations``, tested against ``expected`` on both sides."""
    deviation = math.sqrt(math.fsum(d * d for d in deviations)) / len(values)
    value, half = math.fsum(values) / len(values), -float(ndtri(alpha / 2)) * deviation
    p = 2 * float(ndtr(-abs(value - expected) / deviation))
    return Result(value, expected, expected - half, expected + half, p)


def gamma_result(value: float, mean: float, variance: float, alpha: float) -> Result:
    """A two-sided test of ``value`` >= 0 against the gamma distribution with this mean and variance."""
    check_alpha(alpha)
    shape, scale = mean * mean / variance, variance / mean
    low, high = _gamma_quantiles(shape, alpha)
    x = max(value, 0.0) / scale
    p_value = min(1.0, 2.0 * min(float(special.gammainc(shape, x)), float(special.gammaincc(shape, x))))
    return Result(value, mean, low * scale, high * scale, p_value)


def chi_square_result(value: float, degrees: int, alpha: float) -> Result:
    """A two-sided chi-square test of ``value``."""
    return gamma_result(value, float(degrees), 2.0 * degrees, alpha)


@lru_cache(maxsize=1024)
def _gamma_quantiles(shape: float, alpha: float) -> tuple[float, float]:
    return float(special.gammaincinv(shape, alpha / 2)), float(special.gammainccinv(shape, alpha / 2))


def mean_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Student's confidence interval for the mean; ValueError for fewer than two values."""
    if len(values) < 2:
        raise ValueError(f"{len(values)} trial(s) have a value, an interval for the mean needs at least 2")
    half = float(stdtrit(len(values) - 1, (1 + level) / 2) * np.std(values, ddof=1)) / math.sqrt(len(values))
    mean = math.fsum(values) / len(values)
    return mean - half, mean + half


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
def binomial_ppf(level: float, trials: int, probability: float) -> int:
    """The smallest k with P(X <= k) >= level for X ~ Binomial(trials, probability)."""
    low, high = 0, trials
    while low < high:
        middle = (low + high) // 2
        if binomial_cdf(middle, trials, probability) >= level:
            high = middle
        else:
            low = middle + 1
    return low


def binomial_sf(hits: int, samples: int, chance: float = BYTE_CHANCE, tries: int = 1) -> float:
    """The probability of ``hits`` or more in ``samples`` independent samples, times ``tries`` (Bonferroni)."""
    return min(1.0, tries * float(special.bdtrc(hits - 1, samples, chance))) if hits > 0 else 1.0


def binomial_lower_tail(hits: int, samples: int, chance: float = BYTE_CHANCE, tries: int = 1) -> float:
    """The probability of ``hits`` or fewer in ``samples`` independent samples, times ``tries`` (Bonferroni)."""
    return min(1.0, tries * float(special.bdtr(hits, samples, chance)))


def binomial_p_value(successes: float, trials: float, probability: float) -> float:
    """Twice the smaller tail of the binomial distribution, at most 1, also of fractional numbers."""
    if not 0 < probability < 1:
        return float(successes == probability * trials)
    above = float(betainc(successes, trials - successes + 1, probability)) if successes > 0 else 1.0
    below = float(betainc(trials - successes, successes + 1, 1 - probability)) if successes < trials else 1.0
    return min(1.0, 2 * min(above, below))


def binomial_interval(successes: float, trials: float, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's interval for a probability (1934, Biometrika 26:404-413), also of fractional numbers."""
    tail = (1 - level) / 2
    low = float(special.betaincinv(successes, trials - successes + 1, tail)) if successes > 0 else 0.0
    high = float(special.betaincinv(successes + 1, trials - successes, 1 - tail)) if successes < trials else 1.0
    return low, high


def binomial_share(successes: int, trials: int, probability: float, alpha: float) -> Result:
    """The share of successes, tested exactly and one-sided: it fails when it is too low."""
    low = binomial_ppf(alpha, trials, probability) / trials
    return Result(successes / trials, probability, low, None, binomial_cdf(successes, trials, probability))


def two_sided_share(successes: int, trials: int, alpha: float) -> Result:
    """The share of successes, tested exactly against one half on both sides."""
    tail = min(successes, trials - successes)
    low = binomial_ppf(alpha / 2, trials, 0.5) / trials
    return Result(successes / trials, 0.5, low, 1 - low, min(1.0, 2 * binomial_cdf(tail, trials, 0.5)))


def percent(share: Result) -> Result:
    """A result in percent from one as a share."""
    expected, low, high = (None if bound is None else 100 * bound for bound in (share.expected, share.low, share.high))
    return Result(100 * share.value, expected, low, high, share.p_value)


def spread_p_value(counts: Sequence[int], samples: int) -> float:
    """The p-value of ``counts`` changed samples, each of ``samples``, if all samples were drawn anew each time.

    Three ways to be unlike that, with Bonferroni's factor: the smallest count is too small, all of them together
    are too few, or too many.
    """
    total = sum(counts)
    return min(
        binomial_lower_tail(min(counts), samples, CHANGED, tries=3 * len(counts)),
        binomial_lower_tail(total, samples * len(counts), CHANGED, tries=3),
        binomial_sf(total, samples * len(counts), CHANGED, tries=3),
    )


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


@dataclass(frozen=True)
class Share:
    """``alarms`` of ``verdicts``, and the number of independent verdicts that they are worth."""

    alarms: int
    verdicts: int
    worth: float

    @property
    def value(self) -> float:
        return self.alarms / self.verdicts

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Clopper and Pearson's interval of the share."""
        return binomial_interval(self.value * self.worth, self.worth, level)

    def p_value(self, stated: float) -> float:
        """The two-sided p-value of as many alarms where ``stated`` is their probability."""
        return binomial_p_value(self.value * self.worth, self.worth, stated)


def clustered_share(alarms: Sequence[int], verdicts: Sequence[int], wider: float = 1.0) -> Share:
    """The share of alarms where one cluster (a seed) gives several verdicts that may depend on one another.

    The verdicts are worth n / d independent ones, d the design effect of the ratio estimator, not below ``wider``
    (Korn and Graubard 1998, Survey Methodology 24:193-201). One verdict a cluster is the plain binomial case; without
    any alarm a cluster counts as one verdict.
    """
    a, k = np.asarray(alarms, float), np.asarray(verdicts, float)
    total, count = float(a.sum()), float(k.sum())
    if not count:
        raise ValueError("no verdicts are given, wanted at least one")
    clusters = int(np.count_nonzero(k))
    if k.max() == 1:
        worth = count
    elif total in (0.0, count) or clusters < 2:
        worth = float(clusters)
    else:
        share = total / count
        variance = clusters / (clusters - 1) * float(((a - share * k) ** 2).sum()) / count**2
        worth = count / max(variance / (share * (1 - share) / count), wider, 1.0)
    return Share(int(total), int(count), worth)


def holm(p_values: Iterable[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given (Holm 1979, Scand. J. Statist. 6:65-70)."""
    values = list(p_values)
    adjusted = [0.0] * len(values)
    running = 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        running = max(running, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = running
    return adjusted


def sidak_level(alpha: float, trials: int) -> float:
    """The level for each of ``trials`` independent tests that makes ``alpha`` the level of their worst."""
    return -math.expm1(math.log1p(-alpha) / trials)


def extreme_p_value(smallest: float, trials: int) -> float:
    """The probability that the smallest of ``trials`` independent p-values is no larger than ``smallest`` (Sidak)."""
    return 1.0 if smallest >= 1 else -math.expm1(trials * math.log1p(-smallest))
