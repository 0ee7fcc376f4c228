"""Reference p-values: binary digits of pi, e, sqrt 2 and sqrt 3, as NIST's own C code gives them."""

import numpy as np
import pytest

from cryptobench.metrics import randomness
from tests.metrics.randomness.digits import e_scaled, packed_digits, pi_scaled

NUMBERS = ("pi", "e", "sqrt 2", "sqrt 3")
MEGABIT = 1_000_000

# Those of pi and e are also in appendix B of the standard.
STANDARD = {
    "frequency": (0.578211, 0.953749, 0.811881, 0.610051),
    "block_frequency": (0.380615, 0.211072, 0.833222, 0.473961),
    "cumulative_sums forward": (0.628308, 0.669886, 0.879009, 0.917121),
    "cumulative_sums backward": (0.663369, 0.724265, 0.957206, 0.689519),
    "runs": (0.419268, 0.561917, 0.313427, 0.261123),
    "longest_run": (0.024390, 0.718945, 0.012117, 0.446726),
    "rank": (0.083553, 0.306156, 0.823810, 0.314498),
    "spectral": (0.010186, 0.847187, 0.581909, 0.776046),
    "non_overlapping_template 000000001": (0.165757, 0.078790, 0.569461, 0.532235),
    "overlapping_template": (0.296897, 0.110434, 0.791982, 0.082716),
    "universal": (0.669012, 0.282568, 0.130805, 0.165981),
    "linear_complexity": (0.255475, 0.826335, 0.317127, 0.346469),
    "serial p1": (0.143005, 0.766182, 0.861925, 0.157500),
    "serial p2": (0.034354, 0.462921, 0.629225, 0.171100),
    "approximate_entropy": (0.361595, 0.700073, 0.884740, 0.180481),
    "random_excursions x=+1": (0.844143, 0.786868, 0.216235, 0.783283),
    "random_excursions_variant x=-1": (0.760966, 0.826009, 0.566118, 0.155066),
}

CORRECTED = {
    "overlapping_template": (0.260704, 0.159032, 0.828881, 0.080770),
    "linear_complexity": (0.246857, 0.826194, 0.321859, 0.338275),
}


@pytest.fixture(scope="module")
def found() -> dict[str, randomness.Battery]:
    """The battery on the first 10^6 binary digits of each number."""
    return {number: randomness.battery(packed_digits(number, MEGABIT)) for number in NUMBERS}


def test_the_digits_are_right() -> None:
    """The digits begin as they are known to, and agree with double precision."""
    start = "11001001000011111101101010100010001000010110100011"
    assert f"{pi_scaled(98):b}"[:50] == start
    assert pi_scaled(98) / 2**98 == np.pi
    assert e_scaled(98) / 2**98 == np.e
    assert int.from_bytes(packed_digits("sqrt 2", 96), "big") / 2**95 == np.sqrt(2)
    assert int.from_bytes(packed_digits("sqrt 3", 96), "big") / 2**95 == np.sqrt(3)


@pytest.mark.parametrize(("index", "number"), list(enumerate(NUMBERS)))
@pytest.mark.parametrize(("variant", "values"), [("standard", STANDARD), ("corrected", CORRECTED)])
def test_reference_p_values(found, index, number, variant, values) -> None:
    """Every reference value is met to its six digits."""
    p_values = found[number].p_values(variant)
    assert {name: round(p_values[name], 6) for name in values} == {name: row[index] for name, row in values.items()}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_megabit_has_188_p_values(found, number) -> None:
    """Every sub-statistic is there, in both variants, and no test is left out."""
    assert len(found[number].p_values()) == len(found[number].p_values("corrected")) == 188
    assert not found[number].skipped
    counts = {test: len(outcome.p_values) for test, outcome in found[number].standard.items()}
    assert {test: count for test, count in counts.items() if count > 1} == {
        "non_overlapping_template": 148,
        "serial": 2,
        "cumulative_sums": 2,
        "random_excursions": 8,
        "random_excursions_variant": 18,
    }
