"""The battery agrees with the plain implementation.

Three random megabits by default; CRYPTOBENCH_RANDOM_MEGABITS=200 compares that many (about a second each).
"""

import os

import numpy as np
import pytest

from cryptobench.metrics import randomness
from tests.metrics.randomness import plain

MEGABITS = int(os.environ.get("CRYPTOBENCH_RANDOM_MEGABITS", "3"))


def assert_agreement(packed: np.ndarray, n: int) -> randomness.Battery:
    """Every test that the battery ran gives the plain p-values to 1e-6."""
    found = randomness.battery(packed, n)
    bits = np.unpackbits(packed, count=n)
    parameters = {
        "block_frequency": lambda outcome: {"m": outcome.parameters["block"]},
        "serial": lambda outcome: {"m": outcome.parameters["width"]},
        "approximate_entropy": lambda outcome: {"m": outcome.parameters["width"]},
    }
    for test, outcome in found.standard.items():
        chosen = parameters.get(test, lambda _: {})(outcome)
        np.testing.assert_allclose(outcome.p_values, plain.TESTS[test](bits, **chosen), rtol=0, atol=1e-6, err_msg=test)
    return found


@pytest.mark.parametrize("seed", range(MEGABITS))
def test_random_megabits(seed) -> None:
    """All p-values of a random megabit agree to 1e-6."""
    packed = np.random.default_rng([800, 22, seed]).integers(0, 256, 125_000, dtype=np.uint8)
    assert len(assert_agreement(packed, 1_000_000).standard) >= 13


@pytest.mark.parametrize(
    ("n", "tests"),
    [(100, 5), (127, 5), (128, 7), (1001, 8), (6275, 8), (20_543, 8), (20_544, 9), (38_912, 10), (65_537, 10)],
)
def test_awkward_lengths(n, tests) -> None:
    """Lengths that fill no byte, no word and no block agree too, with the tests that they are enough for."""
    packed = np.random.default_rng(n).integers(0, 256, (n + 7) // 8, dtype=np.uint8)
    assert len(assert_agreement(packed, n).standard) == tests


@pytest.mark.parametrize("n", [262_144, 387_841, 404_498])
def test_both_ways_of_the_transform(n) -> None:
    """Spectra in two passes (even lengths with divisors) and in one agree, and so does the universal test's L = 6."""
    packed = np.random.default_rng(n).integers(0, 256, (n + 7) // 8, dtype=np.uint8)
    bits = np.unpackbits(packed, count=n)
    assert randomness.spectral(packed, n).p_value == pytest.approx(plain.spectral(bits)[0], abs=1e-9)
    if n >= 387_840:
        assert randomness.universal(packed, n).p_value == pytest.approx(plain.universal(bits)[0], abs=1e-9)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("zeros", "0"),
        ("ones", "1"),
        ("alternating", "01"),
        ("bytes of one bit", "00000001"),
        ("a long period", "0110100110010110100"),
        ("long runs", "1" * 700 + "0" * 700),
    ],
)
def test_sequences_without_randomness(name, pattern) -> None:
    """On periodic sequences, where counts are extreme, both agree, and the battery rejects."""
    n = 50_000
    bits = np.resize(np.array([int(c) for c in pattern], np.uint8), n)
    found = assert_agreement(np.packbits(bits), n)
    assert found.verdict() == "fail"


@pytest.mark.parametrize("share", [0.5, 0.1, 0.9])
def test_excursions_of_walks_near_zero(share) -> None:
    """Walks held near zero, with many cycles and visits, have the plain visits."""
    generator = np.random.default_rng(3)
    # Balanced quadruples in random order return to zero after each.
    patterns = np.array([[0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1], [1, 1, 0, 0]], np.uint8)
    weights = np.array([share, 1 - share, share, 1 - share]) / 2
    bits = patterns[generator.choice(4, 250_000, p=weights)].ravel()
    packed = np.packbits(bits)
    for test in ("random_excursions", "random_excursions_variant", "cumulative_sums"):
        found = getattr(randomness, test)(packed)
        np.testing.assert_allclose(found.p_values, plain.TESTS[test](bits), rtol=0, atol=1e-9)
