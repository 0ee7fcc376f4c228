"""How p-values of random bits are distributed: against all sequences of a length and against simulation; limits."""

from itertools import combinations_with_replacement
from math import factorial, prod
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from cryptobench.metrics import randomness
from cryptobench.metrics.randomness import null_limits
from cryptobench.metrics.randomness.complexity import linear_complexities, linear_complexity_classes
from cryptobench.metrics.randomness.null import EXACT, class_counts, exact_null
from cryptobench.metrics.randomness.null_limits import sequence_limit
from cryptobench.metrics.randomness.rank import rank_classes
from cryptobench.metrics.randomness.runs import longest_run_probabilities

SHORT = {"enforce_limits": False}


@pytest.mark.parametrize("test", ["frequency", "runs", "cumulative_sums"])
def test_exact_nulls_are_those_of_all_sequences(test) -> None:
    """All sequences of sixteen bits (half of them: the others are their complements) give the same probabilities."""
    function = getattr(randomness, test)
    sequences = np.arange(1 << 15, dtype=">u2").view(np.uint8).reshape(-1, 2)
    p_values = np.array([function(packed, **SHORT).p_values[0] for packed in sequences])
    null = EXACT[test](16, "standard", 0.01)
    shares = np.bincount(np.minimum((p_values * 10).astype(int), 9), minlength=10) / p_values.size
    assert null.bins == pytest.approx(shares, abs=1e-12)
    assert null.rejected == pytest.approx((p_values < 0.01).mean(), abs=1e-12)


def test_frequency_of_128_bits_is_binomial() -> None:
    """SciPy's binomial: no p-value of 128 bits lies between 0.6 and 0.7, and 14.6 % lie between 0.2 and 0.3."""
    k = np.arange(129)
    p_values = stats.norm.sf(np.abs(2 * k - 128) / np.sqrt(128)) * 2
    weights = stats.binom.pmf(k, 128, 0.5)
    null = exact_null("frequency", 128, "standard", 0.01)
    expected = [weights[np.minimum((p_values * 10).astype(int), 9) == i].sum() for i in range(10)]
    assert null.bins == pytest.approx(expected, abs=1e-12)
    assert null.bins[6] == 0
    assert null.bins[2] == pytest.approx(0.1463, abs=5e-5)


@pytest.mark.parametrize(("true", "blocks"), [(longest_run_probabilities(8, 1, 4), 16), (rank_classes(32), 38)])
def test_class_counts_are_multinomial(true, blocks) -> None:
    """Every composition of the blocks into classes, one by one."""
    bins, rejected, degrees = np.zeros(10), 0.0, len(true) - 1
    for cuts in combinations_with_replacement(range(blocks + 1), degrees):
        counts = np.diff([0, *cuts, blocks])
        weight = factorial(blocks) / prod(map(factorial, map(int, counts))) * float(np.prod(true**counts))
        statistic = ((counts - blocks * true) ** 2 / (blocks * true)).sum()
        p = float(stats.chi2.sf(statistic, degrees))
        bins[min(int(p * 10), 9)] += weight
        rejected += weight * (p < 0.01)
    test, n = ("longest_run", 128) if degrees == 3 else ("rank", 38 * 1024)
    null = exact_null(test, n, "corrected", 0.01)
    assert null.bins == pytest.approx(bins, abs=2e-4)
    assert null.rejected == pytest.approx(rejected, abs=2e-4)


def test_class_counts_lose_nothing() -> None:
    """With a range that holds every statistic the probabilities have the sum 1."""
    true = np.array([0.2, 0.3, 0.5])
    assert class_counts(12, true, true, 6000, 0.01).sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("n", "sequences"),
    [(128, 10_000), (1000, 10_000), (1280, 6000), (10_000, 4000), (40_000, 2000)],
)
def test_exact_nulls_are_met_by_random_bits(n, sequences) -> None:
    """Chi-square of simulated p-values over the exact bins; once in 10^5 an exact one is rejected."""
    generator = np.random.default_rng(21)
    found: dict[tuple[str, str], list[float]] = {}
    for packed in generator.integers(0, 256, (sequences, n // 8), dtype=np.uint8):
        bits = randomness.as_bits(packed)
        for test in EXACT:
            for variant in ("standard", "corrected") if test == "longest_run" else ("standard",):
                function = getattr(randomness, test)
                try:
                    outcome = function(bits, variant=variant) if test == "longest_run" else function(bits)
                except randomness.TooShort:
                    continue
                found.setdefault((test, variant), []).append(float(outcome.p_values[-1]))
    assert len(found) >= 6
    for (test, variant), p_values in found.items():
        null = exact_null(test, n, variant, 0.01)
        counts = np.bincount(np.minimum((np.array(p_values) * 10).astype(int), 9), minlength=10)
        expected = sequences * np.array(null.bins)
        held = expected > 0
        assert not counts[~held].any(), test
        assert stats.chisquare(counts[held], expected[held]).pvalue > 1e-5, test
        low = int((np.array(p_values) < 0.01).sum())
        assert stats.binomtest(low, sequences, null.rejected).pvalue > 1e-5, test


def test_linear_complexity_classes_are_met_by_random_blocks() -> None:
    """The exact classes of 500 bits: those of 20 000 random blocks, and near the limit that the text prints."""
    size, true, used = linear_complexity_classes("corrected")
    assert true == pytest.approx(used, abs=2e-6)
    assert true.sum() == pytest.approx(1.0)
    words = randomness.as_bits(np.random.default_rng(22).bytes(20_000 * size // 8)).words
    deviations = linear_complexities(words, 20_000, size) - (size / 2 + 8 / 36) + 2 / 9
    counts = np.bincount(np.searchsorted((-2.5, -1.5, -0.5, 0.5, 1.5, 2.5), deviations), minlength=7)
    assert stats.chisquare(counts, 20_000 * true).pvalue > 1e-5


def test_wrong_constants_have_their_own_null() -> None:
    """The standard's classes of the overlapping template reject random megabits too often, and the null knows it."""
    wrong = exact_null("overlapping_template", 1_000_000, "standard", 0.01)
    right = exact_null("overlapping_template", 1_000_000, "corrected", 0.01)
    assert wrong.rejected == pytest.approx(0.0117, abs=1e-4)
    assert right.rejected == pytest.approx(0.01, abs=5e-5)
    assert exact_null("overlapping_template", 10_000_000, "standard", 0.01) is None
    assert exact_null("overlapping_template", 10_000_000, "corrected", 0.01).bins == (0.1,) * 10
    assert exact_null("serial", 1000, "standard", 0.01) is None


def test_limits_grow_with_the_length() -> None:
    """Serial is good for few sequences of 128 bits and for many of 16 384; nothing is known below the shortest."""
    short, long = (sequence_limit("serial", "standard", "p1", n) for n in (128, 16_384))
    assert short.uniformity < 100 < 1000 < long.uniformity
    assert sequence_limit("serial", "standard", "p1", 2047) == sequence_limit("serial", "standard", "p1", 1024)
    assert sequence_limit("serial", "standard", "p1", 63) == sequence_limit("serial", "standard", "p3", 128)
    assert sequence_limit("serial", "standard", "p1", 63).proportion == 0


def test_the_documented_limits_are_those_in_use() -> None:
    """The table of docs/randomness.md: the smallest limits over parts and variants, of every length that it lists."""
    page = (Path(__file__).parents[3] / "docs" / "randomness.md").read_text(encoding="utf-8")
    lines = page.partition("| bits | serial |")[2].partition("\n\n")[0].splitlines()[2:]
    tests = ["serial", "approximate_entropy", "spectral", "universal", "random_excursions", "random_excursions_variant"]
    assert len(lines) == 14
    for line in lines:
        n, *cells = (cell.strip() for cell in line.strip("| ").split("|"))
        for test, cell in zip(tests, [*cells, "", "", "", ""], strict=False):
            parts = {(variant, part) for name, variant, part in null_limits._limits() if name == test}
            limits = [sequence_limit(test, variant, part, int(n)) for variant, part in parts]
            least = [min(limit.proportion for limit in limits), min(limit.uniformity for limit in limits)]
            assert cell == (", ".join(map(str, least)) if any(least) else ""), (test, n)
