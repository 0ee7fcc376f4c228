"""The two-dimensional normal cloud model, driven by a logistic map, as the disturbance of another logistic map."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.chaos.elementary import abs_sin_pi, exponential

__all__ = ["cloud_logistic_orbit"]

Floats = NDArray[np.float64]

_STEPS = 256  # that are done at a time, which stay in the nearest cache
_MANTISSA, _HALF = (1 << 52) - 1, 1022 << 52  # bits of a float64: below the exponent, and of 1/2
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # as in `elementary.logarithm`


@njit(cache=True, nogil=True, error_model="numpy")  # no branch for a zero divisor, which there is not
def cloud_logistic_orbit(state: Floats, parameters: Floats, out: Floats) -> None:
    """Advance (z, s) by ``len(out)`` steps, in place; write the states s, in [0, 1), to ``out``.

    z is logistic, z' = nu z (1-z). Four of its values give normals n1 to n4, and these a drop of the cloud of
    expectation (Ex, Ey), entropy En and hyper-entropy He (Li, Liu & Gan 2009): x = Ex + (En + He n1) n2, y = Ey + (En +
    He n3) n4, with membership u = exp(-((x-Ex)^2 / (En + He n1)^2 + (y-Ey)^2 / (En + He n3)^2) / 2). Then
    s' = frac(mu s (1-s) + frac(1e5 u (x + y))). ``parameters`` are Ex, Ey, En, He, nu, mu.

    The quotients in u are n2^2 and n4^2: u alone knows nothing of the cloud's parameters, so the drop's place is used
    too. What lies between the two maps waits for no state before: several steps of it are done at a time.
    """
    Ex, Ey, En, He, nu, mu = parameters
    z, s = state
    u1, u2, u3, u4 = np.empty(_STEPS), np.empty(_STEPS), np.empty(_STEPS), np.empty(_STEPS)
    for start in range(0, len(out), _STEPS):
        count = min(_STEPS, len(out) - start)
        for i in range(count):
            z1 = nu * z * (1.0 - z)
            z2 = nu * z1 * (1.0 - z1)
            z3 = nu * z2 * (1.0 - z2)
            z = nu * z3 * (1.0 - z3)
            u1[i], u2[i], u3[i], u4[i] = z1, z2, z3, z
        for i in range(count):
            n1, n2 = _normals(u1[i], u2[i])
            n3, n4 = _normals(u3[i], u4[i])
            x, y = Ex + (En + He * n1) * n2, Ey + (En + He * n3) * n4
            p = 1e5 * exponential(-0.5 * (n2 * n2 + n4 * n4)) * (x + y)
            u1[i] = p - np.floor(p)
        for i in range(count):
            s = mu * s * (1.0 - s) + u1[i]
            s -= np.floor(s)
            out[start + i] = s
    state[0], state[1] = z, s


@njit(nogil=True, error_model="numpy")
def _normals(u: float, v: float) -> tuple[float, float]:
    """Two normals from two numbers in (0, 1) (Box & Muller, Ann. Math. Stat. 29, 1958): of radius sqrt(-2 ln u)."""
    r, a = np.sqrt(-2.0 * _logarithm(u)), abs_sin_pi(v)
    # cos(2 pi v) = 1 - 2 sin^2(pi v), and the sine beside it; the sign of cos(pi v) is that of 1/2 - v.
    rest = 1.0 - a * a
    double_sine = 2.0 * a * np.sqrt(rest if rest > 0.0 else 0.0)
    return r * (1.0 - 2.0 * a * a), r * (double_sine if v < 0.5 else -double_sine)


@njit(nogil=True, error_model="numpy")
def _logarithm(x: float) -> float:
    """`elementary.logarithm` of a normal x > 0, to the same bits: no call and no branch, so several at a time."""
    bits = np.float64(x).view(np.int64)
    m = np.int64(bits & _MANTISSA | _HALF).view(np.float64)
    small = m < 0.7071067811865476
    m = m * 2.0 if small else m
    e = np.int32(bits >> 52) - np.int32(1023 if small else 1022)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    tail = 1.0 / 15.0 + z * (1.0 / 17.0 + z * (1.0 / 19.0 + z * (1.0 / 21.0)))
    tail = 1.0 / 5.0 + z * (1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0 + z * tail))))
    return e * _LN2_HIGH + (2.0 * s + (2.0 * s * z * (1.0 / 3.0 + z * tail) + e * _LN2_LOW))
