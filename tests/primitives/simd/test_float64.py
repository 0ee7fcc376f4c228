"""Vectors of float64 in kernels against plain floats, bit for bit."""

import math

import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError

from cryptobench.primitives.chaos.elementary import abs_sin_pi
from cryptobench.primitives.simd.float64 import choose, element, gather, load, slide, store, swap_pairs

RNG = np.random.default_rng(16)
A, B = RNG.uniform(-3, 3, (2, 8))


@njit
def formulas(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    u, v = load(a, 0, 8), load(b, 0, 8)
    store(out[0], 0, u * v + 0.3)
    store(out[1], 0, 2 - u * u - v)
    store(out[2], 0, min(u, v) - min(1.0, u))
    store(out[3], 0, np.rint(u) + abs(v))
    store(out[4], 0, abs_sin_pi(abs(u)))


@njit
def moves(a: np.ndarray, b: np.ndarray, table: np.ndarray, out: np.ndarray) -> float:
    u, v = load(a, 0, 4), load(b, 2, 4)
    store(out[0], 1, swap_pairs(u))
    store(out[1], 0, slide(u, v, 1))
    store(out[2], 0, slide(u, v, 3))
    store(out[3], 4, gather(a, table, 2, 4))
    return element(u, 2)


@njit
def alone(u: float) -> float:
    return abs_sin_pi(u)


def test_each_element_is_a_float64_of_its_own():
    """Sums, differences, products, minima, rounding, magnitudes and sines: no bit differs from plain floats."""
    out = np.empty((5, 8))
    formulas(A, B, out)
    a, b = A.tolist(), B.tolist()
    assert out[0].tolist() == [x * y + 0.3 for x, y in zip(a, b, strict=True)]
    assert out[1].tolist() == [2 - x * x - y for x, y in zip(a, b, strict=True)]
    assert out[2].tolist() == [min(x, y) - min(1.0, x) for x, y in zip(a, b, strict=True)]
    assert out[3].tolist() == [round(x) + math.fabs(y) for x, y in zip(a, b, strict=True)]
    assert out[4].tolist() == [alone(abs(x)) for x in a]


def test_products_are_rounded_before_they_are_added():
    """No multiplication is contracted with an addition: 0.1 * -3 + 0.3 is -2^-54, and half of that if it were."""
    out = np.empty((5, 8))
    formulas(np.full(8, 0.1), np.full(8, -3.0), out)
    assert out[0].tolist() == [-(2.0**-54)] * 8


def test_elements_move_as_named():
    """Swapped in pairs, slid across two values, gathered by a table, taken out; nothing else is written."""
    out, table = np.zeros((4, 8)), np.array([9, 9, 7, 0, 3, 3], np.uint64)
    assert moves(A, B, table, out) == A[2]
    joined = [*A[:4], *B[2:6]]
    assert out[0].tolist() == [0, A[1], A[0], A[3], A[2], 0, 0, 0]
    assert out[1].tolist() == [*joined[1:5], 0, 0, 0, 0]
    assert out[2].tolist() == [*joined[3:7], 0, 0, 0, 0]
    assert out[3].tolist() == [0, 0, 0, 0, A[7], A[0], A[3], A[3]]


def test_strided_and_other_arrays_are_refused():
    """A strided array and one of float32 do not compile."""
    for a in (np.empty(16)[::2], np.empty(8, np.float32)):
        with pytest.raises(TypingError):
            formulas(a, B, np.empty((5, 8)))


@njit
def choices(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    u, v = load(a, 0, 8), load(b, 0, 8)
    store(out[0], 0, choose(u, v, 1.0, v))
    store(out[1], 0, choose(0.5, u, u, -7.0))
    store(out[2], 0, max(u, v) + max(u, 0.25))


def test_elements_are_chosen_by_a_strict_comparison():
    """Each as in plain floats; so is the larger of two."""
    out = np.empty((3, 8))
    a, b = A.copy(), B.copy()
    a[2], a[3] = b[2], 0.5
    choices(a, b, out)
    assert out[0].tolist() == [1.0 if x < y else y for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    assert out[1].tolist() == [x if x > 0.5 else -7.0 for x in a.tolist()]
    assert out[2].tolist() == [max(x, y) + max(x, 0.25) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
