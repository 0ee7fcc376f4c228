"""Two-dimensional sine maps against plain floats and Lyapunov exponents."""

import math

import numpy as np
import pytest

from cryptobench.primitives.chaos.elementary import abs_sin_pi, sine
from cryptobench.primitives.chaos.maps import two_dimensional

RNG = np.random.default_rng(2018)


def lscm(x: np.ndarray, y: np.ndarray, theta: float, gain: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    xs, ys = np.empty((2, n, len(x)))
    two_dimensional.lscm_orbits(x.copy(), y.copy(), theta, gain, xs, ys)
    return xs, ys


@pytest.mark.parametrize(("lanes", "gain"), [(1, 1.0), (3, 10.0), (64, 50.0)])
def test_lscm_equals_plain_floats(lanes: int, gain: float):
    """Lanes side by side give the bits of separate orbits in Python's floats, y from the new x."""
    x, y = RNG.random((2, lanes))
    xs, ys = lscm(x, y, 0.7, gain, 60)
    for lane in range(lanes):
        u, v = float(x[lane]), float(y[lane])
        for n in range(60):
            u = abs_sin_pi(gain * (4.0 * 0.7 * u * (1.0 - u) + (1.0 - 0.7) * abs_sin_pi(v)))
            v = abs_sin_pi(gain * (4.0 * 0.7 * v * (1.0 - v) + (1.0 - 0.7) * abs_sin_pi(u)))
            assert (xs[n, lane], ys[n, lane]) == (u, v)


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
    xs, ys = (s[:, 0] for s in lscm(np.array([0.31]), np.array([0.42]), theta, gain, 8000))
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
def test_lscm_is_hyperchaotic_in_the_range_that_is_used(theta: float, gain: float):
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
    """All x after burn-in have the bits of Python's floats."""
    x, y, a, b = 0.3, 0.4, 37.5, 81.2
    xs = np.empty(500)
    two_dimensional.henon_sine_orbit(x, y, a, b, 100, xs)
    for n in range(600):
        s = sine(x)
        x, y = 1.0 - a * (s * s) + y, b * x
        x, y = x - math.floor(x), y - math.floor(y)
        if n >= 100:
            assert xs[n - 100] == x


@pytest.mark.parametrize(("a", "b", "expected"), [(10.0, 10.0, (2.04, 0.26)), (50.0, 80.0, (3.51, 0.87))])
def test_henon_sine_has_known_exponents(a: float, b: float, expected: tuple[float, float]):
    """Both are positive, and their sum is ln b, since the Jacobian's determinant is -b everywhere."""
    x = np.empty(20_000)
    two_dimensional.henon_sine_orbit(0.31, 0.42, a, b, 100, x)
    jacobians = np.zeros((len(x), 2, 2))
    jacobians[:, 0, 0], jacobians[:, 0, 1], jacobians[:, 1, 0] = -a * np.sin(2 * x), 1, b
    found = exponents(jacobians)
    assert found == pytest.approx(expected, abs=0.06)
    assert found.sum() == pytest.approx(math.log(b), abs=1e-9)
