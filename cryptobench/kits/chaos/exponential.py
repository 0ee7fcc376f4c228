"""Exponential and logarithm from + - * / alone, so that an orbit through them has the same bits on every machine.

The libraries' functions differ in the last bit from one machine and build to the next, and a chaotic map turns that
into another key stream within some fifty steps.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["exponential", "logarithm"]

_C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9, _C10, _C11, _C12, _C13 = (1 / math.factorial(n) for n in range(2, 14))
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # their sum is ln 2; the first has 33 bits


@njit(cache=True, nogil=True, inline="always")
def logarithm(x: float) -> float:
    """ln x for finite x > 0, within 3e-16 of |ln x|: x = m 2^e, ln m = 2 artanh s, s = (m-1)/(m+1), by its series."""
    m, e = math.frexp(x)  # exact
    if m < 0.7071067811865476:
        m *= 2.0
        e -= 1
    s = (m - 1.0) / (m + 1.0)  # |s| < 0.172
    z = s * s
    tail = 1.0 / 15.0 + z * (1.0 / 17.0 + z * (1.0 / 19.0 + z * (1.0 / 21.0)))
    tail = 1.0 / 5.0 + z * (1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0 + z * tail))))
    return e * _LN2_HIGH + (2.0 * s + (2.0 * s * z * (1.0 / 3.0 + z * tail) + e * _LN2_LOW))


@njit(cache=True, nogil=True, inline="always")
def exponential(x: float) -> float:
    """e^x for -700 < x <= 0, within 4e-16 of it: x = k ln 2 + r with |r| < 0.347, e^r by its series up to r^13."""
    k = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    rr = r * r
    r4 = rr * rr
    low = (_C2 + _C3 * r) + (_C4 + _C5 * r) * rr
    high = (_C6 + _C7 * r) + (_C8 + _C9 * r) * rr
    top = (_C10 + _C11 * r) + (_C12 + _C13 * r) * rr
    return math.ldexp(1.0 + (r + rr * (low + r4 * (high + r4 * top))), int(k))
