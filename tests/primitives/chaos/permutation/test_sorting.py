"""Argsort of states against numpy's stable argsort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cryptobench.primitives.chaos.permutation.sorting import argsort

RNG = np.random.default_rng(7)
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
