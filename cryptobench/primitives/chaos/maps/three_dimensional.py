"""Three-dimensional polynomial maps, in float64 and + - * and floor only: an orbit has the same bits everywhere."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["iqm3d_orbit", "iqm3d_step", "logistic3d_orbit", "logistic3d_step"]

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def logistic3d_orbit(state: Floats, r: float, b: float, a: float, out: Floats) -> None:
    """Advance ``state``, (x, y, z), by ``len(out)`` steps in place; write the states to ``out``, (n, 3).

    x' = r x(1-x) + b y^2 x + a z^3, y' = r y(1-y) + b z^2 y + a x^3, z' = r z(1-z) + b x^2 z + a y^3, all from the
    old state, as public image ciphers have it, with 3.53 < r < 3.81, 0 < b < 0.022, 0 < a < 0.015. That range is full
    of periodic windows: a random triple from it leads to a short cycle about one time in nine.
    (r, b, a) = (3.77, 0.0157, 0.0125) does not. x = y = z is an invariant line.
    """
    x, y, z = state[0], state[1], state[2]
    for i in range(len(out)):
        x, y, z = logistic3d_step(x, y, z, r, b, a)
        out[i, 0], out[i, 1], out[i, 2] = x, y, z
    state[0], state[1], state[2] = x, y, z


@njit(cache=True, nogil=True, inline="always")
def logistic3d_step(x: float, y: float, z: float, r: float, b: float, a: float) -> tuple[float, float, float]:
    """One step of `logistic3d_orbit`, for kernels that do more at each."""
    u = r * x * (1.0 - x) + b * (y * y) * x + a * (z * z * z)
    v = r * y * (1.0 - y) + b * (z * z) * y + a * (x * x * x)
    w = r * z * (1.0 - z) + b * (x * x) * z + a * (y * y * y)
    return u, v, w


@njit(cache=True, nogil=True)
def iqm3d_orbit(state: Floats, alpha: float, beta: float, out: Floats) -> None:
    """Advance ``state``, (x, y, z), by ``len(out)`` steps in place; write the states to ``out``, (n, 3).

    x' = (alpha (1-x^2) + beta y) mod 1, y' = (alpha (1-y^2) + beta z) mod 1, z' = (alpha (1-z^2) + beta x) mod 1, all
    from the old state: three quadratic maps in a ring, a stand-in for the 3D-IQM of Liu, Liu & Ma, Multimed.
    Tools Appl. 82 (2023), whose equation is not known. All three Lyapunov exponents are positive for alpha and
    beta in (20, 100). Integer parameters can fall to a fixed point; x = y = z is an invariant line.
    """
    x, y, z = state[0], state[1], state[2]
    for i in range(len(out)):
        x, y, z = iqm3d_step(x, y, z, alpha, beta)
        out[i, 0], out[i, 1], out[i, 2] = x, y, z
    state[0], state[1], state[2] = x, y, z


@njit(cache=True, nogil=True, inline="always")
def iqm3d_step(x: float, y: float, z: float, alpha: float, beta: float) -> tuple[float, float, float]:
    """One step of `iqm3d_orbit`, for kernels that do more at each."""
    u = alpha * (1.0 - x * x) + beta * y
    v = alpha * (1.0 - y * y) + beta * z
    w = alpha * (1.0 - z * z) + beta * x
    return u - np.floor(u), v - np.floor(v), w - np.floor(w)
