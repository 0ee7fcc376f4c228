"""Tails, intervals, shares of dependent verdicts and corrections, against exact sums and SciPy's own tests."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.stats import binom, binomtest

from cryptobench.metrics.statistics import (
    binomial_cdf,
    binomial_interval,
    binomial_lower_tail,
    binomial_p_value,
    binomial_ppf,
    binomial_sf,
    binomial_share,
    clustered_share,
    distinct_counts,
    extreme_p_value,
    holm,
    mean_interval,
    normal_mean,
    sidak_level,
    two_sided_share,
)


def test_binomial_cdf_is_the_sum_of_the_masses():
    """The distribution function is the exact sum of binomial masses, at and beyond both ends."""
    masses = [math.comb(20, k) * 0.3**k * 0.7 ** (20 - k) for k in range(21)]
    for k in range(20):
        assert binomial_cdf(k, 20, 0.3) == pytest.approx(math.fsum(masses[: k + 1]), rel=1e-12)
    assert (binomial_cdf(-1, 20, 0.3), binomial_cdf(20, 20, 0.3)) == (0.0, 1.0)


@pytest.mark.parametrize("trials", [10**6, 10**8, 10**10])
def test_binomial_cdf_holds_for_huge_counts(trials):
    """At the median of a fair binomial the distribution function is 1/2 plus half the mass of the median."""
    assert binomial_cdf(trials // 2, trials, 0.5) - 0.5 == pytest.approx(
        0.5 * math.sqrt(2 / (math.pi * trials)), rel=1e-3
    )


@pytest.mark.parametrize("level", [0.001, 0.05, 0.5])
def test_binomial_ppf_is_the_quantile(level):
    """The smallest count that reaches a level is SciPy's binomial quantile."""
    for trials, probability in ((100, 0.95), (65536, 255 / 256), (12, 0.5)):
        assert binomial_ppf(level, trials, probability) == stats.binom.ppf(level, trials, probability)


def test_a_share_fails_below_its_limit():
    """Of 100 trials at 0.95, 91 pass and 90 fail at level 0.05; the p-value is SciPy's one-sided binomial test."""
    passing, failing = binomial_share(91, 100, 0.95, 0.05), binomial_share(90, 100, 0.95, 0.05)
    assert passing.low == 0.91
    assert failing.p_value < 0.05 <= passing.p_value
    assert failing.p_value == pytest.approx(stats.binomtest(90, 100, 0.95, alternative="less").pvalue)


def test_half_of_bits_is_tested_two_sided():
    """A share of flips is tested against one half as SciPy's two-sided binomial test does, and its bounds are exact."""
    for flipped in (0, 400, 468, 469, 500, 531, 532):
        result = two_sided_share(flipped, 1000, 0.05)
        assert result.p_value == pytest.approx(stats.binomtest(flipped, 1000, 0.5).pvalue)
        assert (result.p_value >= 0.05) == (result.low <= result.value <= result.high)


def test_the_mean_of_known_deviations():
    """Four values with deviation 2 have a mean with deviation 1; two deviations off is p = 0.0455."""
    result = normal_mean([12, 12, 12, 12], 10, [2, 2, 2, 2], 0.05)
    assert result.p_value == pytest.approx(0.04550026, abs=1e-7)
    assert (result.low, result.high) == pytest.approx((10 - 1.959964, 10 + 1.959964), abs=1e-5)


def test_the_interval_of_a_mean_is_students():
    """The interval is SciPy's t interval; one value has none."""
    values = [99.6, 99.5, 99.7, 99.61, 99.58]
    expected = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    assert mean_interval(values) == pytest.approx(expected)
    with pytest.raises(ValueError, match="needs at least 2"):
        mean_interval([99.6])


def test_the_worst_of_many_is_corrected():
    """The smallest of 100 p-values fails at level 0.05 just below 1 - 0.95^(1/100)."""
    level = sidak_level(0.05, 100)
    assert level == pytest.approx(1 - 0.95**0.01)
    assert extreme_p_value(level, 100) == pytest.approx(0.05)
    assert extreme_p_value(1e-300, 100) == pytest.approx(1e-298)
    assert extreme_p_value(1.0, 5) == 1.0


def test_distinct_counts_of_a_fair_coin():
    """Three tosses of a coin show 2 (1 - 1/8) = 1.75 distinct faces on average; the p-value is McDiarmid's bound."""
    result = distinct_counts(1, 3, 1, 0.5, 0.05)
    assert result.expected == pytest.approx(1.75)
    assert result.p_value == pytest.approx(math.exp(-2 * 0.75**2 / 3))


def test_distinct_counts_agree_with_simulation():
    """The expected number of distinct NPCR counts is the simulated mean, and two values in 100 trials fail."""
    generator = np.random.default_rng(7)
    draws = generator.binomial(65536, 255 / 256, size=(2000, 100))
    simulated = np.array([len(set(row)) for row in draws.tolist()])
    result = distinct_counts(2, 100, 65536, 255 / 256, 0.05)
    assert result.expected == pytest.approx(simulated.mean(), abs=5 * simulated.std() / 2000**0.5)
    assert result.p_value < 1e-9
    assert (simulated < result.low).mean() < 0.05


def test_holm_gives_the_hand_worked_example():
    """0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02: times 4, 3, 2, 1 in rising order, never falling."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_of_nothing_is_nothing():
    """No p-values give none; adjusted ones stop at 1."""
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (3, 10), (10, 10), (50, 1000), (0, 1000)])
def test_share_intervals_are_clopper_and_pearsons(hits, trials):
    """Intervals agree with scipy's exact ones."""
    known = binomtest(hits, trials).proportion_ci(0.95, "exact")
    assert binomial_interval(hits, trials) == pytest.approx((known.low, known.high), abs=1e-12)


@pytest.mark.parametrize(
    ("hits", "trials", "level"), [(0, 100, 0.05), (50, 1000, 0.05), (80, 1000, 0.05), (1, 9, 1e-6)]
)
def test_p_value_is_twice_the_smaller_tail(hits, trials, level):
    """Two-sided p-values agree with twice the smaller of scipy's one-sided ones."""
    tails = [binomtest(hits, trials, level, side).pvalue for side in ("less", "greater")]
    assert binomial_p_value(hits, trials, level) == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-9)


def test_an_impossible_alarm_has_p_value_zero():
    """At level 0 any alarm is impossible and none is certain."""
    assert binomial_p_value(1, 100, 0.0) == 0
    assert binomial_p_value(0, 100, 0.0) == 1


def test_single_verdicts_are_worth_what_they_are():
    """With one verdict a seed the share is the plain binomial one."""
    share = clustered_share([1, 0, 0, 1], [1, 1, 1, 1])
    assert (share.alarms, share.verdicts, share.worth) == (2, 4, 4)


def test_copies_of_a_verdict_are_worth_one():
    """Ten equal verdicts under each seed are worth about as many verdicts as there are seeds."""
    alarms = 10 * np.random.default_rng(1).binomial(1, 0.3, 500)
    assert clustered_share(alarms.tolist(), [10] * 500).worth == pytest.approx(500, rel=0.01)


def test_independent_verdicts_are_worth_nearly_all():
    """Independent verdicts under one seed lose little, and are never worth more than their number."""
    alarms = np.random.default_rng(2).binomial(10, 0.3, 2000)
    assert 0.9 * 20000 < clustered_share(alarms.tolist(), [10] * 2000).worth <= 20000


def test_the_interval_of_clustered_verdicts_covers_the_truth():
    """Of 300 samples of dependent verdicts about 95 % have an interval that holds the true share."""
    generator, hits = np.random.default_rng(3), 0
    for _ in range(300):
        chances = generator.beta(1, 9, 200)
        low, high = clustered_share(generator.binomial(8, chances).tolist(), [8] * 200).interval()
        hits += low <= 0.1 <= high
    assert hits >= 270


def test_silence_is_worth_one_verdict_a_seed():
    """Without alarms nothing is known of dependence, so a seed counts once; no verdicts at all is an error."""
    assert clustered_share([0, 0], [7, 7]).worth == 2
    with pytest.raises(ValueError, match="no verdicts"):
        clustered_share([], [])


def test_binomial_tails_agree_with_scipy_stats() -> None:
    """Both tails include the count itself, and never exceed one after correction."""
    assert binomial_sf(9, 500) == pytest.approx(binom.sf(8, 500, 1 / 256))
    assert binomial_lower_tail(3, 50, 0.5) == pytest.approx(binom.cdf(3, 50, 0.5))
    assert binomial_sf(9, 500, tries=3) == pytest.approx(3 * binom.sf(8, 500, 1 / 256))
    assert binomial_sf(0, 10) == binomial_sf(1, 10, 0.5, tries=50) == 1.0
