"""Argsort of a matrix's columns and rows, and the sorting network, against numpy's stable sorts."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.permutation import matrix_sorting
from cryptobench.primitives.chaos.permutation.matrix_sorting import (
    STRIP,
    argsort_sorted_rows,
    merge_exchange,
    sort_columns,
)

RNG = np.random.default_rng(7)
SPREADS = {
    "uniform": lambda u: u,
    "many ties": lambda u: np.round(0.9 * u, 1),
    "all equal": np.zeros_like,
    "crowded": lambda u: np.where(u == u.max(), 0.999, u * 1e-12),
    "partly crowded": lambda u: np.where(u < 0.01, u * 1e-8, u),
    "denormal": lambda u: u * 1e-309,
    "descending": lambda u: 0.9 - 0.9 * np.sort(u, axis=0),
}


def assert_sorts_columns_and_rows(s: np.ndarray) -> None:
    """Orders equal numpy's, for the columns and then for the rows; the states stay as they are."""
    before = s.copy()
    columns = sort_columns(s)
    order = np.argsort(before, axis=0, kind="stable")
    assert np.array_equal(columns.order, order)
    ranked = np.take_along_axis(before, order, 0)
    assert np.array_equal(argsort_sorted_rows(s, columns), np.argsort(ranked, axis=1, kind="stable"))
    assert np.array_equal(s, before)


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 263), (257, 1), (16, 16), (257, 263), (33, 141), (300, 32)], ids=str)
def test_columns_and_rows_are_sorted(shape: tuple[int, int], spread: str):
    """Whatever the distribution is, in whole strips of 32 columns and in parts of one."""
    assert_sorts_columns_and_rows(SPREADS[spread](RNG.random(shape)))


def test_long_columns_and_rows_are_sorted_singly():
    """Beyond the length up to which the leading bits pay, and where 16 bits do not number the rows."""
    longest: int = matrix_sorting._TALL
    for shape in ((3, longest + 1), (longest + 1, 3), (2**16 + 1, 2)):
        assert_sorts_columns_and_rows(RNG.random(shape))


def test_states_settle_equal_leading_bits():
    """Two states apart by less than a word can show keep their exact order, and equal ones the order of their rows."""
    low, high = np.float64(0.5), np.nextafter(0.5, 1.0)
    column = np.array([0.0, high, low, high, low, 0.99] + [0.6 + i / 1000 for i in range(100)])
    first = [0, 2, 4, 1, 3, *range(6, 106), 5]
    assert sort_columns(column[:, None]).order.ravel().tolist() == first
    assert argsort_sorted_rows(column[None], sort_columns(column[None])).ravel().tolist() == first


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 7, 8, 31, 64, 257, 700])
def test_network_sorts_every_column(n: int):
    """For any number of rows, with and without equal words, up to the largest."""
    for most in (2, 7, 2**32):
        words = RNG.integers(0, most, (n, STRIP), np.uint32)
        expected = np.sort(words, axis=0)
        merge_exchange(words)
        assert np.array_equal(words, expected)


def test_network_sorts_all_zeros_and_ones():
    """By the zero-one principle the network of 11 rows then sorts everything."""
    numbers = np.arange(2**11, dtype=np.uint32)
    bits = numbers >> np.arange(11, dtype=np.uint32)[:, None] & 1
    for first in range(0, 2**11, STRIP):
        words = np.ascontiguousarray(bits[:, first : first + STRIP])
        merge_exchange(words)
        assert np.array_equal(words, np.sort(bits[:, first : first + STRIP], axis=0))
