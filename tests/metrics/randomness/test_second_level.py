"""Proportion, uniformity and Holm's correction over many sequences."""

import numpy as np
import pytest
from scipy import stats

from cryptobench.metrics import randomness
from cryptobench.metrics.randomness import SequenceError, proportion_test, second_level, uniformity_test


@pytest.mark.parametrize(("m", "low"), [(55, 0.9498), (60, 0.9515), (100, 0.9602), (300, 0.9728), (1000, 0.9806)])
def test_the_proportion_interval_is_the_standards(m, low) -> None:
    """0.99 - 3 sqrt(0.99 x 0.01 / m)."""
    assert proportion_test(np.full(m, 0.5)).low == pytest.approx(low, abs=5e-5)


def test_the_proportions_p_value_is_binomial() -> None:
    """Twice the smaller exact tail of the number of rejected sequences."""
    p_values = np.r_[np.full(7, 0.001), np.full(193, 0.3)]
    result = proportion_test(p_values)
    assert result.value == pytest.approx(193 / 200)
    assert result.p_value == pytest.approx(2 * stats.binom.sf(6, 200, 0.01))
    assert proportion_test(np.full(200, 0.3)).p_value == pytest.approx(2 * stats.binom.cdf(0, 200, 0.01))
    assert proportion_test([0.01]).value == 1.0


def test_uniformity_is_the_standards() -> None:
    """Chi-square over ten bins: the standard's P_T; p = 1 lies in the last bin; no verdict below 55 sequences."""
    p_values = np.random.default_rng(0).random(100)
    result = uniformity_test(p_values)
    counts = np.histogram(p_values, 10, (0, 1))[0]
    assert result.value == pytest.approx(stats.chisquare(counts).statistic)
    assert result.p_value == pytest.approx(stats.chisquare(counts).pvalue)
    assert result.high == pytest.approx(stats.chi2.isf(1e-4, 9))
    assert uniformity_test(np.linspace(0, 1, 101)[1:]).value == pytest.approx(0.2)
    assert uniformity_test(np.full(54, 0.5)).p_value is None
    assert uniformity_test(np.full(55, 0.5)).p_value < 1e-10


@pytest.mark.parametrize("p_values", [[], [0.5, 1.5], [np.nan], [[0.5]]])
def test_what_are_no_p_values_is_refused(p_values) -> None:
    """Nothing, or numbers outside 0..1, get one clear line."""
    for test in (proportion_test, uniformity_test):
        with pytest.raises(SequenceError, match="p-values between 0 and 1"):
            test(p_values)


@pytest.fixture(scope="module")
def sequences() -> np.ndarray:
    """120 random sequences of 40 000 bits."""
    return np.random.default_rng(12).integers(0, 256, (120, 5000), dtype=np.uint8)


def test_random_sequences_pass(sequences) -> None:
    """Nothing is rejected after Holm's correction, while some of the statistics fail by themselves."""
    found = second_level(randomness.batteries(sequences))
    assert found.sequences == 120
    assert found.verdict() == "pass"
    assert len(found.statistics) == len(randomness.battery(sequences[0]).p_values())
    assert all(s.sequences == 120 for s in found.statistics)
    assert 0 <= sum(not s.accepted for s in found.statistics) < 10


def test_small_defects_show_over_many_sequences(sequences) -> None:
    """A bias of 0.6 % that most single sequences pass fails the second level."""
    generator = np.random.default_rng(13)
    ones = np.packbits(generator.random((120, 40_000)) < 0.012, axis=1)
    biased = randomness.batteries(sequences | ones)
    assert np.mean([battery.verdict() == "pass" for battery in biased]) > 0.5
    found = second_level(biased)
    assert found.verdict() == "fail"
    frequency = next(s for s in found.statistics if s.name == "frequency")
    assert frequency.adjusted < 1e-6
    assert not frequency.accepted


def test_too_good_sequences_are_found(sequences) -> None:
    """Sequences without any bias at all have p-values that are not uniform, and fail."""
    balanced = np.concatenate([sequences, ~sequences], axis=1)
    found = second_level(randomness.batteries(balanced))
    frequency = next(s for s in found.statistics if s.name == "frequency")
    assert frequency.proportion.value == 1.0
    assert not frequency.accepted
    assert found.verdict() == "fail"


def test_sequences_without_a_test_are_left_out() -> None:
    """A statistic counts only the sequences that it exists for; without any there is no verdict."""
    generator = np.random.default_rng(14)
    mixed = [generator.bytes(200), generator.bytes(10), generator.bytes(200)]
    found = second_level(randomness.batteries(mixed))
    assert {s.name: s.sequences for s in found.statistics}["frequency"] == 2
    assert second_level(randomness.batteries([b"short"])).verdict() == "none"
    assert second_level([]).verdict() == "none"
