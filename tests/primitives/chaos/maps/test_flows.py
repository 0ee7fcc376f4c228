"""The Lorenz family against an adaptive solver, plain floats and known Lyapunov exponents."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cryptobench.primitives.chaos.maps.basic import chen_system
from cryptobench.primitives.chaos.maps.flows import chen_orbit, lorenz_orbit, lu_orbit

SLOPES: dict[Callable[..., None], Callable[[float, float, float], list[float]]] = {
    lorenz_orbit: lambda x, y, z: [10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z],
    chen_orbit: lambda x, y, z: [35 * (y - x), -7 * x - x * z + 28 * y, x * y - 3 * z],
    lu_orbit: lambda x, y, z: [36 * (y - x), -x * z + 20 * y, x * y - 3 * z],
}
ORBITS = pytest.mark.parametrize("orbit", SLOPES, ids=lambda orbit: orbit.__name__)


@ORBITS
def test_orbits_follow_an_adaptive_solver(orbit: Callable[..., None]):
    """Up to t = 1 all coordinates agree with scipy's DOP853 to six digits; the state is left after the last step."""
    start = np.array([-3.0, 2.0, 20.0])
    times = np.linspace(0.1, 1, 10)
    exact = solve_ivp(
        lambda _, s: SLOPES[orbit](*s), (0, 1), start, method="DOP853", t_eval=times, rtol=1e-12, atol=1e-12
    )
    out, state = np.empty((2000, 3)), start.copy()
    orbit(state, 0.0005, out)
    assert pytest.approx(exact.y, rel=1e-6, abs=1e-6) == out[199::200].T
    assert np.array_equal(state, out[-1])


@ORBITS
def test_orbits_equal_plain_floats(orbit: Callable[..., None]):
    """Hundred steps of a Runge-Kutta written in Python agree to the last few bits."""
    h, (x, y, z) = 0.002, (1.0, -2.0, 15.0)
    out = np.empty((100, 3))
    orbit(np.array([x, y, z]), h, out)
    for found in out:
        s = np.array([x, y, z])
        k1 = np.array(SLOPES[orbit](*s))
        k2 = np.array(SLOPES[orbit](*(s + h / 2 * k1)))
        k3 = np.array(SLOPES[orbit](*(s + h / 2 * k2)))
        k4 = np.array(SLOPES[orbit](*(s + h * k3)))
        x, y, z = s + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        assert found == pytest.approx([x, y, z], rel=1e-11)


def test_orbits_continue_where_they_stopped():
    """Runs of 30 and 70 steps make one of 100."""
    whole, parts = np.empty((100, 3)), np.empty((100, 3))
    lorenz_orbit(np.array([1.0, 2.0, 3.0]), 0.01, whole)
    state = np.array([1.0, 2.0, 3.0])
    lorenz_orbit(state, 0.01, parts[:30])
    lorenz_orbit(state, 0.01, parts[30:])
    assert np.array_equal(whole, parts)


@ORBITS
def test_equilibria_rest(orbit: Callable[..., None]):
    """The non-zero equilibria of the three systems, known in closed form, stay where they are."""
    side, z = {lorenz_orbit: (math.sqrt(72), 27.0), chen_orbit: (math.sqrt(63), 21.0), lu_orbit: (math.sqrt(60), 20.0)}[
        orbit
    ]
    out = np.empty((50, 3))
    orbit(np.array([side, side, z]), 0.002, out)
    assert out == pytest.approx(np.tile([side, side, z], (50, 1)))


def test_chen_orbit_agrees_with_chen_system():
    """The two implementations of Chen's system meet after 200 steps, up to rounding."""
    start = np.array([-3.0, 2.0, 20.0])
    out = np.empty((200, 3))
    chen_orbit(start.copy(), 0.001, out)
    z = chen_system(start[None], np.array([28.0]), 0.001, (100, 200))[0]
    assert out[[99, 199], 2] == pytest.approx(z, rel=1e-12)


@pytest.mark.parametrize(("orbit", "exponent"), [(lorenz_orbit, 0.906), (chen_orbit, 2.027)])
def test_largest_lyapunov_exponent_is_the_published_one(orbit: Callable[..., None], exponent: float):
    """Two orbits 1e-8 apart, pulled together again every 100 steps, part at the rate of the literature."""
    h, near, growth, rounds = 0.005, 1e-8, 0.0, 3000
    one, out = np.array([1.0, 2.0, 20.0]), np.empty((100, 3))
    orbit(one, h, np.empty((2000, 3)))
    other = one + np.array([near, 0, 0])
    for _ in range(rounds):
        orbit(one, h, out)
        orbit(other, h, out)
        distance = float(np.linalg.norm(other - one))
        growth += math.log(distance / near)
        other = one + (other - one) * (near / distance)
    assert growth / (rounds * 100 * h) == pytest.approx(exponent, rel=0.04)


def test_lu_orbit_is_chaotic_and_bounded():
    """Nearby orbits part, and 100 units of time stay inside the attractor's box."""
    one, other = np.array([1.0, 2.0, 20.0]), np.array([1.0 + 1e-9, 2.0, 20.0])
    first, second = np.empty((50_000, 3)), np.empty((50_000, 3))
    lu_orbit(one, 0.002, first)
    lu_orbit(other, 0.002, second)
    assert np.abs(first - second)[-1000:].max() > 1
    assert np.abs(first).max() < 60
