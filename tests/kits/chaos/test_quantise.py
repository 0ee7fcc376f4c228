"""Orbit states to integers, against Python's exact integers."""

import math

import numpy as np
import pytest

from cryptobench.kits.chaos.quantise import indices, scaled_bytes

STATES = np.concatenate(
    [np.random.default_rng(3).random(5000), [0.0, 2.0**-60, 0.5, 1 - 2.0**-53], np.arange(1, 300) / 300]
)


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
