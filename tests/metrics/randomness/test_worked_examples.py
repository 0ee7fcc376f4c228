"""The worked examples of the standard's text, by the battery and by the plain implementation.

Left out, because the printed numbers do not follow from the printed sequence: the p-values of 2.6.4 and 2.6.8 (see the
test of the peaks below); the classes of 2.8.4 (1 and 2 are confused) and its p-value (not that of its chi-square); the
states +1..+4 of 2.14.8 (the reference code has other chi-squares on the same digits). Left out too are the examples on
sequences of the generator G-SHA-1.
"""

import numpy as np
import pytest

from cryptobench.metrics import randomness
from cryptobench.metrics.randomness.complexity import linear_complexities
from cryptobench.metrics.randomness.rank import matrix_ranks
from cryptobench.metrics.randomness.templates import overlapping_probabilities
from cryptobench.metrics.randomness.universal import sum_log_distances
from tests.metrics.randomness import plain
from tests.metrics.randomness.digits import packed_digits

EXAMPLE_128 = (
    "1100110000010101011011000100110011100000000000100100110101010001"
    "0001001111010110100000001101011111001100111001101101100010110010"
)


def bits_of(sequence: str) -> np.ndarray:
    """Zeros and ones, from text or from "<number> <digits>"."""
    number, _, digits = sequence.rpartition(" ")
    if not number:
        return np.array([int(c) for c in sequence], np.uint8)
    return np.unpackbits(np.frombuffer(packed_digits(number, int(digits)), np.uint8), count=int(digits))


# Section, test, sequence, the battery's parameters, the plain implementation's, p-values.
EXAMPLES = [
    ("2.1.4", "frequency", "1011010101", {}, {}, [0.527089]),
    ("2.1.8", "frequency", "pi 100", {}, {}, [0.109599]),
    ("2.2.4", "block_frequency", "0110011010", {"block": 3}, {"m": 3}, [0.801252]),
    ("2.2.8", "block_frequency", "pi 100", {"block": 10}, {"m": 10}, [0.706438]),
    ("2.3.4", "runs", "1001101011", {}, {}, [0.147232]),
    ("2.3.8", "runs", "pi 100", {}, {}, [0.500798]),
    ("2.4.8", "longest_run", EXAMPLE_128, {}, {}, [0.180609]),
    ("2.5.8", "rank", "e 100000", {}, {}, [0.532069]),
    ("2.8.8", "overlapping_template", "e 1000000", {}, {}, [0.110434]),
    ("2.10.8", "linear_complexity", "e 1000000", {"block": 1000}, {"m": 1000}, [0.845406]),
    ("2.11.6", "serial", "0011011101", {"width": 3}, {"m": 3}, [0.808792, 0.670320]),
    ("2.11.8", "serial", "e 1000000", {"width": 2}, {"m": 2}, [0.843764, 0.561915]),
    ("2.12.4", "approximate_entropy", "0100110101", {"width": 3}, {"m": 3}, [0.261961]),
    ("2.12.8", "approximate_entropy", "pi 100", {"width": 2}, {"m": 2}, [0.235301]),
    ("2.13.4", "cumulative_sums", "1011010111", {}, {}, [0.411659, 0.411659]),
    ("2.13.8", "cumulative_sums", "pi 100", {}, {}, [0.219194, 0.114866]),
]


@pytest.mark.parametrize(
    ("test", "sequence", "parameters", "plain_parameters", "p_values"),
    [row[1:] for row in EXAMPLES],
    ids=[row[0] for row in EXAMPLES],
)
def test_the_examples_p_values_are_met(test, sequence, parameters, plain_parameters, p_values) -> None:
    """Battery and plain implementation give the printed p-value to six digits."""
    bits = bits_of(sequence)
    found = getattr(randomness, test)(np.packbits(bits), bits.size, enforce_limits=False, **parameters)
    assert np.round(found.p_values, 6).tolist() == p_values
    assert np.round(plain.TESTS[test](bits, **plain_parameters), 6).tolist() == p_values


def test_rank_example_2_5_4() -> None:
    """The two matrices of 2.5.4 have ranks 2 and 3; the printed p-value has the constants of large matrices."""
    bits = bits_of("01011001001010101101")
    assert matrix_ranks(randomness.as_bits(np.packbits(bits), 20).words, 2, 3, 3).tolist() == [2, 3]
    assert plain.ranks(bits, 3).tolist() == [2, 3]
    statistic = plain.chi_square([1, 1, 0], [0.2888, 0.5776, 0.1336])
    assert statistic == pytest.approx(0.596953, abs=1e-6)
    assert np.exp(-statistic / 2) == pytest.approx(0.741948, abs=1e-6)


@pytest.mark.parametrize(("sequence", "printed", "counted"), [("1001010011", 4, 5), ("pi 100", 46, 48)])
def test_spectral_examples_miscount_peaks(sequence, printed, counted) -> None:
    """In 2.6.4 and 2.6.8 fewer peaks are printed below the threshold than the transform has; d follows from them."""
    bits = bits_of(sequence)
    n = bits.size
    j, k = np.arange(n // 2)[:, None], np.arange(n)[None, :]
    modulus = np.abs(((2.0 * bits - 1) * np.exp(2j * np.pi * j * k / n)).sum(axis=1))
    assert np.sum(modulus < np.sqrt(n * np.log(20))) == counted
    found = randomness.spectral(np.packbits(bits), n, enforce_limits=False)
    scale = np.sqrt(n * 0.95 * 0.05 / 4)
    assert found.statistics[0] == pytest.approx((counted - 0.95 * n / 2) / scale)
    assert (printed - 0.95 * n / 2) / scale == pytest.approx({4: -2.176429, 46: -1.376494}[printed], abs=1e-6)


def test_non_overlapping_example_2_7_4() -> None:
    """The template 001 in two blocks of ten bits: chi-square 2.133333, p-value 0.344154."""
    bits = bits_of("10100100101110010110")
    found = randomness.non_overlapping_template(np.packbits(bits), 20, width=3, blocks=2, enforce_limits=False)
    assert found.parts == ("001", "011", "100", "110")
    assert found.statistics[0] == pytest.approx(2.133333, abs=1e-6)
    assert found.p_values[0] == pytest.approx(0.344154, abs=1e-6)
    assert plain.non_overlapping_template(bits, 3, 2) == pytest.approx(found.p_values.tolist())


def test_overlapping_example_2_8_4() -> None:
    """The class probabilities of 2.8.4, and chi-square from the printed classes."""
    probabilities = overlapping_probabilities(2, 10, "standard")
    printed = [0.324652, 0.182617, 0.142670, 0.106645, 0.077147, 0.166269]
    assert probabilities == pytest.approx(printed, abs=2e-6)
    assert plain.chi_square([0, 1, 1, 1, 1, 1], probabilities) == pytest.approx(3.167729, abs=2e-5)


def test_universal_example_2_9_4() -> None:
    """The statistic of 2.9.4 is 1.1949875."""
    bits = bits_of("01011010011101010111")
    assert plain.universal_statistic(bits, 2, 4)[0] == pytest.approx(1.1949875, abs=1e-7)
    words = randomness.as_bits(np.packbits(bits), 20).words
    assert sum_log_distances(words, 2, 4, 6) / 6 == pytest.approx(1.1949875, abs=1e-7)


def test_linear_complexity_example_2_10_4() -> None:
    """The block of 2.10.4 has linear complexity 4 and T = 2.999444."""
    bits = bits_of("1101011110001")
    assert linear_complexities(randomness.as_bits(np.packbits(bits), 13).words, 1, 13).tolist() == [4]
    assert plain.berlekamp_massey(bits.tolist()) == 4
    assert plain.complexity_deviation(4, 13) == pytest.approx(2.999444, abs=2e-6)


def test_excursions_examples_of_the_standard() -> None:
    """Three cycles; chi-square 4.333033 for +1, computed with rounded probabilities; four visits of +1."""
    bits = bits_of("0110110101")
    found = randomness.random_excursions(np.packbits(bits), 10, enforce_limits=False)
    assert found.parameters["cycles"] == 3
    at = found.parts.index("x=+1")
    assert found.statistics[at] == pytest.approx(4.333033, abs=5e-4)
    assert found.p_values[at] == pytest.approx(0.502529, abs=5e-5)
    variant = randomness.random_excursions_variant(np.packbits(bits), 10, enforce_limits=False)
    at = variant.parts.index("x=+1")
    assert variant.statistics[at] == 4
    assert variant.p_values[at] == pytest.approx(0.683091, abs=1e-6)


def test_excursions_example_2_14_8() -> None:
    """The million digits of e have 1490 cycles, and the printed chi-squares and p-values of the states -4..-1."""
    found = randomness.random_excursions(packed_digits("e", 1_000_000))
    assert found.parameters["cycles"] == 1490
    assert np.round(found.statistics[:4], 6).tolist() == [3.835698, 7.318707, 7.861927, 15.692617]
    assert np.round(found.p_values[:4], 6).tolist() == [0.573306, 0.197996, 0.164011, 0.007779]


def test_excursions_example_2_15_8() -> None:
    """The million digits of e visit the states -9..9 as often as printed, with the printed p-values."""
    found = randomness.random_excursions_variant(packed_digits("e", 1_000_000))
    assert found.statistics.astype(int).tolist() == [
        *(1450, 1435, 1380, 1366, 1412, 1475, 1480, 1468, 1502),
        *(1409, 1369, 1396, 1479, 1599, 1628, 1619, 1620, 1610),
    ]
    assert np.round(found.p_values, 6).tolist() == [
        *(0.858946, 0.794755, 0.576249, 0.493417, 0.633873, 0.917283, 0.934708, 0.816012, 0.826009),
        *(0.137861, 0.200642, 0.441254, 0.939291, 0.505683, 0.445935, 0.512207, 0.538635, 0.593930),
    ]
