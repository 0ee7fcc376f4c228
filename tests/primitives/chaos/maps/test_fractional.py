"""The fractional-order Lorenz system against plain floats, the integer-order limit and its own collapse."""

import math

import numpy as np
import pytest

from cryptobench.primitives.chaos.maps.flows import FractionalLorenz, lorenz_orbit, power

START = (1.0, -2.0, 15.0)


def _plain(start: tuple[float, float, float], q: float, h: float, memory: int, steps: int) -> list[list[float]]:
    """The method in Python's floats, one list for each coordinate, every sum from the newest state to the oldest."""
    c = [1.0]
    for j in range(1, memory + 1):
        c.append((1 - (1 + q) / j) * c[-1])
    X, Y, Z = ([value] for value in start)
    for k in range(1, steps + 1):

        def past(states: list[float], k: int = k) -> float:
            total = 0.0
            for j in range(1, min(k, memory) + 1):
                total += c[j] * states[k - j]
            return total

        x = 10 * (Y[-1] - X[-1]) * h**q - past(X)
        y = (x * (28 - Z[-1]) - Y[-1]) * h**q - past(Y)
        z = (x * y - 8 / 3 * Z[-1]) * h**q - past(Z)
        X.append(x), Y.append(y), Z.append(z)
    return [[x, y, z] for x, y, z in zip(X, Y, Z, strict=True)][1:]


@pytest.mark.parametrize("q", [0.990, 0.995, 0.9989])
def test_orbit_equals_plain_floats(q: float):
    """300 states have the bits of Python's floats, before and after the memory is full."""
    found = FractionalLorenz(START, q).run(np.empty((300, 3)))
    assert found.tolist() == _plain(START, q, 0.01, 64, 300)


@pytest.mark.parametrize("cuts", [(1, 2, 3), (30, 60, 200), (64, 65, 299)])
def test_orbit_continues_where_it_stopped(cuts: tuple[int, ...]):
    """However the steps are cut into runs, the states are the same."""
    whole = FractionalLorenz(START, 0.993).run(np.empty((300, 3)))
    orbit = FractionalLorenz(START, 0.993)
    parts = [orbit.run(np.empty((stop - start, 3))) for start, stop in zip((0, *cuts), (*cuts, 300), strict=True)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_order_1_is_the_lorenz_system():
    """At q = 1 the weights are -1, 0, 0, ... and the method is a semi-implicit Euler step, which follows the flow."""
    steps, h = 2000, 1e-4
    euler, exact = FractionalLorenz(START, 1.0, h=h).run(np.empty((steps, 3))), np.empty((steps, 3))
    lorenz_orbit(np.array(START), h, exact)
    assert np.abs(euler - exact).max() < 0.05
    assert np.abs(exact[-1] - START).max() > 5


def test_nearby_orbits_part_at_the_rate_of_the_lorenz_system():
    """At order 0.995 a difference of 1e-9 grows by a factor of e^(0.6 to 1.3) a unit of time."""
    one = FractionalLorenz(START, 0.995).run(np.empty((1500, 3)))
    other = FractionalLorenz((START[0] + 1e-9, *START[1:]), 0.995).run(np.empty((1500, 3)))
    distance = np.linalg.norm(one - other, axis=1)
    rate = np.polyfit(np.arange(300, 1300) * 0.01, np.log(distance[300:1300]), 1)[0]
    assert 0.6 < rate < 1.3


def test_lower_orders_settle_in_a_fixed_point():
    """At q = 0.98 the last states all but stand still; at 0.99 and 0.999 they run over the attractor."""
    spread = {q: FractionalLorenz(START, q).run(np.empty((40_000, 3)))[-5000:].std(axis=0).max() for q in (0.98, 0.99)}
    assert spread[0.98] < 1e-4
    assert spread[0.99] > 5


def test_no_orbit_with_random_order_and_start_is_periodic():
    """60 orbits with q from 0.990 to 0.999: 5000 states are all different, and spread over the attractor."""
    rng = np.random.default_rng(1)
    for _ in range(60):
        start = (*rng.uniform(-10, 10, 2).tolist(), rng.uniform(10, 30))
        states = FractionalLorenz(start, rng.uniform(0.990, 0.999)).run(np.empty((6000, 3)))[1000:]
        assert len(np.unique(states, axis=0)) == 5000
        assert states.std(axis=0).min() > 5


def test_power_is_within_an_ulp_of_the_library_and_exact_where_known():
    """0.25^0.5 is 1/2; other values agree with math.pow to one unit in the last place."""
    assert power(0.25, 0.5) == 0.5
    assert power(0.01, 1.0) == 0.01
    for q in np.linspace(0.99, 0.999, 50).tolist():
        assert abs(power(0.01, q) - math.pow(0.01, q)) <= math.ulp(0.01)
