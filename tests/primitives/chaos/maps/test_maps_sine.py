"""Maps through a sine against plain floats with the libraries' sine, and their Lyapunov exponents."""

import math
from itertools import pairwise

import numpy as np
import pytest

from cryptobench.primitives.chaos.maps.two_dimensional import lscm_pair, sine_orbit

RNG = np.random.default_rng(2020)


def test_each_sine_step_is_that_of_the_library():
    """From every state of an orbit the next is r sin(pi x) to 1e-15."""
    orbit = sine_orbit(0.3, 0.99, 5000)
    steps = [0.99 * math.sin(math.pi * x) for x in [0.3, *orbit[:-1].tolist()]]
    assert orbit == pytest.approx(steps, abs=1e-15)


def test_sine_map_at_1_has_a_lyapunov_exponent_near_ln_2():
    """The mean of ln|pi cos(pi x)| is 0.689 (by quadrature of the map's Ulam density); without chaos it is negative."""
    assert _exponent(1.0) == pytest.approx(_ulam_exponent(), abs=0.01)
    assert _exponent(0.99) > 0.3
    assert _exponent(0.70) < 0


def _exponent(r: float) -> float:
    x = sine_orbit(0.31, r, 200_000)[1000:]
    return float(np.log(np.abs(r * np.pi * np.cos(np.pi * x))).mean())


def _ulam_exponent(cells: int = 2000, points: int = 40) -> float:
    """The same mean over the invariant density of the map at r = 1, by Ulam's method: no orbit is run."""
    x = (np.arange(cells * points) + 0.5) / (cells * points)
    image = np.minimum((np.sin(np.pi * x) * cells).astype(int), cells - 1)
    source = np.arange(cells * points) // points
    density = np.full(cells, 1 / cells)
    for _ in range(200):
        density = np.bincount(image, weights=density[source] / points, minlength=cells)
    return float((density[source] / points * np.log(np.abs(np.pi * np.cos(np.pi * x)))).sum())


def _lscm(x: float, y: float, r: float) -> tuple[float, float]:
    inner_x, inner_y = math.sin(math.pi * x), math.sin(math.pi * y)
    return (
        math.sin(math.pi * (4 * r * x * (1 - x) + (1 - r) * inner_y)),
        math.sin(math.pi * (4 * r * y * (1 - y) + (1 - r) * inner_x)),
    )


def test_each_lscm_step_is_that_of_the_library():
    """Both orbits of a pair follow the equations from state to state, to 2e-15; the old x is used in the new y."""
    state, r, out = RNG.random((2, 2)), np.array([0.72, 0.95]), np.empty((2, 2, 3000))
    start = state.copy()
    lscm_pair(state, r, out)
    for k in range(2):
        states = np.column_stack([start[k], out[k]]).T.tolist()
        for before, after in pairwise(states):
            assert after == pytest.approx(_lscm(*before, r[k]), abs=2e-15)
    assert np.array_equal(state, out[:, :, -1])


def test_lscm_orbits_of_a_pair_do_not_touch():
    """Each orbit has the same bits beside any other, and in parts as in one run."""
    state, r, whole = RNG.random((2, 2)), np.array([0.72, 0.95]), np.empty((2, 2, 500))
    swapped, parts = state[::-1].copy(), np.empty((2, 2, 500))
    lscm_pair(state, r, whole)
    lscm_pair(swapped, r[::-1].copy(), parts[:, :, :100])
    lscm_pair(swapped, r[::-1].copy(), parts[:, :, 100:])
    assert np.array_equal(whole, parts[::-1])


@pytest.mark.parametrize("r", [0.80, 0.90, 0.94, 0.98])
def test_lscm_is_chaotic_where_keys_are_drawn(r: float):
    """The largest Lyapunov exponent, by the Jacobian along an orbit, is above 0.3."""
    assert _lscm_exponent(r) > 0.3


def _lscm_exponent(r: float, steps: int = 20_000) -> float:
    state, out = np.array([[0.31, 0.62], [0.5, 0.1]]), np.empty((2, 2, steps))
    lscm_pair(state, np.array([r, r]), out)
    vector, growth = np.array([0.6, 0.8]), 0.0
    for x, y in out[0].T.tolist():
        rows = []
        for u, v in ((x, y), (y, x)):
            slope = math.pi * math.cos(math.pi * (4 * r * u * (1 - u) + (1 - r) * math.sin(math.pi * v)))
            rows.append((slope * 4 * r * (1 - 2 * u), slope * (1 - r) * math.pi * math.cos(math.pi * v)))
        (own_x, cross_x), (own_y, cross_y) = rows
        vector = np.array([own_x * vector[0] + cross_x * vector[1], cross_y * vector[0] + own_y * vector[1]])
        length = math.hypot(*vector)
        growth += math.log(length)
        vector /= length
    return growth / steps


def _repeating(low: float, high: float) -> float:
    """The share of 300 random orbits, with r from ``low`` to ``high``, that are in a cycle of under 2000 states."""
    count = 0
    for _ in range(150):
        state, out, r = RNG.random((2, 2)), np.empty((2, 2, 2000)), RNG.uniform(low, high, 2)
        lscm_pair(state, r, np.empty((2, 2, 3000)))
        lscm_pair(state, r, out)
        count += sum(len(np.unique(orbit, axis=1).T) < 2000 for orbit in out)
    return count / 300


@pytest.mark.parametrize(("low", "high"), [(0.319, 0.361), (0.7135, 0.7205)])
def test_lscm_has_windows_of_short_cycles(low: float, high: float):
    """Many orbits in the windows known repeat themselves."""
    assert _repeating(low, high) > 0.2


@pytest.mark.parametrize(("low", "high"), [(0.80, 0.89), (0.90, 0.98)])
def test_lscm_has_ranges_without_short_cycles(low: float, high: float):
    """No orbit between the windows repeats itself."""
    assert _repeating(low, high) == 0
