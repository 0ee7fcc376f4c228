"""The two-dimensional normal cloud model, driven by a logistic map, as the disturbance of another logistic map."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.chaos.elementary import abs_sin_pi, exponential, logarithm

__all__ = ["cloud_logistic_orbit"]

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True, inline="always")
def _radius(u: float) -> float:
    """sqrt(-2 ln u), which with an angle makes two normals (Box & Muller, Ann. Math. Stat. 29, 1958)."""
    return math.sqrt(-2.0 * logarithm(u))


@njit(cache=True, nogil=True)
def cloud_logistic_orbit(state: Floats, parameters: Floats, out: Floats) -> None:
    """Advance (z, s) by ``len(out)`` steps, in place; write the states s, in [0, 1), to ``out``.

    z is logistic, z' = nu z (1-z). Four of its values give normals n1 to n4, and these a drop of the cloud of
    expectation (Ex, Ey), entropy En and hyper-entropy He (Li, Liu & Gan 2009): x = Ex + (En + He n1) n2, y = Ey + (En +
    He n3) n4, with membership u = exp(-((x-Ex)^2 / (En + He n1)^2 + (y-Ey)^2 / (En + He n3)^2) / 2). Then
    s' = frac(mu s (1-s) + frac(1e5 u (x + y))). ``parameters`` are Ex, Ey, En, He, nu, mu.

    The quotients in u are n2^2 and n4^2: u alone knows nothing of the cloud's parameters, so the drop's place is used
    too.
    """
    Ex, Ey, En, He, nu, mu = parameters
    z, s = state
    for i in range(len(out)):
        z1 = nu * z * (1.0 - z)
        z2 = nu * z1 * (1.0 - z1)
        z3 = nu * z2 * (1.0 - z2)
        z = nu * z3 * (1.0 - z3)
        r1, a1 = _radius(z1), abs_sin_pi(z2)
        r2, a2 = _radius(z3), abs_sin_pi(z)
        # cos(2 pi v) = 1 - 2 sin^2(pi v), and the sine beside it; the sign of cos(pi v) is that of 1/2 - v.
        n1, n2 = r1 * (1.0 - 2.0 * a1 * a1), r1 * _double_sine(a1, z2)
        n3, n4 = r2 * (1.0 - 2.0 * a2 * a2), r2 * _double_sine(a2, z)
        x, y = Ex + (En + He * n1) * n2, Ey + (En + He * n3) * n4
        u = exponential(-0.5 * (n2 * n2 + n4 * n4))
        p = 1e5 * u * (x + y)
        s = mu * s * (1.0 - s) + (p - np.floor(p))
        s -= np.floor(s)
        out[i] = s
    state[0], state[1] = z, s


@njit(cache=True, nogil=True, inline="always")
def _double_sine(a: float, v: float) -> float:
    """sin(2 pi v) for a = sin(pi v), 0 <= v < 1."""
    size = 2.0 * a * math.sqrt(max(0.0, 1.0 - a * a))
    return size if v < 0.5 else -size
