"""Two-dimensional maps and the sine map, in float64 and + - * / and floor only: the same bits on every machine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.chaos.elementary import abs_sin_pi, sine
from cryptobench.primitives.simd.float64 import element, load, store, swap_pairs

__all__ = ["any_sine", "any_sine_pi", "cross_orbit", "henon_sine_orbit", "lscm_orbits", "lscm_pair", "sine_orbit"]

Floats = NDArray[np.float64]

_1_PI = 1.0 / math.pi
# pi = _PI_A + _PI_B + _PI_C to 107 bits; the first two have 27 bits each, so that their small multiples are exact
_PI_A, _PI_B, _PI_C = 3.141592651605606, 1.984187036896401e-09, 1.2246467991473532e-16
_TOGETHER = 16  # orbits that fill the registers and hide one another's latency


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


@njit(cache=True, nogil=True)
def henon_sine_orbit(x: float, y: float, a: float, b: float, burn_in: int, states: Floats) -> None:
    """Fill ``states``, (2, n), with x and y of the 2D Henon-sine map, after ``burn_in`` dropped states.

    x' = 1 - a sin^2 x + y, y' = b x modulo 1 (Wu, Liao & Yang, Signal Process. 153, 2018), where the fraction keeps its
    sign: both lie in (-1, 1), as the program of Zhou, Xie, Zhang & Zhang 2021 has it. Both Lyapunov exponents are
    positive for a, b in (10, 100). ``x`` and ``y`` start in (-1, 1).
    """
    for n in range(-burn_in, states.shape[1]):
        s = sine(abs(x))
        u = 1.0 - a * s * s + y
        v = b * x
        x, y = u - np.trunc(u), v - np.trunc(v)
        if n >= 0:
            states[0, n], states[1, n] = x, y


@njit(cache=True, nogil=True)
def lscm_orbits(x: Floats, y: Floats, theta: float, gain: float, xs: Floats, ys: Floats) -> None:
    """Advance L orbits of the 2D logistic-sine-coupling map side by side, in place; write their states to (n, L).

    x' = |sin(pi g (4 theta x(1-x) + (1-theta) sin(pi y)))|, y' the same of y and x'. With gain g = 1 it is the 2D-LSCM
    (Hua, Jin, Xu & Huang, Signal Process. 149, 2018), theta in [0, 1], whose sine is never negative. Both
    Lyapunov exponents are positive for g in [10, 50] and theta in [0.6, 0.95]; with theta of 0.1, one can be negative.
    """
    L = len(x)
    whole = L - L % _TOGETHER
    for n in range(len(xs)):
        row_x, row_y = xs[n], ys[n]
        for i in range(0, whole, _TOGETHER):
            u, v = _lscm_step(load(x, i, _TOGETHER), load(y, i, _TOGETHER), theta, gain)
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
def lscm_pair(state: Floats, r: Floats, out: Floats) -> None:
    """Advance two orbits of the 2D logistic-sine-coupling map, in place; write their states to ``out``, (2, 2, n).

    x' = sin(pi (4r x(1-x) + (1-r) sin(pi y))), y' = sin(pi (4r y(1-y) + (1-r) sin(pi x))), both from the old
    state. Row k of ``state`` and of ``out`` is x, y of orbit k; ``r`` has both parameters, in [0, 1]. States lie in
    [0, 1], give or take 4e-16. Short cycles cluster at r near 0.34, 0.717 and 0.894. Hua, Jin, Xu & Huang (Signal
    Process. 149, 2018) take the new x in y'. One orbit leaves the processor waiting for its own last state; a second
    costs next to nothing.
    """
    v = load(state.ravel(), 0, 4)  # x and y of the first orbit, x and y of the second
    gains, rests = np.empty(4), np.empty(4)
    for k in range(4):
        gains[k], rests[k] = 4.0 * r[k // 2], 1.0 - r[k // 2]
    gain, rest = load(gains, 0, 4), load(rests, 0, 4)
    for n in range(out.shape[2]):
        v = _sin_pi(gain * v * (1.0 - v) + rest * swap_pairs(_sin_pi(v)))
        out[0, 0, n], out[0, 1, n], out[1, 0, n], out[1, 1, n] = (
            element(v, 0), element(v, 1), element(v, 2), element(v, 3),
        )  # fmt: skip
    store(state.ravel(), 0, v)


@njit(cache=True, nogil=True, inline="always")
def _sin_pi(u: Any) -> Any:
    """sin(pi u) for 0 <= u <= 1."""
    return sine(np.pi * min(u, 1.0 - u))


@njit(cache=True, nogil=True)
def sine_orbit(x: float, r: float, n: int) -> Floats:
    """The ``n`` states that follow ``x`` in [0, 1] under the sine map x' = r sin(pi x), 0 < r <= 1.

    Chaotic for most r above 0.87; at r = 1 the Lyapunov exponent is close to ln 2, as the logistic map's.
    """
    orbit = np.empty(n)
    for i in range(n):
        x = r * abs_sin_pi(x)
        orbit[i] = x
    return orbit
