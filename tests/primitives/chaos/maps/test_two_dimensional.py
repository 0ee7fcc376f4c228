"""Maps with a sine against plain floats, the library's sine and Lyapunov exponents; where they fall into cycles."""

import math
from itertools import pairwise

import numpy as np
import pytest
from numba import njit

from cryptobench.primitives.chaos.elementary import abs_sin_pi, sine
from cryptobench.primitives.chaos.maps import two_dimensional
from cryptobench.primitives.chaos.maps.two_dimensional import any_sine, any_sine_pi, cross_orbit, lscm_pair, sine_orbit

RNG = np.random.default_rng(2018)


def lscm(x: np.ndarray, y: np.ndarray, theta: float, gain: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    xs, ys = np.empty((2, n, len(x)))
    two_dimensional.lscm_orbits(x.copy(), y.copy(), theta, gain, xs, ys)
    return xs, ys


@pytest.mark.parametrize(("orbits", "gain"), [(1, 1.0), (3, 10.0), (64, 50.0)])
def test_lscm_equals_plain_floats(orbits: int, gain: float):
    """Orbits side by side give the bits of separate orbits in Python's floats, y from the new x."""
    x, y = RNG.random((2, orbits))
    xs, ys = lscm(x, y, 0.7, gain, 60)
    for k in range(orbits):
        u, v = float(x[k]), float(y[k])
        for n in range(60):
            u = abs_sin_pi(gain * (4.0 * 0.7 * u * (1.0 - u) + (1.0 - 0.7) * abs_sin_pi(v)))
            v = abs_sin_pi(gain * (4.0 * 0.7 * v * (1.0 - v) + (1.0 - 0.7) * abs_sin_pi(u)))
            assert (xs[n, k], ys[n, k]) == (u, v)


def test_lscm_with_gain_1_is_the_published_map():
    """One step agrees with sin(pi(4 theta x(1-x) + (1-theta) sin(pi y))) of the library, with no absolute value."""
    x, y = RNG.random((2, 1000))
    xs, ys = lscm(x, y, 0.8, 1.0, 1)
    u = np.sin(np.pi * (3.2 * x * (1 - x) + 0.2 * np.sin(np.pi * y)))
    v = np.sin(np.pi * (3.2 * y * (1 - y) + 0.2 * np.sin(np.pi * u)))
    assert xs[0] == pytest.approx(u, abs=1e-14)
    assert ys[0] == pytest.approx(v, abs=1e-14)


def test_lscm_continues_where_it_stopped():
    """x and y are left at the last state."""
    x, y = RNG.random((2, 5))
    whole, _ = lscm(x, y, 0.8, 20.0, 50)
    parts, ys = np.empty((2, 50, 5))
    for rows in (slice(0, 20), slice(20, 50)):
        two_dimensional.lscm_orbits(x, y, 0.8, 20.0, parts[rows], ys[rows])
    assert np.array_equal(whole, parts)


def exponents(step: np.ndarray) -> np.ndarray:
    """Both Lyapunov exponents by QR, from Jacobians of shape (n, 2, 2)."""
    frame, total = np.eye(2), np.zeros(2)
    for jacobian in step:
        frame, r = np.linalg.qr(jacobian @ frame)
        total += np.log(np.abs(np.diag(r)))
    return np.sort(total / len(step))[::-1]


def lscm_exponents(theta: float, gain: float) -> np.ndarray:
    xs, ys = (s[:, 0] for s in lscm(np.array([0.31]), np.array([0.42]), theta, gain, 4000))
    x, y, u = xs[:-1], ys[:-1], xs[1:]
    inner = gain * (4 * theta * x * (1 - x) + (1 - theta) * np.sin(np.pi * y))
    ux = np.pi * np.cos(np.pi * inner) * gain * 4 * theta * (1 - 2 * x)
    uy = np.pi * np.cos(np.pi * inner) * gain * (1 - theta) * np.pi * np.cos(np.pi * y)
    inner = gain * (4 * theta * y * (1 - y) + (1 - theta) * np.sin(np.pi * u))
    vy = np.pi * np.cos(np.pi * inner) * gain * 4 * theta * (1 - 2 * y)
    vu = np.pi * np.cos(np.pi * inner) * gain * (1 - theta) * np.pi * np.cos(np.pi * u)
    return exponents(np.stack([np.stack([ux, uy], -1), np.stack([vu * ux, vy + vu * uy], -1)], -2))


@pytest.mark.parametrize("theta", [0.6, 0.8, 0.95])
@pytest.mark.parametrize("gain", [10.0, 30.0, 50.0])
def test_lscm_is_hyperchaotic_in_the_used_range(theta: float, gain: float):
    """Both exponents are positive: the smaller in 0.7 to 4.6, the larger in 3.4 to 8.2."""
    larger, smaller = lscm_exponents(theta, gain)
    assert 0.7 < smaller < 4.6
    assert 3.4 < larger < 8.2


def test_lscm_of_low_theta_is_not_hyperchaotic():
    """theta of 0.1 at gain 20 contracts in one direction, by e^4.4 a step."""
    larger, smaller = lscm_exponents(0.1, 20.0)
    assert larger > 0
    assert smaller == pytest.approx(-4.4, abs=0.3)


def test_henon_sine_equals_plain_floats():
    """All states after burn-in have the bits of Python's floats; fractions of either sign occur."""
    x, y, a, b = 0.3, -0.4, 37.5, 81.2
    states = np.empty((2, 500))
    two_dimensional.henon_sine_orbit(x, y, a, b, 100, states)
    for n in range(600):
        s = sine(abs(x))
        x, y = math.fmod(1.0 - a * s * s + y, 1.0), math.fmod(b * x, 1.0)
        if n >= 100:
            assert tuple(states[:, n - 100]) == (x, y)
    assert (states.min(axis=1) < -0.9).all()
    assert states[1].max() > 0.9


@pytest.mark.parametrize(("a", "b", "expected"), [(10.0, 10.0, (1.73, 0.57)), (50.0, 80.0, (3.37, 1.02))])
def test_henon_sine_has_known_exponents(a: float, b: float, expected: tuple[float, float]):
    """Both are positive, and their sum is ln b, since the Jacobian's determinant is -b everywhere.

    The values are of 200,000 steps with the C library's sine and tangents in plain Python.
    """
    x = np.empty((2, 10_000))
    two_dimensional.henon_sine_orbit(0.31, 0.42, a, b, 100, x)
    x = x[0]
    jacobians = np.zeros((len(x), 2, 2))
    jacobians[:, 0, 0], jacobians[:, 0, 1], jacobians[:, 1, 0] = -a * np.sin(2 * x), 1, b
    found = exponents(jacobians)
    assert found == pytest.approx(expected, abs=0.06)
    assert found.sum() == pytest.approx(math.log(b), abs=1e-9)


@njit
def sines(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both sines of an array, as compiled kernels use them."""
    plain, of_pi = np.empty_like(x), np.empty_like(x)
    for i in range(len(x)):
        plain[i], of_pi[i] = any_sine(x[i]), any_sine_pi(x[i])
    return plain, of_pi


@pytest.mark.parametrize("reach", [1e-3, 2.0, 100.0, 1e4, 1e8])
def test_sines_agree_with_the_library(reach: float):
    """Within 6e-16 and the library's own error, near multiples of pi too, for numbers of any size below 1e8."""
    x = np.concatenate([RNG.uniform(-reach, reach, 20_000), np.pi * np.round(RNG.uniform(-reach, reach, 2000) / np.pi)])
    plain, of_pi = sines(x)
    assert np.abs(plain - [math.sin(v) for v in x]).max() < 7e-16
    rest = np.array([math.remainder(v, 2) for v in x])
    inside = np.where(np.abs(rest) > 0.5, np.sign(rest) - rest, rest)  # sin(pi t) = sin(pi (1 - t))
    assert np.abs(of_pi - [math.sin(math.pi * v) for v in inside]).max() < 7e-16


def test_sines_of_huge_numbers_stay_sines():
    """Up to 1e14 nothing leaves [-1, 1] by more than rounding, and small sines keep their relative accuracy."""
    plain, _ = sines(RNG.uniform(-1e14, 1e14, 100_000))
    assert np.abs(plain).max() <= 1 + 1e-15
    tiny = np.array([1e-300, 1e-20, -1e-9])
    assert sines(tiny)[0] == pytest.approx(tiny, rel=1e-15)


def test_cross_map_steps_are_the_published_ones():
    """From every state of an orbit, the next agrees with the machine's sine as far as the map's slope lets it."""
    xs, ys = np.empty((2, 20_000))
    cross_orbit(np.array([0.3156, 0.6423]), 50.5, 33.3, xs, ys)
    x, y, s = xs[:-1], ys[:-1], np.sin(ys[:-1])
    assert (np.abs(xs[1:] - np.sin(50.5 / s)) < 1e-15 * (1 + 50.5 / s**2)).all()
    assert (np.abs(ys[1:] - 33.3 * np.sin(np.pi * (x + y))) < 1e-12).all()


def test_cross_orbit_continues_where_it_stopped():
    """Two runs of 30 and 70 steps make one of 100."""
    whole, parts, state = np.empty((2, 100)), np.empty((2, 100)), np.array([0.1, 0.2])
    cross_orbit(state.copy(), 20.0, 30.0, *whole)
    cross_orbit(state, 20.0, 30.0, *parts[:, :30])
    cross_orbit(state, 20.0, 30.0, *parts[:, 30:])
    assert np.array_equal(whole, parts)
    assert state.tolist() == whole[:, -1].tolist()


def test_zero_sine_does_not_stop_the_cross_map():
    """y = 0 is read as a sine of 1e-12, and all later states are finite."""
    xs, ys = np.empty((2, 1000))
    cross_orbit(np.array([0.0, 0.0]), 20.0, 30.0, xs, ys)
    assert np.isfinite([xs, ys]).all()
    assert len(np.unique(xs[-500:])) == 500


@pytest.mark.parametrize(("alpha", "beta"), [(10.0, 10.0), (55.5, 44.4), (99.0, 12.0)])
def test_cross_map_is_hyperchaotic(alpha: float, beta: float):
    """Both Lyapunov exponents, by QR of the Jacobians, are positive; they add up to the mean of ln|det|."""
    xs, ys = np.empty((2, 5000))
    cross_orbit(np.array([0.3, 0.6]), alpha, beta, xs, ys)
    frame, total, determinants = np.eye(2), np.zeros(2), 0.0
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        s = math.sin(y)
        to_x = -math.cos(alpha / s) * alpha * math.cos(y) / s**2
        to_y = beta * math.pi * math.cos(math.pi * (x + y))
        frame, r = np.linalg.qr(np.array([[0.0, to_x], [to_y, to_y]]) @ frame)
        total += np.log(np.abs(np.diag(r)))
        determinants += math.log(abs(to_x * to_y))
    assert (total / 5000 > 1).all()
    assert total.sum() == pytest.approx(determinants, rel=1e-6)


def cycles(alpha: float, beta: float) -> bool:
    """Whether a state comes twice among 2000, after 3000 steps."""
    xs, ys = np.empty((2, 5000))
    cross_orbit(RNG.random(2), alpha, beta, xs, ys)
    return len(np.unique(np.stack([xs, ys])[:, 3000:], axis=1).T) < 2000


def test_only_small_parameters_lead_to_short_cycles():
    """Some percent of alpha, beta in [1, 10], and none of 400 in [10, 100]."""
    assert 0.005 < np.mean([cycles(*RNG.uniform(1, 10, 2)) for _ in range(400)]) < 0.1
    assert not any(cycles(*RNG.uniform(10, 100, 2)) for _ in range(400))


def test_sine_map_steps_are_those_of_the_library():
    """From every state of an orbit the next is r sin(pi x) to 1e-15."""
    orbit = sine_orbit(0.3, 0.99, 5000)
    steps = [0.99 * math.sin(math.pi * x) for x in [0.3, *orbit[:-1].tolist()]]
    assert orbit == pytest.approx(steps, abs=1e-15)


def test_sine_map_exponent_is_near_ln_2():
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


def test_lscm_pair_steps_are_those_of_the_library():
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


def _lscm_exponent(r: float, steps: int = 10_000) -> float:
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
