"""The polynomial sine against the library's, and against plain floats in the same order."""

import math

import numpy as np
from numba import njit

from cryptobench.primitives.chaos.elementary import COEFFICIENTS, abs_sin_pi, sine

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
    a, b, c, d, e, f, g, h = COEFFICIENTS
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


def test_abs_sin_pi_is_periodic_and_even_about_integers():
    """Zero at integers, one at half integers, period 1, and the library's value for arguments up to 60."""
    u = RNG.uniform(0, 60, 100_000)
    assert np.abs(abs_sines(u) - np.abs(np.sin(np.pi * (u % 1)))).max() < 1e-15
    whole = np.arange(60.0)
    assert abs_sines(whole).tolist() == [0.0] * 60
    assert abs_sines(whole + 0.5).tolist() == [abs_sines(np.array([0.5]))[0]] * 60
    assert abs_sines(whole + 0.25).tolist() == abs_sines(whole + 0.75).tolist()


def test_rounding_to_the_nearest_integer_loses_nothing_against_floor_of_u_plus_half():
    """|u - floor(u + 0.5)| differs from |u - rint(u)| at one u, just below 1/2, and its sine does not."""
    halves = np.arange(0.5, 60)
    u = np.concatenate([RNG.uniform(0, 60, 100_000), halves, np.nextafter(halves, 0), np.nextafter(halves, 99)])
    distance = np.abs(u - np.floor(u + 0.5))
    assert u[distance != np.abs(u - np.rint(u))].tolist() == [np.nextafter(0.5, 0)]
    assert abs_sines(u).tolist() == [plain_sine(math.pi * d) for d in distance.tolist()]
