"""Sine, exponential and logarithm from + - * / alone, so that an orbit has the same bits on every machine.

The libraries' functions differ in the last bit from one machine and build to the next, and a chaotic map turns that
into another key stream within some fifty steps.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["RESTART", "SINE_COEFFICIENTS", "abs_sin_pi", "exponential", "logarithm", "sine"]

RESTART = 0.123456789  # where a one-dimensional orbit of any file goes on after it has fallen on 0 or 1

# sin(w)/w as a polynomial of degree 7 in w^2: interpolated at the 8 Chebyshev nodes of [0, (pi/2)^2], error 1.1e-16
SINE_COEFFICIENTS = (
    0.9999999999999999,
    -0.16666666666666072,
    0.008333333333282756,
    -0.00019841269824861897,
    2.7557316609073673e-06,
    -2.505188194671259e-08,
    1.6048168318165643e-10,
    -7.374387503862757e-13,
)
_S0, _S1, _S2, _S3, _S4, _S5, _S6, _S7 = SINE_COEFFICIENTS


@njit(cache=True, nogil=True, inline="always")
def sine(w: float) -> float:
    """sin(w) for 0 <= w <= pi/2, within 6e-16 and at most 1; the same operations in the same order everywhere.

    Estrin's order, whose dependency chain is half as long as Horner's. ``w`` may be a vector (`simd.float64`).
    """
    z = w * w
    zz = z * z
    low = (_S0 + _S1 * z) + (_S2 + _S3 * z) * zz
    high = (_S4 + _S5 * z) + (_S6 + _S7 * z) * zz
    return min(w * (low + high * (zz * zz)), 1.0)


@njit(cache=True, nogil=True, inline="always")
def abs_sin_pi(u: float) -> float:
    """|sin(pi u)|, in [0, 1], for 0 <= u < 2^51, where u less its nearest integer is exact.

    floor(u + 0.5) gives the same for every u, by one operation more.
    """
    return sine(np.pi * abs(u - np.rint(u)))


_E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12, _E13 = (1 / math.factorial(n) for n in range(2, 14))
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # their sum is ln 2; the first has 33 bits


@njit(cache=True, nogil=True, inline="always")
def exponential(x: float) -> float:
    """e^x for -700 < x <= 0, within 4e-16 of it: x = k ln 2 + r with |r| < 0.347, e^r by its series up to r^13."""
    k = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    rr = r * r
    r4 = rr * rr
    low = (_E2 + _E3 * r) + (_E4 + _E5 * r) * rr
    high = (_E6 + _E7 * r) + (_E8 + _E9 * r) * rr
    top = (_E10 + _E11 * r) + (_E12 + _E13 * r) * rr
    power = np.int64(np.int64(np.int32(k) + 1023) << 52).view(np.float64)  # 2^k by its bits: a call takes longer
    scaled: float = (1.0 + (r + rr * (low + r4 * (high + r4 * top)))) * power
    return scaled


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
