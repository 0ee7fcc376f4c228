"""The cloud model on the logistic map: against plain Python, and the evenness of its states."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from cryptobench.primitives.chaos.elementary import abs_sin_pi, exponential, logarithm
from cryptobench.primitives.chaos.maps.cloud import cloud_logistic_orbit

PARAMETERS = (0.7, 0.8, 0.15, 0.015, 3.995, 3.997)


def plain_step(z: float, s: float, parameters: Sequence[float] = PARAMETERS) -> tuple[float, float, float]:
    """The formulas with the library's functions: z', s' and the membership by its definition."""
    Ex, Ey, En, He, nu, mu = parameters
    values = []
    for _ in range(4):
        z = nu * z * (1 - z)
        values.append(z)
    n = []
    for u1, u2 in (values[:2], values[2:]):
        r = math.sqrt(-2 * math.log(u1))
        n += [r * math.cos(2 * math.pi * u2), r * math.sin(2 * math.pi * u2)]
    Enx, Eny = En + He * n[0], En + He * n[2]
    x, y = Ex + Enx * n[1], Ey + Eny * n[3]
    u = math.exp(-((x - Ex) ** 2) / (2 * Enx**2) - (y - Ey) ** 2 / (2 * Eny**2))
    return z, (mu * s * (1 - s) + 1e5 * u * (x + y) % 1) % 1, u


def test_a_step_is_that_of_the_formulas():
    """From 200 states, up to the roundings of the library, which the factor 1e5 enlarges."""
    rng, out = np.random.default_rng(7), np.empty(1)
    for z, s in rng.uniform(0.05, 0.95, (200, 2)).tolist():
        state = np.array([z, s])
        cloud_logistic_orbit(state, np.array(PARAMETERS), out)
        new_z, new_s, _ = plain_step(z, s)
        assert state[0] == pytest.approx(new_z, abs=1e-14)
        assert abs((out[0] - new_s + 0.5) % 1 - 0.5) < 1e-8
        assert out[0] == state[1]


def test_the_membership_does_not_depend_on_the_cloud():
    """By its definition it is exp(-(n2^2 + n4^2) / 2): another En and He leave it as it is."""
    one, two = (
        plain_step(0.3, 0.4, (*cloud, 3.995, 3.997))[2] for cloud in ((0.7, 0.8, 0.15, 0.01), (0.5, 1, 0.1, 0.02))
    )
    assert one == pytest.approx(two, rel=1e-12)


def test_states_are_even_and_cut_anywhere():
    """100 bins and the two low bytes of floor(2^36 s) pass chi-square; two halves of a run are the whole."""
    whole, halves = np.empty(1 << 18), np.empty(1 << 18)
    cloud_logistic_orbit(np.array([0.3, 0.4]), np.array(PARAMETERS), whole)
    state = np.array([0.3, 0.4])
    for half in np.split(halves, [1000]):
        cloud_logistic_orbit(state, np.array(PARAMETERS), half)
    assert np.array_equal(whole, halves)
    words = (whole * 2.0**36).astype(np.int64)
    for values, bins in ((whole * 100, 100), (words & 255, 256), (words >> 8 & 255, 256)):
        counts = np.bincount(values.astype(np.int64), minlength=bins)
        expected = len(whole) / bins
        assert abs(((counts - expected) ** 2 / expected).sum() - bins + 1) < 5 * math.sqrt(2 * bins)


def test_several_steps_at_a_time_are_single_ones():
    """The bits of one step after the other, by the elementary functions; 700 steps are no multiple of the buffers."""
    Ex, Ey, En, He, nu, mu = PARAMETERS
    z, s, out = 0.3, 0.4, np.empty(700)
    cloud_logistic_orbit(np.array([z, s]), np.array(PARAMETERS), out)
    for found in out.tolist():
        n = []
        for _ in range(2):
            u = nu * z * (1 - z)
            z = nu * u * (1 - u)
            r, a = math.sqrt(-2 * logarithm(u)), abs_sin_pi(z)
            double_sine = 2 * a * math.sqrt(max(0.0, 1 - a * a))
            n += [r * (1 - 2 * a * a), r * (double_sine if z < 0.5 else -double_sine)]
        x, y = Ex + (En + He * n[0]) * n[1], Ey + (En + He * n[2]) * n[3]
        p = 1e5 * exponential(-0.5 * (n[1] * n[1] + n[3] * n[3])) * (x + y)
        s = mu * s * (1 - s) + (p - math.floor(p))
        s -= math.floor(s)
        assert found == s
