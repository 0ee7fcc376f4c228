"""Many orbits of one map side by side, read as the low bytes of trunc(1e14 v): + - * / and floor in float64 only.

Each kernel takes the lanes' states, (L,) each, advances them in place by 1000 dropped steps and then by one step for
each row of ``W``, (n, width), and writes the byte of lane t to column ``first`` + t of that row.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.chaos.elementary import sine

__all__ = ["DROPPED", "cat3d_bytes", "lorenz_bytes", "standard_map_bytes"]

DROPPED = 1000
TURN = 2.0 * math.pi
STEP = 0.005  # of the Lorenz system

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def standard_map_bytes(a: Floats, b: Floats, k: Floats, W: Bytes, first: int) -> None:
    """The standard map c = a + b, a' = c, b' = b + k sin c, modulo 2 pi; v = (a + b) / 2.

    a and b start in [0, 2 pi + 1), and abs(k) < 2 pi - 1, so that one turn brings b + k sin c back.
    """
    L = len(a)
    v = np.empty(L)
    for i in range(-DROPPED, len(W)):
        for t in range(L):
            c = a[t] + b[t]
            turns = np.rint(c / math.pi)
            r = c - turns * math.pi
            s = sine(abs(r))
            half = 0.5 * turns
            s = s if (half == np.floor(half)) == (r >= 0.0) else -s
            w = b[t] + k[t] * s
            w = w + TURN if w < 0.0 else w
            w = w - TURN if w >= TURN else w
            c = c - TURN if c >= TURN else c  # twice at most, as an orbit starts below 2 pi + 1 in both
            c = c - TURN if c >= TURN else c
            a[t], b[t] = c, w
            v[t] = (c + w) / 2.0
        if i >= 0:
            _low_bytes(v, W[i, first : first + L])


@njit(cache=True, nogil=True)
def cat3d_bytes(x: Floats, y: Floats, z: Floats, W: Bytes, first: int) -> None:
    """The 3D cat map with all parameters 1: 2x + y + 3z, 3x + 2y + 5z, 2x + y + 4z modulo 1; v = (x + y + z) / 3."""
    L = len(x)
    v = np.empty(L)
    for i in range(-DROPPED, len(W)):
        for t in range(L):
            p, q, r = (
                2.0 * x[t] + y[t] + 3.0 * z[t], 3.0 * x[t] + 2.0 * y[t] + 5.0 * z[t], 2.0 * x[t] + y[t] + 4.0 * z[t],
            )  # fmt: skip
            p, q, r = p - np.floor(p), q - np.floor(q), r - np.floor(r)  # none is negative
            x[t], y[t], z[t] = p, q, r
            v[t] = (p + q + r) / 3.0
        if i >= 0:
            _low_bytes(v, W[i, first : first + L])


@njit(cache=True, nogil=True, inline="always")
def _slope(y: Any, z: Any, q: Any) -> Any:
    """The Lorenz system."""
    return -10.0 * y + 10.0 * z, 28.0 * y - z - y * q, -(8.0 / 3.0) * q + y * z


@njit(cache=True, nogil=True)
def lorenz_bytes(y: Floats, z: Floats, q: Floats, W: Bytes, first: int) -> None:
    """The Lorenz system in y, z, q by Runge-Kutta steps of 0.005 and order 4; v = abs(q + y + z) / 3."""
    L = len(y)
    v, half, sixth = np.empty(L), STEP / 2.0, STEP / 6.0
    for i in range(-DROPPED, len(W)):
        for t in range(L):
            a, b, c = y[t], z[t], q[t]
            a1, b1, c1 = _slope(a, b, c)
            a2, b2, c2 = _slope(a + half * a1, b + half * b1, c + half * c1)
            a3, b3, c3 = _slope(a + half * a2, b + half * b2, c + half * c2)
            a4, b4, c4 = _slope(a + STEP * a3, b + STEP * b3, c + STEP * c3)
            a += sixth * (a1 + 2.0 * a2 + 2.0 * a3 + a4)
            b += sixth * (b1 + 2.0 * b2 + 2.0 * b3 + b4)
            c += sixth * (c1 + 2.0 * c2 + 2.0 * c3 + c4)
            y[t], z[t], q[t] = a, b, c
            v[t] = abs(c + a + b) / 3.0
        if i >= 0:
            _low_bytes(v, W[i, first : first + L])


@njit(cache=True, nogil=True, inline="always")
def _low_bytes(v: Floats, out: Bytes) -> None:
    for t in range(len(v)):
        out[t] = np.uint8(np.int64(1e14 * v[t]))
