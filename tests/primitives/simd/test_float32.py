"""The operations on eight numbers are those of IEEE arithmetic; aligned memory starts on a cache line."""

import numpy as np
from numba import njit

from cryptobench.primitives.simd import float32
from cryptobench.primitives.simd.float32 import (
    add,
    aligned,
    divide,
    fma,
    load,
    load_wide,
    maximum,
    minimum,
    multiply,
    splat,
    square_root,
    store,
    subtract,
)

A = np.array([1, -2, 3.5, 0, 1e3, -1e-30, 7, 1 / 3], np.float32)
B = np.array([3, 5, -0.5, 2, 1e-5, 4, 7, -3], np.float32)


@njit
def _all(a, b, out):
    x, y = load(a, 0), load(b, 0)
    store(out, 0, add(x, y))
    store(out, 8, subtract(x, y))
    store(out, 16, multiply(x, y))
    store(out, 24, divide(x, y))
    store(out, 32, maximum(x, y))
    store(out, 40, minimum(x, y))
    store(out, 48, fma(2.5, x, splat(b, 1)))


def test_operations_are_those_of_numpy():
    """Each of them, a number standing for a vector and an element spread to eight among them."""
    out = np.empty(56, np.float32)
    _all(A, B, out)
    expected = [A + B, A - B, A * B, A / B, np.maximum(A, B), np.minimum(A, B)]
    np.testing.assert_array_equal(out[:48].reshape(6, 8), expected)
    np.testing.assert_array_equal(out[48:], (2.5 * A.astype(np.float64) + 5).astype(np.float32))


@njit
def _square_less_one(a, out):
    x = load(a, 0)
    store(out, 0, fma(x, x, -1.0))


def test_fma_rounds_once():
    """(1 + e)^2 - 1 keeps the e^2 that a rounded square loses: e = 2^-12, e^2 is below the last bit of 1."""
    e = np.float32(2**-12)
    out = np.empty(8, np.float32)
    _square_less_one(np.full(8, 1 + e, np.float32), out)
    assert out[0] == 2 * e + e * e
    assert (np.float32(1) + e) * (np.float32(1) + e) - np.float32(1) != out[0]
    assert float32.SIMD_WIDTH == 8


def test_memory_starts_on_a_cache_line():
    """Whatever the size."""
    for size in (1, 7, 100_000):
        array = aligned(size, 3)
        assert array.shape == (size, 3)
        assert array.ctypes.data % 64 == 0


@njit
def _wide(a, out):
    x = load_wide(a, 1)
    store(out, 0, fma(x, 2.5, square_root(x)))


def test_wide_vectors_have_sixteen_numbers():
    """Loaded, computed and stored as eight are; roots are rounded once."""
    a = np.arange(17, dtype=np.float32)
    out = np.full(17, -1, np.float32)
    _wide(a, out)
    roots = np.sqrt(a[1:])
    assert np.array_equal(out[:16], (2.5 * a[1:].astype(np.float64) + roots).astype(np.float32))
    assert out[16] == -1
