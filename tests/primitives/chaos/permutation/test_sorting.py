"""Argsorts of states, of sequences and of a matrix's columns and rows, against numpy's stable argsort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cryptobench.primitives.chaos.permutation import sorting
from cryptobench.primitives.chaos.permutation.sorting import argsort, argsort_columns, argsort_sorted_rows

RNG = np.random.default_rng(7)
VALUES = {
    "uniform": RNG.random(3000),
    "all equal": np.full(500, 0.25),
    "many ties": RNG.integers(0, 5, 777) / 5,
    "logistic": np.sin(np.pi / 2 * RNG.random(20_000)) ** 2,
    "crowded": np.exp(-np.exp(RNG.normal(0, 3, 3000))),
    "descending": np.linspace(1, 0, 300),
    "denormal": np.array([5e-324, 0.0, 1e-323, -5e-324]),
    "huge": np.array([1e308, -1e308, 0.0, np.inf, -np.inf]),
    "zeros": np.array([0.0, -0.0, 1.0, -0.0, 0.0, -1.0]),
    "nan": np.array([2.0, np.nan, -np.inf, -np.nan, 1.0, np.copysign(np.nan, -1.0), np.inf]),
    "next": np.nextafter(0.5, RNG.integers(0, 2, 4000) * 1.0),
    "negative": RNG.normal(-3.0, 1.0, 2**17),
    "rows of a large image": RNG.random(2**20),
    "one": np.array([2.0]),
    "none": np.array([]),
}
SPREADS = {
    "uniform": lambda u: u,
    "many ties": lambda u: np.round(0.9 * u, 1),
    "all equal": np.zeros_like,
    "crowded": lambda u: np.where(u == u.max(), 0.999, u * 1e-12),
    "partly crowded": lambda u: np.where(u < 0.01, u * 1e-8, u),
    "denormal": lambda u: u * 1e-309,
    "descending": lambda u: 0.9 - 0.9 * np.sort(u, axis=0),
    "short of 1": lambda u: 1.0 - np.ceil(u * 8) * 2.0**-53,
}


@pytest.mark.parametrize("name", VALUES)
def test_argsort_is_numpys_stable_argsort(name: str):
    """Whatever the distribution is, order and ties are those of argsort(kind="stable"), and the values stay."""
    values, before = VALUES[name], VALUES[name].copy()
    order = argsort(values)
    assert order.dtype == np.int32
    assert np.array_equal(order, np.argsort(values, kind="stable"))
    assert values.tobytes() == before.tobytes()


@settings(max_examples=200, deadline=None)
@given(arrays(np.float64, st.integers(0, 200), elements=st.floats()))
def test_argsort_agrees_on_arbitrary_floats(values: np.ndarray):
    """Also on what hypothesis finds nasty: infinities, zeros of both signs, denormal numbers, NaN."""
    assert np.array_equal(argsort(values), np.argsort(values, kind="stable"))


def assert_sorts_columns_and_rows(s: np.ndarray) -> None:
    """Orders equal numpy's, for the columns and then for the rows; the states stay as they are."""
    before = s.copy()
    columns = argsort_columns(s)
    order = np.argsort(before, axis=0, kind="stable")
    assert np.array_equal(columns, order)
    ranked = np.take_along_axis(before, order, 0)
    assert np.array_equal(argsort_sorted_rows(s, columns), np.argsort(ranked, axis=1, kind="stable"))
    assert np.array_equal(s, before)


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 263), (257, 1), (16, 16), (257, 263), (33, 141), (300, 32)], ids=str)
def test_columns_and_rows_are_sorted(shape: tuple[int, int], spread: str):
    """Whatever the distribution is, in whole tiles of 16 columns and in parts of one."""
    assert_sorts_columns_and_rows(SPREADS[spread](RNG.random(shape)))


@settings(max_examples=100, deadline=None)
@given(
    arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.floats(0, 1, exclude_max=True))
)
def test_matrices_of_arbitrary_states_are_sorted(s: np.ndarray):
    """Also those that hypothesis finds nasty, with many ties and denormal numbers among them."""
    assert_sorts_columns_and_rows(np.abs(s))


def test_matrices_of_several_strips_are_sorted(monkeypatch: pytest.MonkeyPatch):
    """Where the cache holds no more than 16 columns or rows, ties within every strip are settled by its own states."""
    monkeypatch.setattr(sorting, "_CACHED", 1)
    for spread in ("uniform", "many ties", "short of 1"):
        assert_sorts_columns_and_rows(SPREADS[spread](RNG.random((70, 53))))


def test_long_columns_and_rows_are_sorted_singly():
    """Beyond the length up to which the leading bits pay, and where 16 bits do not number the rows."""
    longest: int = sorting._LONG
    for shape in ((3, longest + 1), (longest + 1, 3), (2**16 + 1, 2)):
        assert_sorts_columns_and_rows(RNG.random(shape))


def test_states_settle_equal_leading_bits():
    """Two states apart by less than a word can show keep their exact order, and equal ones the order of their rows."""
    low, high = np.float64(0.5), np.nextafter(0.5, 1.0)
    column = np.array([0.0, high, low, high, low, 0.99] + [0.6 + i / 1000 for i in range(100)])
    first = [0, 2, 4, 1, 3, *range(6, 106), 5]
    assert argsort(column).tolist() == first
    assert argsort_columns(column[:, None]).ravel().tolist() == first
    assert argsort_sorted_rows(column[None], argsort_columns(column[None])).ravel().tolist() == first
