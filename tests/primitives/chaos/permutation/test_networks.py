"""The sorting network against numpy's sort."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.permutation.sorting import LANES, merge_exchange

RNG = np.random.default_rng(52)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 7, 8, 31, 64, 257, 700])
def test_every_column_is_sorted(n: int):
    """For any number of rows, with and without equal words, up to the largest."""
    for most in (2, 7, 2**32):
        words = RNG.integers(0, most, (n, LANES), np.uint32)
        expected = np.sort(words, axis=0)
        merge_exchange(words)
        assert np.array_equal(words, expected)


def test_all_columns_of_zeros_and_ones_of_eleven_rows_are_sorted():
    """By the zero-one principle the network of 11 rows then sorts everything."""
    numbers = np.arange(2**11, dtype=np.uint32)
    bits = numbers >> np.arange(11, dtype=np.uint32)[:, None] & 1
    for first in range(0, 2**11, LANES):
        words = np.ascontiguousarray(bits[:, first : first + LANES])
        merge_exchange(words)
        assert np.array_equal(words, np.sort(bits[:, first : first + LANES], axis=0))
