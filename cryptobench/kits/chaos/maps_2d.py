"""Two-dimensional maps with a sine, in float64 and + - * and floor only: an orbit has the same bits everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.kits.chaos.lanes import load, store
from cryptobench.kits.chaos.sine import abs_sin_pi, sine

__all__ = ["henon_sine_orbit", "lscm_orbits"]

Floats = NDArray[np.float64]
_SIDE = 16  # orbits that fill the registers and hide one another's latency


@njit(cache=True, nogil=True)
def lscm_orbits(x: Floats, y: Floats, theta: float, gain: float, xs: Floats, ys: Floats) -> None:
    """Advance L orbits of the 2D logistic-sine-coupling map side by side, in place; write their states to (n, L).

    x' = |sin(pi g (4 theta x(1-x) + (1-theta) sin(pi y)))|, y' the same of y and x'. With gain g = 1 it is the 2D-LSCM
    (Hua, Jin, Xu & Huang, Signal Process. 149, 2018), theta in [0, 1], whose sine is never negative. Both
    Lyapunov exponents are positive for g in [10, 50] and theta in [0.6, 0.95]; with theta of 0.1, one can be negative.
    """
    L = len(x)
    whole = L - L % _SIDE
    for n in range(len(xs)):
        row_x, row_y = xs[n], ys[n]
        for i in range(0, whole, _SIDE):
            u, v = _lscm_step(load(x, i, _SIDE), load(y, i, _SIDE), theta, gain)
            store(x, i, u)
            store(y, i, v)
            store(row_x, i, u)
            store(row_y, i, v)
        for i in range(whole, L):
            x[i], y[i] = row_x[i], row_y[i] = _lscm_step(x[i], y[i], theta, gain)


@njit(cache=True, nogil=True, inline="always")
def _lscm_step(x: Any, y: Any, theta: float, gain: float) -> Any:
    x = abs_sin_pi(gain * (4.0 * theta * x * (1.0 - x) + (1.0 - theta) * abs_sin_pi(y)))
    y = abs_sin_pi(gain * (4.0 * theta * y * (1.0 - y) + (1.0 - theta) * abs_sin_pi(x)))
    return x, y


@njit(cache=True, nogil=True)
def henon_sine_orbit(x: float, y: float, a: float, b: float, burn_in: int, xs: Floats) -> None:
    """Fill ``xs``, flat, with the x of the 2D Henon-sine map, after ``burn_in`` dropped states.

    x' = (1 - a sin^2 x + y) mod 1, y' = (b x) mod 1 (Wu, Liao & Yang, Signal Process. 153, 2018). Both
    Lyapunov exponents are positive for a, b in (10, 100).
    """
    for n in range(-burn_in, len(xs)):
        s = sine(x)
        u = 1.0 - a * (s * s) + y
        v = b * x
        x, y = u - np.floor(u), v - np.floor(v)
        if n >= 0:
            xs[n] = x
