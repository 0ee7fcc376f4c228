"""On random sequences p-values are uniform, and class probabilities are met.

Known exceptions, each tested here: the spectral test on short sequences, whose count of peaks takes few values (its
p-values on 1000 bits are far from uniform); the standard's spectral variance, too small by 3.8 / 4; approximate entropy
near the standard's limit for its block length, whose statistic is too large on average; the standard's classes of the
overlapping template; those of the longest run in blocks of 10 000. All but the first take many sequences to be seen.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest
from scipy import stats

from cryptobench.metrics import randomness
from cryptobench.metrics.randomness._windows import all_ones_counts
from cryptobench.metrics.randomness.complexity import linear_complexities
from cryptobench.metrics.randomness.runs import LONGEST_RUN_CLASSES, longest_run_probabilities
from cryptobench.metrics.randomness.templates import overlapping_probabilities
from cryptobench.metrics.randomness.universal import MOMENTS

# An exact test is rejected here once in 10^5; some two hundred are made.
CONFIDENCE = 1e-5

LONG_TESTS = ("overlapping_template", "universal", "linear_complexity")


def assert_uniform(p_values: dict[str, list[float]], known: Sequence[str] = ()) -> None:
    """Kolmogorov and Smirnov's test of every statistic; those ``known`` not to be uniform must be found so."""
    for name, found in p_values.items():
        assert len(found) >= 500, name
        uniform = stats.kstest(found, "uniform").pvalue >= CONFIDENCE
        assert uniform == (name not in known), (name, stats.kstest(found, "uniform"))


@pytest.mark.parametrize(
    ("n", "trials", "statistics", "known"),
    [
        (1000, 1500, 12, ["spectral", "spectral corrected"]),
        (8192, 1000, 12, []),
        (100_000, 520, 161, []),
    ],
)
def test_p_values_of_shorter_sequences_are_uniform(n, trials, statistics, known) -> None:
    """All statistics of the whole battery at lengths below a megabit."""
    p_values: dict[str, list[float]] = defaultdict(list)
    for packed in np.random.default_rng(5).integers(0, 256, (trials, n // 8), dtype=np.uint8):
        found = randomness.battery(packed)
        for name, p_value in found.p_values().items():
            p_values[name].append(p_value)
        for name, outcome in found.corrected.items():
            p_values[f"{name} corrected"].append(outcome.p_value)
    assert len(p_values) == statistics
    assert_uniform(p_values, known)


def test_p_values_of_megabit_tests_are_uniform() -> None:
    """Overlapping templates, universal, linear complexity, approximate entropy and excursions on megabits."""
    p_values: dict[str, list[float]] = defaultdict(list)
    generator = np.random.default_rng(6)
    for trial in range(900):
        bits = randomness.as_bits(generator.integers(0, 256, 125_000, dtype=np.uint8))
        tests = [randomness.TESTS[name] for name in (*LONG_TESTS, "approximate_entropy")] if trial < 500 else []
        for test in (*tests, randomness.random_excursions, randomness.random_excursions_variant):
            try:
                for name, _, p_value in test(bits):
                    p_values[name].append(p_value)
            except randomness.TooShort:
                assert test.__name__.startswith("random_excursions")
    assert len(p_values) == 4 + 8 + 18
    # About 62 % of the megabits have 500 cycles.
    assert 500 <= len(p_values["random_excursions x=+1"]) < 650
    assert_uniform(p_values)


def test_approximate_entropy_near_its_limit_is_biased() -> None:
    """With the longest block that the standard allows p-values are too small; far below it they are uniform."""
    sequences = np.random.default_rng(8).integers(0, 256, (3000, 4096), dtype=np.uint8)
    for width, known in ((9, ["approximate_entropy"]), (5, [])):
        p_values = [randomness.approximate_entropy(packed, width=width).p_value for packed in sequences]
        assert_uniform({"approximate_entropy": p_values}, known)


def test_the_spectral_variance_is_the_corrected_one() -> None:
    """d has variance 4 / 3.8 in the standard's variant and 1 in the corrected one, within four standard errors."""
    sequences = np.random.default_rng(7).integers(0, 256, (16_000, 512), dtype=np.uint8)
    error = 4 * sqrt(2 / len(sequences))
    standard = np.var([randomness.spectral(packed).statistics[0] for packed in sequences[:100]])
    d = np.array([randomness.spectral(packed, variant="corrected").statistics[0] for packed in sequences])
    assert np.var(d[:100]) == pytest.approx(standard * 3.8 / 4)
    assert np.var(d) == pytest.approx(1.0, abs=error)
    assert np.var(d) * 4 / 3.8 > 1 + error


def test_overlapping_classes_are_the_corrected_ones() -> None:
    """Half a million random blocks have the corrected class probabilities and not the standard's."""
    generator = np.random.default_rng(9)
    found = np.zeros(6, np.int64)
    for _ in range(10):
        bits = randomness.as_bits(generator.bytes(6_450_000))
        found += np.bincount(np.minimum(all_ones_counts(bits.words, 50_000, 1032, 9), 5), minlength=6)
    for variant, uniform in (("corrected", True), ("standard", False)):
        probabilities = overlapping_probabilities(9, 1032, variant)
        expected = found.sum() * probabilities / probabilities.sum()
        assert (stats.chisquare(found, expected).pvalue >= CONFIDENCE) == uniform


def test_corrected_overlapping_probabilities_are_those_of_the_text() -> None:
    """The exact probabilities are those that section 3.8 prints."""
    printed = [0.364091, 0.185659, 0.139381, 0.100571, 0.0704323, 0.139865]
    assert overlapping_probabilities(9, 1032, "corrected").tolist() == printed
    # Enumerated: all blocks of twelve bits, templates of three ones.
    blocks = np.unpackbits(np.arange(4096, dtype=">u2").view(np.uint8)).reshape(-1, 16)[:, 4:]
    occurrences = (blocks[:, :-2] & blocks[:, 1:-1] & blocks[:, 2:]).sum(axis=1)
    shares = np.bincount(np.minimum(occurrences, 5), minlength=6) / 4096
    assert overlapping_probabilities(3, 12, "corrected") == pytest.approx(shares, rel=1e-5)


def test_linear_complexities_have_their_exact_distribution() -> None:
    """All 4096 sequences of twelve bits: 2^min(2 n - 2 L, 2 L - 1) of them have complexity L (Rueppel)."""
    sequences = np.unpackbits(np.arange(4096, dtype=">u2").view(np.uint8)).reshape(-1, 16)[:, 4:]
    words = randomness.as_bits(np.packbits(sequences.ravel())).words
    found = np.bincount(linear_complexities(words, 4096, 12))
    assert found.tolist() == [1, *(2 ** min(24 - 2 * length, 2 * length - 1) for length in range(1, 13))]


@pytest.mark.parametrize(("block", "first", "last"), [(8, 1, 4), (128, 4, 9), (10_000, 10, 16)])
def test_longest_run_probabilities(block, first, last) -> None:
    """A chain over the bits gives the corrected ones, and the standard's but for the largest blocks."""
    _, _, low, high, given = next(row for row in LONGEST_RUN_CLASSES if row[1] == block)
    assert (low, high) == (first, last)

    def at_most(longest: int) -> float:
        """The probability that no run of ones is longer; state r: the last r bits are ones."""
        state = np.zeros(longest + 1)
        state[0] = 1.0
        for _ in range(block):
            state = np.concatenate([[state.sum() / 2], state[:-1] / 2])
        return float(state.sum())

    cumulative = [at_most(r) for r in range(first, last)]
    exact = np.diff([0.0, *cumulative, 1.0])
    assert longest_run_probabilities(block, first, last) == pytest.approx(exact, abs=1e-12)
    assert np.abs(np.array(given) - exact).max() == pytest.approx(0, abs=0.0016 if block == 10_000 else 1e-9)


def test_universal_moments_are_those_of_the_distance() -> None:
    """Mean and variance of log2 of a geometric distance with probability 2^-L (Maurer 1992)."""
    for length in (6, 7, 8, 9, 10):
        p = 2.0**-length
        i = np.arange(1, 60 * 2**length)
        weight = p * np.exp((i - 1) * np.log1p(-p))
        mean = float((weight * np.log2(i)).sum())
        variance = float((weight * np.log2(i) ** 2).sum()) - mean**2
        assert MOMENTS[length][1:] == pytest.approx((mean, variance), abs=1e-3)
        assert MOMENTS[length][1] == pytest.approx(mean, abs=1e-6)
