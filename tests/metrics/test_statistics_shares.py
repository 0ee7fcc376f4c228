import numpy as np
import pytest
from scipy.stats import binomtest

from cryptobench.metrics.statistics import binomial_interval, binomial_p_value, clustered_share


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (3, 10), (10, 10), (50, 1000), (0, 1000)])
def test_the_interval_is_clopper_and_pearsons(hits, trials):
    """Intervals agree with scipy's exact ones."""
    known = binomtest(hits, trials).proportion_ci(0.95, "exact")
    assert binomial_interval(hits, trials) == pytest.approx((known.low, known.high), abs=1e-12)


@pytest.mark.parametrize(
    ("hits", "trials", "level"), [(0, 100, 0.05), (50, 1000, 0.05), (80, 1000, 0.05), (1, 9, 1e-6)]
)
def test_the_p_value_is_twice_the_smaller_tail(hits, trials, level):
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
