"""Orbits against plain Python floats, analytic invariants and known Lyapunov exponents."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cryptobench.primitives.chaos.maps import basic

RNG = np.random.default_rng(2004)


def test_logistic_orbit_equals_plain_floats():
    """Every state has the bits that Python's own floats give."""
    x, expected = 0.3, []
    for _ in range(1000):
        x = 3.99 * x * (1.0 - x)
        expected.append(x)
    assert basic.logistic_orbit(0.3, 3.99, 1000).tolist() == expected


def test_logistic_exponent_at_4_is_ln_2():
    """The mean of ln|4(1-2x)| along an orbit is the analytic ln 2."""
    x = basic.logistic_orbit(0.3, 4.0, 200_000)
    assert np.log(np.abs(4 * (1 - 2 * x))).mean() == pytest.approx(math.log(2), abs=0.005)


def test_windowed_logistic_keeps_the_middle_states():
    """Bytes and their number agree with a plain Python loop, and no byte value is missing."""
    x, expected = 0.3, []
    while len(expected) < 5000:
        x = 4.0 * x * (1.0 - x)
        if 0.2 < x < 0.8:
            expected.append(math.floor(256 * (x - 0.2) / 0.6))
    out, count = basic.windowed_logistic(0.3, 5000)
    assert count == 5000
    assert out.tolist() == expected
    assert set(expected) == set(range(256))


def test_windowed_logistic_reports_an_orbit_that_dies():
    """1/2 goes to 1 and then to 0 for ever: the count stays below what was asked, and the loop ends."""
    assert basic.windowed_logistic(0.5, 100)[1] == 0
    assert basic.windowed_logistic(0.3, 0)[1] == 0


def test_tent_map_has_its_peak_at_a_half():
    """Known values on both slopes."""
    assert [basic.tent(u) for u in (0.0, 0.25, 0.5, 0.75, 1.0)] == [0.0, 0.5, 1.0, 0.5, 0.0]


def _tent(u: float) -> float:
    return 2 * u if u < 0.5 else 2 * (1 - u)


def test_ltmm_orbit_equals_plain_floats():
    """Simultaneous update, burn-in dropped, "mod 1" exact: all states have the bits of Python's floats."""
    x, y, a, b, expected = 0.3, 0.4, 40.3, 60.1, []
    for n in range(1200):
        x, y = (4 * a * x * (1 - x) + b * _tent(y)) % 1, (4 * a * y * (1 - y) + b * _tent(x)) % 1
        if n >= 200:
            expected.append((x, y))
    xs, ys = np.empty((2, 1000))
    basic.ltmm_orbit(0.3, 0.4, 40.3, 60.1, 200, xs, ys)
    assert list(zip(xs.tolist(), ys.tolist(), strict=True)) == expected


def test_ltmm_is_hyperchaotic():
    """At a = 40, b = 60 both Lyapunov exponents are positive: 4.75 and 4.09 by QR of the Jacobians."""
    a, b = 40.0, 60.0
    xs, ys = np.empty((2, 10_000))
    basic.ltmm_orbit(0.31, 0.42, a, b, 200, xs, ys)
    frame, total = np.eye(2), np.zeros(2)
    for x, y in zip(xs, ys, strict=True):
        slopes = [2 * b if u < 0.5 else -2 * b for u in (y, x)]
        jacobian = np.array([[4 * a * (1 - 2 * x), slopes[0]], [slopes[1], 4 * a * (1 - 2 * y)]])
        frame, r = np.linalg.qr(jacobian @ frame)
        total += np.log(np.abs(np.diag(r)))
    assert total / len(xs) == pytest.approx([4.75, 4.09], abs=0.05)


def test_ltmm_with_equal_coordinates_stays_on_the_diagonal():
    """x = y is an invariant line: a seed on it throws half of the state away."""
    xs, ys = np.empty((2, 500))
    basic.ltmm_orbit(0.37, 0.37, 40.0, 60.0, 0, xs, ys)
    assert np.array_equal(xs, ys)


def test_chen_system_equals_plain_floats():
    """Four starts at once give the bits of four separate Runge-Kutta runs in Python's floats."""
    starts, c = RNG.uniform(-20, 20, (4, 3)), np.array([20.0, 23.1, 26.2, 28.4])
    z = basic.chen_system(starts, c, 0.002, (40, 90))
    for start, ci, found in zip(starts.tolist(), c.tolist(), z.tolist(), strict=True):
        assert found == _runge_kutta(start, ci, 0.002, (40, 90))


def _runge_kutta(state: list[float], c: float, h: float, samples: tuple[int, int]) -> list[float]:
    def slope(s: list[float]) -> list[float]:
        x, y, z = s
        return [35.0 * (y - x), (c - 35.0) * x - x * z + c * y, x * y - 3.0 * z]

    def moved(s: list[float], k: list[float], step: float) -> list[float]:
        return [u + step * v for u, v in zip(s, k, strict=True)]

    out = []
    for n in range(1, samples[1] + 1):
        k1 = slope(state)
        k2 = slope(moved(state, k1, h / 2))
        k3 = slope(moved(state, k2, h / 2))
        k4 = slope(moved(state, k3, h))
        state = [u + h / 6 * (p + 2 * q + 2 * r + s) for u, p, q, r, s in zip(state, k1, k2, k3, k4, strict=True)]
        if n in samples:
            out.append(state[2])
    return out


def test_chen_system_follows_an_adaptive_solver():
    """Up to t = 0.5 and 1 the z coordinate agrees with scipy's DOP853 to seven digits."""
    start = np.array([-3.0, 2.0, 20.0])

    def slope(_: float, s: np.ndarray) -> list[float]:
        return [35 * (s[1] - s[0]), -7 * s[0] - s[0] * s[2] + 28 * s[1], s[0] * s[1] - 3 * s[2]]

    exact = solve_ivp(slope, (0, 1), start, method="DOP853", t_eval=[0.5, 1], rtol=1e-12, atol=1e-12).y[2]
    z = basic.chen_system(start[None], np.array([28.0]), 0.0005, (1000, 2000))[0]
    assert z == pytest.approx(exact, rel=1e-7)


def test_chen_system_rests_in_its_equilibrium():
    """z = 2c - a at x = y = sqrt(b(2c-a)) is a fixed point of the flow: 21 for c = 28."""
    side = math.sqrt(63)
    assert basic.chen_system(np.array([[side, side, 21.0]]), np.array([28.0]), 0.002, (50, 100)) == pytest.approx(21)


def test_a_coarse_step_makes_chen_system_diverge():
    """Of random key starts about one in five blows up at step 0.05, and none at 0.002."""
    ka, kb = RNG.random((2, 300))
    start = np.stack([80 * kb - 40, 80 * ka - 40, 60 * kb], axis=1)
    c = 8.4 * ka + 20
    coarse = basic.chen_system(start, c, 0.05, (100, 200))
    fine = basic.chen_system(start, c, 0.002, (4000, 8000))
    assert 0.1 < (~np.isfinite(coarse)).any(axis=1).mean() < 0.3
    assert np.isfinite(fine).all()
    assert fine.min() > 0
    assert fine.max() < 60


def _lattice(seed: int) -> tuple[np.ndarray, float, float, int, int]:
    rng = np.random.default_rng(seed)
    p, q = rng.integers(1, 1001, 2).tolist()
    return rng.uniform(0.05, 0.95, 9), rng.uniform(3.9, 4), rng.uniform(0.01, 0.2), p, q


def test_ncml_orbit_equals_plain_floats():
    """All sites after each step have the bits of Python's floats, and the state is left after the last step."""
    x, mu, eps, p, q = _lattice(1)
    out = np.empty((200, 8))
    state = x.copy()
    basic.ncml_orbit(state, mu, eps, *basic.ncml_neighbours(9, p, q), out)
    sites = x.tolist()
    for row in out.tolist():
        f = [mu * u * (1.0 - u) for u in sites]
        sites = [(1.0 - eps) * f[i] + eps / 2.0 * (f[(1 + p) * i % 9] + f[(q + p * q + 1) * i % 9]) for i in range(9)]
        assert row == sites[1:]
    assert state.tolist() == sites


def test_ncml_continues_where_it_stopped():
    """Two runs of 30 and 70 steps make one of 100; a run of none changes nothing."""
    x, mu, eps, p, q = _lattice(2)
    neighbours = basic.ncml_neighbours(9, p, q)
    whole, parts, state = np.empty((100, 8)), np.empty((100, 8)), x.copy()
    basic.ncml_orbit(x, mu, eps, *neighbours, whole)
    for rows in (parts[:30], parts[30:30], parts[30:]):
        basic.ncml_orbit(state, mu, eps, *neighbours, rows)
    assert np.array_equal(whole, parts)


def test_ncml_site_0_is_a_logistic_orbit():
    """Its neighbours are itself, its next state is mu x(1-x) whatever eps is, and the other sites don't reach it."""
    x, mu, eps, p, q = _lattice(3)
    j, k = basic.ncml_neighbours(9, p, q)
    assert (j[0], k[0]) == (0, 0)
    for strength in (0.01, eps, 0.9):
        state = x.copy()
        basic.ncml_orbit(state, mu, strength, j, k, np.empty((1, 8)))
        assert state[0] == pytest.approx(mu * x[0] * (1 - x[0]), rel=1e-15)
    one, other = x.copy(), np.append(x[0], RNG.random(8))
    for state in (one, other):
        basic.ncml_orbit(state, mu, eps, j, k, np.empty((500, 8)))
    assert one[0] == other[0]
    assert (one[1:] != other[1:]).all()


@pytest.mark.parametrize("seed", range(5))
def test_ncml_has_a_positive_lyapunov_exponent(seed: int):
    """The largest exponent, by the tangent map W diag(f'(x)), is positive for keys drawn as the cipher draws them."""
    x, mu, eps, p, q = _lattice(seed)
    j, k = basic.ncml_neighbours(9, p, q)
    coupling = (1 - eps) * np.eye(9)
    for i in range(9):
        coupling[i, j[i]] += eps / 2
        coupling[i, k[i]] += eps / 2
    tangent, growth, state, row = RNG.normal(size=9), 0.0, x.copy(), np.empty((1, 8))
    for _ in range(3000):
        tangent = coupling @ (mu * (1 - 2 * state) * tangent)
        growth += math.log(np.linalg.norm(tangent))
        tangent /= np.linalg.norm(tangent)
        basic.ncml_orbit(state, mu, eps, j, k, row)
    assert 0.1 < growth / 3000 < math.log(2)
