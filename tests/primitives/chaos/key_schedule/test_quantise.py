"""Orbit states to integers, against Python's exact integers."""

import math

import numpy as np
import pytest
from numba import njit

from cryptobench.primitives.chaos.key_schedule.keystream import bits_after, index_pairs, indices, scaled_bytes

STATES = np.concatenate(
    [np.random.default_rng(3).random(5000), [0.0, 2.0**-60, 0.5, 1 - 2.0**-53], np.arange(1, 300) / 300]
)


@njit
def all_bits_after(x: np.ndarray, skipped: float, size: float) -> np.ndarray:
    out = np.empty(len(x), np.int32)
    for t in range(len(x)):
        out[t] = bits_after(x[t], skipped, size)
    return out


@pytest.mark.parametrize("modulus", [8, 9, 255, 24 * 33 * 47, 8 * 512 * 512 * 3, 2**31 - 1])
def test_indices_are_exact_remainders(modulus: int):
    """floor(x 2^40) mod m agrees with Python's integers, and lies in 0 .. m-1."""
    out = np.empty(len(STATES), np.int32)
    indices(STATES, modulus, out)
    assert out.tolist() == [math.floor(x * 2**40) % modulus for x in STATES.tolist()]


@pytest.mark.parametrize("exponent", [8, 32, 36, 52])
def test_scaled_bytes_are_exact(exponent: int):
    """floor(x 2^e) mod 256 agrees with Python's integers; the shape is kept."""
    out = scaled_bytes(STATES[:5000].reshape(50, 100), exponent)
    assert out.shape == (50, 100)
    assert out.ravel().tolist() == [math.floor(x * 2**exponent) % 256 for x in STATES[:5000].tolist()]


def test_index_pairs_take_turns():
    """The indices of two sequences, one from each in turn."""
    other, out, alone = STATES[::-1].copy(), np.empty(2 * len(STATES), np.int32), np.empty(len(STATES), np.int32)
    index_pairs(STATES, other, 24 * 33 * 47, out)
    for x, part in ((STATES, out[::2]), (other, out[1::2])):
        indices(x, 24 * 33 * 47, alone)
        assert np.array_equal(part, alone)


@pytest.mark.parametrize(("skipped", "size"), [(24, 12), (12, 4), (0, 8), (-16, 16), (21, 31)])
def test_bits_after_are_exact(skipped: int, size: int):
    """floor(x 2^(a+b)) mod 2^b agrees with Python's integers, also for x above 1."""
    for x in (STATES, STATES * 1e10, np.array([1.0, 2.0])):
        expected = [math.floor(v * 2.0 ** (skipped + size)) % 2**size for v in x.tolist()]
        assert all_bits_after(x, 2.0**skipped, 2.0**size).tolist() == expected
