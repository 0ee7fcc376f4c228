"""The cross 2D map against the machine's sine, and its freedom from short cycles."""

import math

import numpy as np
import pytest
from numba import njit

from cryptobench.primitives.chaos.maps.two_dimensional import any_sine, any_sine_pi, cross_orbit

RNG = np.random.default_rng(2021)


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


def test_each_step_is_the_published_one():
    """From every state of an orbit, the next agrees with the machine's sine as far as the map's slope lets it."""
    xs, ys = np.empty((2, 20_000))
    cross_orbit(np.array([0.3156, 0.6423]), 50.5, 33.3, xs, ys)
    x, y, s = xs[:-1], ys[:-1], np.sin(ys[:-1])
    assert (np.abs(xs[1:] - np.sin(50.5 / s)) < 1e-15 * (1 + 50.5 / s**2)).all()
    assert (np.abs(ys[1:] - 33.3 * np.sin(np.pi * (x + y))) < 1e-12).all()


def test_an_orbit_continues_where_it_stopped():
    """Two runs of 30 and 70 steps make one of 100."""
    whole, parts, state = np.empty((2, 100)), np.empty((2, 100)), np.array([0.1, 0.2])
    cross_orbit(state.copy(), 20.0, 30.0, *whole)
    cross_orbit(state, 20.0, 30.0, *parts[:, :30])
    cross_orbit(state, 20.0, 30.0, *parts[:, 30:])
    assert np.array_equal(whole, parts)
    assert state.tolist() == whole[:, -1].tolist()


def test_a_zero_sine_does_not_stop_the_orbit():
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


def test_small_parameters_fall_into_short_cycles_and_large_ones_do_not():
    """Some percent of alpha, beta in [1, 10], and none of 400 in [10, 100]."""
    assert 0.005 < np.mean([cycles(*RNG.uniform(1, 10, 2)) for _ in range(400)]) < 0.1
    assert not any(cycles(*RNG.uniform(10, 100, 2)) for _ in range(400))
