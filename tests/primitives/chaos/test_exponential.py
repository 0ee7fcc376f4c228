"""Exponential and logarithm against numpy's in extended precision."""

from collections.abc import Callable

import numpy as np
from numba import njit

from cryptobench.primitives.chaos.elementary import exponential, logarithm

RNG = np.random.default_rng(6)


def over(function: Callable[[float], float], values: np.ndarray) -> np.ndarray:
    @njit
    def run(values: np.ndarray) -> np.ndarray:
        out = np.empty_like(values)
        for i in range(len(values)):
            out[i] = function(values[i])
        return out

    return run(values)


def test_the_logarithm_is_within_a_rounding_or_two():
    """Relative error below 3e-16 on (0, 1), down to 1e-300 and up to 1 - 1e-9."""
    x = np.concatenate([RNG.random(50_000), 1 - 1e-9 * RNG.random(500), np.exp(-690 * RNG.random(500)), [0.5, 1e300]])
    exact = np.log(x.astype(np.longdouble))
    assert np.abs((over(logarithm, x) - exact) / exact).max() < 3e-16
    assert over(logarithm, np.ones(1))[0] == 0


def test_the_exponential_is_within_a_rounding_or_two():
    """Relative error below 3e-16 on (-690, 0], and 1 at 0."""
    x = -np.concatenate([RNG.random(50_000), 690 * RNG.random(50_000), [0.0, 1e-300]])
    exact = np.exp(x.astype(np.longdouble))
    assert np.abs((over(exponential, x) - exact) / exact).max() < 3e-16
    assert over(exponential, np.zeros(1))[0] == 1
