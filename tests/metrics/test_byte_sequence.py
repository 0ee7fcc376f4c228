"""Statistics of a byte sequence against plain computations, and their null distributions."""

from collections import Counter
from fractions import Fraction
from math import comb, log2

import numpy as np
import pytest
from scipy import stats

from cryptobench.metrics import byte_sequence as of

SINGLE = {
    "entropy": of.byte_entropy,
    "chi-square": of.byte_chi_square,
    "mean": of.byte_mean,
    "pi": of.monte_carlo_pi,
    "serial correlation": of.serial_correlation,
    "pairs": of.byte_pairs,
}
TEXT = b"It was the best of times, it was the worst of times, it was the age of wisdom"


@pytest.fixture(scope="module")
def nulls() -> dict[str, list]:
    """Results on 400 uniform sequences of 65536 bytes."""
    rows = np.random.default_rng(20).integers(0, 256, (400, 65536), dtype=np.uint8)
    found = {name: [test(row) for row in rows] for name, test in SINGLE.items()}
    planes = [of.bit_planes(row) for row in rows]
    return found | {f"plane {bit}": [one[bit] for one in planes] for bit in range(8)}


def test_entropy_chi_square_and_mean_follow_their_definitions() -> None:
    """The three first-order statistics of a text are those of its counts."""
    counts = Counter(TEXT)
    n = len(TEXT)
    assert of.byte_entropy(TEXT).value == pytest.approx(-sum(c / n * log2(c / n) for c in counts.values()))
    chi_square = sum((Fraction(counts[v]) - Fraction(n, 256)) ** 2 / Fraction(n, 256) for v in range(256))
    assert of.byte_chi_square(TEXT).value == float(chi_square)
    assert of.byte_mean(TEXT).value == sum(TEXT) / n


def test_serial_correlation_is_that_with_lag_one() -> None:
    """NumPy's coefficient between the sequence and itself moved cyclically by one byte."""
    x = np.frombuffer(TEXT, np.uint8).astype(float)
    assert of.serial_correlation(TEXT).value == pytest.approx(np.corrcoef(x, np.roll(x, -1))[0, 1], abs=1e-12)
    assert of.serial_correlation(bytes([0, 255] * 10)).value == pytest.approx(-1)
    assert np.isnan(of.serial_correlation(bytes(50)).value)


def test_points_are_two_numbers_of_three_bytes() -> None:
    """ENT's loop, written plainly, gives the same estimate; the corner (r, 0) is inside, (r, 1) is not."""
    data = np.random.default_rng(1).bytes(6007)
    radius = 256**3 - 1
    points = [(data[i : i + 3], data[i + 3 : i + 6]) for i in range(0, 6001 - 5, 6)]
    inside = sum(int.from_bytes(x, "big") ** 2 + int.from_bytes(y, "big") ** 2 <= radius**2 for x, y in points)
    assert len(points) == 1000
    assert of.monte_carlo_pi(data[:6005]).value == 4 * inside / 1000
    assert of.monte_carlo_pi(b"\xff\xff\xff\0\0\0").value == 4
    assert of.monte_carlo_pi(b"\xff\xff\xff\0\0\1").value == 0


def test_byte_pairs_are_goods_chi_square_difference() -> None:
    """Psi-square of overlapping cyclic pairs less psi-square of the bytes, both summed over every cell."""
    n = len(TEXT)
    pairs = Counter(zip(TEXT, TEXT[1:] + TEXT[:1], strict=True))
    singles = Counter(TEXT)
    two = sum((pairs[a, b] - n / 65536) ** 2 / (n / 65536) for a in range(256) for b in range(256))
    one = sum((singles[a] - n / 256) ** 2 / (n / 256) for a in range(256))
    assert of.byte_pairs(TEXT).value == pytest.approx(two - one, rel=1e-12)


def test_bit_planes_are_exact_binomials() -> None:
    """Shares of ones, least significant plane first, with the p-value summed from binomial coefficients."""
    found = of.bit_planes(TEXT)
    n = len(TEXT)
    for bit, result in enumerate(found):
        ones = sum(value >> bit & 1 for value in TEXT)
        assert result.value == ones / n
        tail = Fraction(sum(comb(n, k) for k in range(min(ones, n - ones) + 1)), 2**n)
        assert result.p_value == pytest.approx(float(min(Fraction(1), 2 * tail)), rel=1e-9)
    assert found[7].value == 0


def test_p_values_are_uniform_on_random_sequences(nulls) -> None:
    """Kolmogorov and Smirnov accept each statistic's p-values; values scatter about what is expected."""
    for name, results in nulls.items():
        p_values = [result.p_value for result in results]
        assert stats.kstest(p_values, "uniform").pvalue > 1e-4, name
        values = np.array([result.value for result in results])
        assert stats.ttest_1samp(values, results[0].expected).pvalue > 1e-4, name


def test_intervals_hold_what_passes(nulls) -> None:
    """A value lies in the interval exactly where its p-value reaches alpha (for planes, within a step of one bit)."""
    for name, results in nulls.items():
        step = 1 / 65536 if name.startswith("plane") else 0
        for result in results:
            if result.p_value < 0.05:
                assert not result.low + step < result.value < result.high - step, name
            else:
                assert result.low - step <= result.value <= result.high + step, name


def test_each_defect_is_detected_by_its_statistic() -> None:
    """A stuck bit, a lag, a bias and too even counts fail where they should."""
    noise = np.random.default_rng(3).integers(0, 256, 200_000, dtype=np.uint8)
    assert of.bit_planes(noise & 0xFB)[2].p_value < 1e-100
    assert of.bit_planes(noise & 0xFB)[3].p_value > 1e-4
    assert of.byte_mean(noise // 2).p_value < 1e-100
    assert of.serial_correlation(np.sort(noise)).p_value < 1e-100
    counter = np.arange(200_192).astype(np.uint8)
    assert of.byte_chi_square(counter).value == 0
    assert of.byte_chi_square(counter).p_value < 1e-100
    lagged = noise.copy()
    lagged[1::2] = 5 * lagged[::2] + 1  # uniform bytes, every second one a function of its predecessor
    assert of.byte_chi_square(lagged).p_value > 1e-4
    assert of.byte_pairs(lagged).p_value < 1e-100


@pytest.mark.parametrize("size", [6, 257, 1279])
def test_short_sequences_have_values_without_p_values(size) -> None:
    """Below 1280 bytes only bit planes, which are exact, have p-values; below 65536, pairs have none."""
    data = np.random.default_rng(4).bytes(size)
    assert all(test(data).p_value is None for test in SINGLE.values())
    assert all(result.p_value is not None for result in of.bit_planes(data))
    assert of.byte_pairs(np.random.default_rng(4).bytes(65535)).p_value is None


@pytest.mark.parametrize("wrong", [b"", "text", np.zeros((3, 3), np.uint8), np.zeros(5), [1, 2]])
def test_what_is_no_byte_sequence_is_refused(wrong) -> None:
    """The error names what was given."""
    for test in (*SINGLE.values(), of.bit_planes):
        with pytest.raises(ValueError, match="sequence must be bytes or a non-empty one-dimensional uint8 array"):
            test(wrong)


def test_too_short_for_a_value_is_refused() -> None:
    """A point takes six bytes, a correlation three."""
    with pytest.raises(ValueError, match="a point takes 6 bytes, the sequence has 5"):
        of.monte_carlo_pi(b"12345")
    with pytest.raises(ValueError, match="at least 3 bytes, the sequence has 2"):
        of.serial_correlation(b"12")


def test_bytes_and_arrays_give_the_same() -> None:
    """Bytes, read-only and strided arrays of equal content give equal results."""
    x = np.random.default_rng(5).integers(0, 256, 4000, dtype=np.uint8)
    for test in (*SINGLE.values(), of.bit_planes):
        assert test(x.tobytes()) == test(x) == test(np.repeat(x, 2)[::2])
