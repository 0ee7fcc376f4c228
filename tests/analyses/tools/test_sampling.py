"""Draws from large populations are NumPy's, in less memory."""

import numpy as np
import pytest

from cryptobench.analyses.tools.sampling import distinct


@pytest.mark.parametrize(
    ("population", "count"),
    [(100, 3), (10_001, 200), (10_001, 201), (10_001, 10_001), (20_000, 19_999), (700_000, 500_000), (1 << 20, 30_000)],
)
def test_numbers_and_state_are_those_of_choice(population: int, count: int) -> None:
    """The same numbers in the same order, and the generator goes on as it would have done."""
    one, other = np.random.default_rng(population), np.random.default_rng(population)
    for generator in (one, other):
        generator.integers(0, 9, dtype=np.uint32)  # leaves half a word behind
    assert np.array_equal(distinct(one, population, count), other.choice(population, count, replace=False))
    assert one.bit_generator.state == other.bit_generator.state
