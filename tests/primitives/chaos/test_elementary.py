"""The polynomial sine, exponential and logarithm against libraries, and against plain floats in the same order."""

import math
from collections.abc import Callable

import numpy as np
from numba import njit

from cryptobench.primitives.chaos.elementary import SINE_COEFFICIENTS, abs_sin_pi, exponential, logarithm, sine

RNG = np.random.default_rng(3)


@njit
def sines(w: np.ndarray) -> np.ndarray:
    out = np.empty_like(w)
    for i in range(len(w)):
        out[i] = sine(w[i])
    return out


@njit
def abs_sines(u: np.ndarray) -> np.ndarray:
    out = np.empty_like(u)
    for i in range(len(u)):
        out[i] = abs_sin_pi(u[i])
    return out


def plain_sine(w: float) -> float:
    """Estrin's order in Python floats."""
    a, b, c, d, e, f, g, h = SINE_COEFFICIENTS
    z = w * w
    zz = z * z
    return min(1.0, w * (((a + b * z) + (c + d * z) * zz) + ((e + f * z) + (g + h * z) * zz) * (zz * zz)))


def test_sine_is_the_library_s_within_6e_16():
    """Over [0, pi/2], ends included; 0 gives 0 and no value exceeds 1."""
    w = np.linspace(0, math.pi / 2, 200_001)
    assert np.abs(sines(w) - np.sin(w)).max() < 6e-16
    assert sines(w)[0] == 0
    assert sines(w).max() <= 1


def test_sine_has_the_bits_of_plain_floats():
    """Compiled, vectorised code contracts nothing and reorders nothing."""
    w = RNG.uniform(0, math.pi / 2, 10_000)
    assert sines(w).tolist() == [plain_sine(x) for x in w.tolist()]


def test_abs_sin_pi_is_periodic_and_even():
    """Zero at integers, one at half integers, period 1, and the library's value for arguments up to 60."""
    u = RNG.uniform(0, 60, 100_000)
    assert np.abs(abs_sines(u) - np.abs(np.sin(np.pi * (u % 1)))).max() < 1e-15
    whole = np.arange(60.0)
    assert abs_sines(whole).tolist() == [0.0] * 60
    assert abs_sines(whole + 0.5).tolist() == [abs_sines(np.array([0.5]))[0]] * 60
    assert abs_sines(whole + 0.25).tolist() == abs_sines(whole + 0.75).tolist()


def test_nearest_integer_is_as_good_as_floor():
    """|u - floor(u + 0.5)| differs from |u - rint(u)| at one u, just below 1/2, and its sine does not."""
    halves = np.arange(0.5, 60)
    u = np.concatenate([RNG.uniform(0, 60, 100_000), halves, np.nextafter(halves, 0), np.nextafter(halves, 99)])
    distance = np.abs(u - np.floor(u + 0.5))
    assert u[distance != np.abs(u - np.rint(u))].tolist() == [np.nextafter(0.5, 0)]
    assert abs_sines(u).tolist() == [plain_sine(math.pi * d) for d in distance.tolist()]


def over(function: Callable[[float], float], values: np.ndarray) -> np.ndarray:
    @njit
    def run(values: np.ndarray) -> np.ndarray:
        out = np.empty_like(values)
        for i in range(len(values)):
            out[i] = function(values[i])
        return out

    return run(values)


def test_logarithm_is_within_two_roundings():
    """Relative error below 3e-16 on (0, 1), down to 1e-300 and up to 1 - 1e-9."""
    x = np.concatenate([RNG.random(50_000), 1 - 1e-9 * RNG.random(500), np.exp(-690 * RNG.random(500)), [0.5, 1e300]])
    exact = np.log(x.astype(np.longdouble))
    assert np.abs((over(logarithm, x) - exact) / exact).max() < 3e-16
    assert over(logarithm, np.ones(1))[0] == 0


def test_exponential_is_within_two_roundings():
    """Relative error below 3e-16 on (-690, 0], and 1 at 0."""
    x = -np.concatenate([RNG.random(50_000), 690 * RNG.random(50_000), [0.0, 1e-300]])
    exact = np.exp(x.astype(np.longdouble))
    assert np.abs((over(exponential, x) - exact) / exact).max() < 3e-16
    assert over(exponential, np.zeros(1))[0] == 1


def test_exponential_scales_without_another_rounding():
    """The same bits as the series in plain floats, scaled by ``ldexp``, for every power of two."""
    x = -np.concatenate([700 * RNG.random(20_000), 0.7 * np.arange(1000), [0.0, 1e-300]])
    k = np.floor(x * 1.4426950408889634 + 0.5)
    r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10
    c, rr = [1 / math.factorial(n) for n in range(2, 14)], r * r
    low, high, top = ((c[n] + c[n + 1] * r) + (c[n + 2] + c[n + 3] * r) * rr for n in (0, 4, 8))
    series = 1.0 + (r + rr * (low + rr * rr * (high + rr * rr * top)))
    assert len(set(k)) > 1000
    assert np.array_equal(over(exponential, x), np.ldexp(series, k.astype(int)))
