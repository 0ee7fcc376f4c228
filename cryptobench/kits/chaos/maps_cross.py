"""The cross 2D hyperchaotic map, in float64 and + - * / and floor only: an orbit has the same bits everywhere."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.kits.chaos.sine import sine

__all__ = ["any_sine", "any_sine_pi", "cross_orbit"]

Floats = NDArray[np.float64]

_1_PI = 1.0 / math.pi
# pi = _PI_A + _PI_B + _PI_C to 107 bits; the first two have 27 bits each, so that their small multiples are exact
_PI_A, _PI_B, _PI_C = 3.141592651605606, 1.984187036896401e-09, 1.2246467991473532e-16


@njit(cache=True, nogil=True, inline="always")
def any_sine(x: float) -> float:
    """sin x within 6e-16 for abs(x) below 1e8; for larger x, the sine of a number within x 2^-52 of x."""
    k = np.floor(x * _1_PI + 0.5)
    r = ((x - k * _PI_A) - k * _PI_B) - k * _PI_C
    half = 0.5 * k
    sign = 1.0 - 4.0 * (half - np.floor(half))
    wave: float = sign * sine(r)
    return wave


@njit(cache=True, nogil=True, inline="always")
def any_sine_pi(t: float) -> float:
    """sin(pi t) within 6e-16 for abs(t) below 2^51: t less its nearest integer is exact."""
    k = np.rint(t)
    r = (t - k) * math.pi
    half = 0.5 * k
    sign = 1.0 - 4.0 * (half - np.floor(half))
    wave: float = sign * sine(r)
    return wave


@njit(cache=True, nogil=True)
def cross_orbit(state: Floats, alpha: float, beta: float, xs: Floats, ys: Floats) -> None:
    """Advance ``state``, (x, y), by ``len(xs)`` steps in place; write the states to ``xs`` and ``ys``, flat.

    x' = sin(alpha / sin y), y' = beta sin(pi (x+y)), both from the old state; x stays in [-1, 1] and y in
    [-beta, beta]. abs(sin y) is raised to 1e-12 where it is smaller. Hyperchaotic for alpha and beta in [10, 100]; with
    both in [1, 10], some percent of parameters lead to short cycles. The equations are those of public
    code that names the map; Teng, Wang, Yang & Xian, Nonlinear Dyn. 105 (2021), introduced it.
    """
    x, y = state[0], state[1]
    for i in range(len(xs)):
        s = any_sine(y)
        if abs(s) < 1e-12:
            s = -1e-12 if s < 0.0 else 1e-12
        x, y = any_sine(alpha / s), beta * any_sine_pi(x + y)
        xs[i], ys[i] = x, y
    state[0], state[1] = x, y
