"""Proportion, uniformity and Holm's correction over many sequences."""

import numpy as np
import pytest
from scipy import stats

from cryptobench.metrics import randomness
from cryptobench.metrics.randomness import (
    SequenceError,
    null_proportion,
    null_uniformity,
    proportion_test,
    second_level,
    uniformity_test,
)


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


def test_null_uniformity_joins_small_bins() -> None:
    """Chi-square over the joined bins (SciPy's); an empty bin of probability 0 is no surprise, a full one is."""
    bins = [0.09, 0.01, 0.1, 0.2, 0.0, 0.2, 0.1, 0.1, 0.19, 0.01]
    counts = [8, 3, 12, 17, 0, 21, 11, 9, 18, 1]
    p_values = np.repeat(np.arange(10) / 10 + 0.05, counts)
    joined, expected = [8, 15, 17, 21, 11, 9, 19], [9, 11, 20, 20, 10, 10, 20]
    assert null_uniformity(p_values, bins) == pytest.approx(stats.chisquare(joined, expected).pvalue)
    assert null_uniformity(np.full(100, 0.45), bins) < 1e-10
    assert null_uniformity(p_values[:54], bins) is None
    assert null_uniformity(p_values, [1.0, *[0.0] * 9]) is None


def test_null_proportion_takes_the_chance_given() -> None:
    """Twice the smaller binomial tail (SciPy's), for a chance that is not the level."""
    p_values = np.r_[np.full(7, 0.001), np.full(193, 0.3)]
    assert null_proportion(p_values, 0.01, 0.012) == pytest.approx(2 * stats.binom.sf(6, 200, 0.012))
    assert null_proportion(p_values, 0.01, 0.0) == 0.0
    assert null_proportion(np.full(9, 0.3), 0.01, 0.0) == 1.0


@pytest.mark.parametrize(
    ("bits", "number"), [(128, 1000), (1000, 1000), (1000, 4000), (2000, 1000), (10_000, 1000), (20_000, 500)]
)
def test_sound_short_sequences_pass(bits, number) -> None:
    """PCG64's pass, though the standard's own P_T is below 0.0001 for some statistic wherever p-values are coarse."""
    found = []
    for seed in (11, 12, 13):
        packed = np.frombuffer(np.random.default_rng(seed).bytes(bits // 8 * number), np.uint8).reshape(number, -1)
        found.append(second_level(randomness.batteries(list(packed), 2)))
    assert [level.verdict() for level in found] == ["pass"] * 3
    if bits <= 2000:
        assert not any(all(s.accepted for s in level.statistics) for level in found)


def test_the_size_is_the_level() -> None:
    """Of 40 seeds of 300 sequences of 128 bits at most four fail; with the standard's bins nearly all would."""
    fails = standard = 0
    for seed in range(40):
        packed = np.random.default_rng([31, seed]).integers(0, 256, (300, 16), dtype=np.uint8)
        level = second_level(randomness.batteries(list(packed)))
        fails += level.verdict() == "fail"
        standard += min(s.uniformity.p_value for s in level.statistics) * 2 * len(level.statistics) < 0.01
    assert fails <= 4
    assert standard > 36


def test_statistics_without_a_known_null_say_why() -> None:
    """Approximate entropy of 1000 sequences of 128 bits: P_T is there, uniformity is not judged, and why."""
    packed = np.random.default_rng(41).integers(0, 256, (1000, 16), dtype=np.uint8)
    level = second_level(randomness.batteries(list(packed)))
    entropy = next(s for s in level.statistics if s.name == "approximate_entropy")
    assert entropy.uniformity.p_value is not None
    assert entropy.uniformity_p_value is None
    assert entropy.adjusted is not None  # the proportion is judged
    assert entropy.reason.startswith("approximate_entropy: uniformity not judged, its p-values on 128 bits are known")
    assert entropy.reason in level.reasons
    assert all(not s.reason for s in level.statistics if s.name in ("frequency", "runs", "longest_run"))
    assert second_level(randomness.batteries(list(packed)), alpha=0.05).verdict() == "pass"


def test_defects_of_short_sequences_are_found() -> None:
    """One bit in twenty turned to one fails 1000 sequences of 128 bits by exact frequency, and so do their copies."""
    generator = np.random.default_rng(42)
    packed = generator.integers(0, 256, (1000, 16), dtype=np.uint8)
    ones = np.packbits(generator.random((1000, 128)) < 0.1, axis=1)
    for defect in (packed | ones, np.concatenate([packed[:, :8], ~packed[:, :8]], axis=1)):
        level = second_level(randomness.batteries(list(defect)))
        assert level.verdict() == "fail"
        assert next(s for s in level.statistics if s.name == "frequency").adjusted < 1e-4


def test_sequences_of_different_lengths_are_not_judged() -> None:
    """Their p-values have different distributions; the standard's numbers stay."""
    generator = np.random.default_rng(43)
    level = second_level(randomness.batteries([generator.bytes(200), generator.bytes(400)]))
    assert level.verdict() == "none"
    assert {s.adjusted for s in level.statistics} == {None}
    assert "frequency: sequences of different lengths have no verdict" in level.reasons
    assert all(s.proportion.value == 1.0 for s in level.statistics if s.name == "frequency")
