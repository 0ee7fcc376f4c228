"""The level: an unchanged cipher under other seeds stays green, and the p-values behind that are what they say."""

import numpy as np
import pytest
from scipy import stats

from cryptobench.check.compare import compare
from cryptobench.check.significance import failing_p_value, rank_p_value, worse_p_value
from tests.check.false_alarms import alarms, cipher_named, upper_bound
from tests.check.toys import measured, toy


@pytest.mark.parametrize("name", ["toy", "stream"])
def test_an_unchanged_cipher_stays_green_under_other_seeds(name: str) -> None:
    """Of a few independent pairs of runs, of a sound and of a flawed cipher, none is red; the full proof does 200."""
    assert not any(alarm.red(0.01) for alarm in alarms(cipher_named(name), 4))


def test_one_seed_and_one_cipher_give_no_difference() -> None:
    """Equal runs are green whatever the level, and every adjusted p-value is 1."""
    run = measured(toy(rounds=0), 7)
    result = compare(run, run)
    assert (result.exit_code, result.findings, result.smallest) == (0, (), 1.0)


@pytest.mark.parametrize("null", ["uniform", "discrete", "always 1"])
def test_the_z_test_keeps_its_level(null: str) -> None:
    """For p-values that are uniform, or larger, the test rejects no more often than its level says."""
    rng = np.random.default_rng(1)
    before, after = rng.random((2, 200_000))
    if null == "discrete":
        before, after = np.ceil(4 * before) / 4, np.ceil(4 * after) / 4
    if null == "always 1":
        before = np.ones_like(before)
    p_values = worse_p_value(before, after)
    for level in (0.05, 0.01, 0.001):
        assert (p_values <= level).mean() <= level + 4 * np.sqrt(level / 200_000)


def test_the_z_test_keeps_its_level_off_ideal() -> None:
    """A defect that shifts a normal statistic by a constant leaves the difference of two runs at its level."""
    rng = np.random.default_rng(2)
    before, after = stats.norm.cdf(rng.normal(-2.0, 1.0, (2, 200_000)))
    assert (worse_p_value(before, after) <= 0.01).mean() <= 0.01 + 4 * np.sqrt(0.01 / 200_000)


def test_a_collapse_is_detected_and_no_improvement() -> None:
    """From an ordinary p-value to 1e-40 is significant after any correction; the way back has p = 1."""
    down, up = worse_p_value([0.4, 1e-40], [1e-40, 0.4])
    assert down < 1e-15
    assert up == pytest.approx(1)


@pytest.mark.parametrize("lost", [0, 3])
def test_ranks_agree_with_all_permutations(lost: int) -> None:
    """Mann-Whitney's normal approximation is near the exact permutation test; a failed trial counts as the worst."""
    before, after = np.array([1.0, 2, 4, 5, 7, 9]), np.array([3.0, 6, 8, 10, 11, 12])
    after[:lost] = np.inf

    def ranks(one: np.ndarray, other: np.ndarray, axis: int) -> np.ndarray:
        return stats.rankdata(np.concatenate([one, other], axis), axis=axis)[..., : one.shape[axis]].sum(axis)

    exact = stats.permutation_test((after, before), ranks, vectorized=True, alternative="greater").pvalue
    assert rank_p_value(before, after) == pytest.approx(exact, abs=0.01)


def test_equal_trials_are_no_evidence() -> None:
    """One value everywhere has p = 1."""
    assert rank_p_value(np.zeros(9), np.zeros(9)) == 1.0


def test_the_share_that_fails_is_tested_exactly() -> None:
    """The p-value is that of Fisher's exact test as SciPy has it."""
    expected = stats.fisher_exact([[9, 11], [1, 19]], alternative="greater").pvalue
    assert failing_p_value(1, 20, 9, 20) == pytest.approx(expected)


def test_the_bound_is_the_rule_of_three() -> None:
    """None red of 200 pairs bounds the share by 1 - 0.05^(1/200)."""
    assert upper_bound(0, 200) == pytest.approx(1 - 0.05 ** (1 / 200))
