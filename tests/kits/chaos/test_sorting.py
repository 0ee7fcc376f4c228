"""Argsort of states against numpy's stable argsort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cryptobench.kits.chaos import sorting
from cryptobench.kits.chaos.sorting import argsort, argsort_rows, sort_columns

RNG = np.random.default_rng(7)
SPREADS = {
    "uniform": lambda u: u,
    "many ties": lambda u: np.round(u, 1),
    "all equal": np.zeros_like,
    "one far away": lambda u: np.where(u == u.max(), 1e300, u),
    "crowded": lambda u: np.where(u == u.max(), 1.0, u * 1e-12),
    "denormal": lambda u: u * 1e-309,
    "huge": lambda u: (u - 0.5) * 3e308,
    "descending": lambda u: -np.sort(u, axis=0),
}
VALUES = {
    "uniform": RNG.random(3000),
    "all equal": np.full(500, 0.25),
    "many ties": RNG.integers(0, 5, 777) / 5,
    "logistic": np.sin(np.pi / 2 * RNG.random(20_000)) ** 2,
    "crowded": np.exp(-np.exp(RNG.normal(0, 3, 3000))),
    "descending": np.linspace(1, 0, 300),
    "denormal": np.array([5e-324, 0.0, 1e-323]),
    "huge": np.array([1e308, -1e308, 0.0]),
    "one": np.array([2.0]),
    "none": np.array([]),
}


@pytest.mark.parametrize("name", VALUES)
def test_argsort_is_numpys_stable_argsort(name: str):
    """Whatever the distribution is, order and ties are those of argsort(kind="stable")."""
    values = VALUES[name]
    assert np.array_equal(argsort(values), np.argsort(values, kind="stable"))


@settings(max_examples=200, deadline=None)
@given(arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e6, 1e6)))
def test_argsort_agrees_on_arbitrary_floats(values: np.ndarray):
    """Also on floats that hypothesis finds nasty."""
    assert np.array_equal(argsort(values), np.argsort(values, kind="stable"))


def assert_sorts_along_both_axes(s: np.ndarray) -> None:
    """Orders equal numpy's along either axis; rows stay as they are, columns are left sorted."""
    before = s.copy()
    assert np.array_equal(argsort_rows(s), np.argsort(before, axis=1, kind="stable"))
    assert np.array_equal(s, before)
    assert np.array_equal(sort_columns(s), np.argsort(before, axis=0, kind="stable"))
    assert np.array_equal(s, np.sort(before, axis=0))


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 263), (257, 1), (16, 16), (257, 263), (33, 141), (300, 32)], ids=str)
def test_columns_and_rows_are_sorted_each_for_itself(shape: tuple[int, int], spread: str):
    """Whatever the distribution is, in whole strips of 32 columns and in parts of one."""
    assert_sorts_along_both_axes(SPREADS[spread](RNG.random(shape)))


def test_long_columns_and_rows_are_sorted_one_by_one():
    """Beyond the length up to which a network is used."""
    longest: int = sorting._TALL
    for shape in ((3, longest + 1), (longest + 1, 3)):
        assert_sorts_along_both_axes(RNG.random(shape))


def test_words_that_leave_no_bits_for_the_values_are_settled_by_the_values():
    """Two values apart by less than a word can show keep their exact order, and equal ones the order of their rows."""
    low, high = np.float64(0.5), np.nextafter(0.5, 1.0)
    column = np.array([0.0, high, low, high, low, 1.0])
    assert sort_columns(column[:, None].copy()).ravel().tolist() == [0, 2, 4, 1, 3, 5]
    assert argsort_rows(column[None]).ravel().tolist() == [0, 2, 4, 1, 3, 5]
