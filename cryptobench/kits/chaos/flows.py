"""The Lorenz, Chen and Lu systems by the classical Runge-Kutta method of order 4, in + - * / on float64.

All three are x' = a (y-x), y' = d x - x z + c y, z' = x y - b z, which is how one kernel serves them; an orbit has the
same bits on every machine.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["chen_orbit", "lorenz_orbit", "lu_orbit"]

Floats = NDArray[np.float64]


def lorenz_orbit(
    state: Floats, h: float, out: Floats, sigma: float = 10.0, rho: float = 28.0, beta: float = 8 / 3
) -> None:
    """Advance the Lorenz system by ``len(out)`` steps of ``h``, in place; write the states to ``out``, (n, 3).

    x' = sigma (y-x), y' = x (rho-z) - y, z' = xy - beta z (Lorenz, J. Atmos. Sci. 20, 1963). The largest Lyapunov
    exponent is 0.906 per unit of time. Steps up to 0.01 follow the flow; large ones diverge, as ``np.isfinite`` tells.
    """
    _runge_kutta(state, sigma, beta, -1.0, rho, h, out)


def chen_orbit(state: Floats, h: float, out: Floats, a: float = 35.0, b: float = 3.0, c: float = 28.0) -> None:
    """Chen's system x' = a (y-x), y' = (c-a) x - xz + cy, z' = xy - bz, in the manner of `lorenz_orbit`.

    Chaotic for c in [20, 28.4] at a = 35, b = 3 (Chen & Ueta, Int. J. Bifurcation Chaos 9, 1999). `maps.chen_system`
    gives two states of many orbits at once, with another order of operations.
    """
    _runge_kutta(state, a, b, c, c - a, h, out)


def lu_orbit(state: Floats, h: float, out: Floats, a: float = 36.0, b: float = 3.0, c: float = 20.0) -> None:
    """Lu's system x' = a (y-x), y' = -xz + cy, z' = xy - bz, in the manner of `lorenz_orbit`.

    Chaotic at a = 36, b = 3, c = 20, between Lorenz's and Chen's (Lu & Chen, Int. J. Bifurcation Chaos 12, 2002).
    """
    _runge_kutta(state, a, b, c, 0.0, h, out)


@njit(cache=True, nogil=True)
def _runge_kutta(state: Floats, a: float, b: float, c: float, d: float, h: float, out: Floats) -> None:
    half, sixth = h / 2.0, h / 6.0
    x, y, z = state[0], state[1], state[2]
    for n in range(len(out)):
        kx1, ky1, kz1 = a * (y - x), d * x - x * z + c * y, x * y - b * z
        u, v, w = x + half * kx1, y + half * ky1, z + half * kz1
        kx2, ky2, kz2 = a * (v - u), d * u - u * w + c * v, u * v - b * w
        u, v, w = x + half * kx2, y + half * ky2, z + half * kz2
        kx3, ky3, kz3 = a * (v - u), d * u - u * w + c * v, u * v - b * w
        u, v, w = x + h * kx3, y + h * ky3, z + h * kz3
        kx4, ky4, kz4 = a * (v - u), d * u - u * w + c * v, u * v - b * w
        x += sixth * (kx1 + 2.0 * kx2 + 2.0 * kx3 + kx4)
        y += sixth * (ky1 + 2.0 * ky2 + 2.0 * ky3 + ky4)
        z += sixth * (kz1 + 2.0 * kz2 + 2.0 * kz3 + kz4)
        out[n, 0], out[n, 1], out[n, 2] = x, y, z
    state[0], state[1], state[2] = x, y, z
