"""Three-dimensional maps against plain Python floats and Lyapunov exponents."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from cryptobench.primitives.chaos.maps.three_dimensional import iqm3d_orbit, logistic3d_orbit

RNG = np.random.default_rng(3)
FIXED = (3.77, 0.0157, 0.0125)
LN_2 = math.log(2)


def logistic3d(x: float, y: float, z: float, r: float, b: float, a: float) -> tuple[float, float, float]:
    """One step in Python's floats."""
    return (
        r * x * (1 - x) + b * (y * y) * x + a * (z * z * z),
        r * y * (1 - y) + b * (z * z) * y + a * (x * x * x),
        r * z * (1 - z) + b * (x * x) * z + a * (y * y * y),
    )


def iqm3d(x: float, y: float, z: float, alpha: float, beta: float) -> tuple[float, float, float]:
    """One step in Python's floats."""
    return tuple((alpha * (1 - u * u) + beta * v) % 1 for u, v in ((x, y), (y, z), (z, x)))


@pytest.mark.parametrize(
    ("orbit", "step", "parameters"),
    [(logistic3d_orbit, logistic3d, FIXED), (iqm3d_orbit, iqm3d, (60.3, 90.7))],
    ids=["logistic", "iqm"],
)
def test_orbits_equal_plain_floats(orbit: Callable, step: Callable, parameters: tuple[float, ...]):
    """Simultaneous updates with the bits of Python's floats, in two runs of which the second goes on from the first."""
    state, expected = (0.31, 0.52, 0.73), []
    for _ in range(1000):
        state = step(*state, *parameters)
        expected.append(state)
    out, start = np.empty((1000, 3)), np.array([0.31, 0.52, 0.73])
    orbit(start, *parameters, out[:400])
    orbit(start, *parameters, out[400:])
    assert [tuple(row) for row in out.tolist()] == expected
    assert tuple(start.tolist()) == expected[-1]


def exponents(states: np.ndarray, jacobian: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Lyapunov exponents by QR of the Jacobians, the largest first."""
    frame, total = np.eye(3), np.zeros(3)
    for state in states:
        frame, r = np.linalg.qr(jacobian(state) @ frame)
        total += np.log(np.abs(np.diag(r)))
    return total / len(states)


@pytest.mark.parametrize(
    ("alpha", "beta", "known"), [(60.01, 90.01, (4.87, 4.85, 3.33)), (20.01, 20.01, (3.54, 3.49, 1.48))]
)
def test_iqm_has_three_positive_exponents(alpha: float, beta: float, known: tuple[float, float, float]):
    """They agree with those of a separate computation within 0.08."""
    out = np.empty((4000, 3))
    iqm3d_orbit(np.array([0.3, 0.6, 0.8]), alpha, beta, out)

    def jacobian(s: np.ndarray) -> np.ndarray:
        return np.diag(-2 * alpha * s) + beta * np.roll(np.eye(3), 1, axis=1)

    assert exponents(out, jacobian) == pytest.approx(known, abs=0.08)


def test_logistic3d_without_coupling_is_three_logistic_maps():
    """At a = b = 0, r = 4 each coordinate has the exponent ln 2."""
    out = np.empty((100_000, 3))
    logistic3d_orbit(np.array([0.3, 0.61, 0.77]), 4.0, 0.0, 0.0, out)
    assert np.log(np.abs(4 * (1 - 2 * out))).mean(axis=0) == pytest.approx(LN_2, abs=0.01)


def test_logistic3d_is_chaotic_at_the_fixed_parameters():
    """The largest exponent from the Jacobians is positive, and is the rate at which near orbits part."""
    r, b, a = FIXED
    out = np.empty((8000, 3))
    logistic3d_orbit(np.array([0.3, 0.6, 0.8]), r, b, a, out)

    def jacobian(s: np.ndarray) -> np.ndarray:
        x, y, z = s
        return np.array(
            [
                [r * (1 - 2 * x) + b * y * y, 2 * b * x * y, 3 * a * z * z],
                [3 * a * x * x, r * (1 - 2 * y) + b * z * z, 2 * b * y * z],
                [2 * b * x * z, 3 * a * y * y, r * (1 - 2 * z) + b * x * x],
            ]
        )

    largest = exponents(out, jacobian)[0]
    assert 0.2 < largest < LN_2
    assert largest == pytest.approx(parting_rate(out[0]), abs=0.03)


def parting_rate(start: np.ndarray, steps: int = 8000, distance: float = 1e-8) -> float:
    """Mean logarithmic growth of a small distance, set back to its length after every step."""
    growth, state, near = 0.0, np.empty((1, 3)), np.empty((1, 3))
    here, there = start.copy(), start + distance / math.sqrt(3) * np.array([1, -1, 1])
    for _ in range(steps):
        logistic3d_orbit(here, *FIXED, state)
        logistic3d_orbit(there, *FIXED, near)
        apart = np.linalg.norm(there - here)
        growth += math.log(apart / distance)
        there = here + (there - here) * (distance / apart)
    return growth / steps


def cycles(parameters: tuple[float, float, float]) -> bool:
    """Whether a state comes twice among 2000, after 8000 steps."""
    out = np.empty((10_000, 3))
    logistic3d_orbit(RNG.uniform(0.1, 0.9, 3), *parameters, out)
    return len(np.unique(out[8000:], axis=0)) < 2000


def test_published_logistic3d_range_has_many_windows():
    """Of random triples some 11 % lead to a short cycle; of random starts at the fixed triple, none of 300."""
    r, b, a = RNG.uniform(3.53, 3.81, 300), RNG.uniform(0, 0.022, 300), RNG.uniform(0, 0.015, 300)
    assert 0.04 < np.mean([cycles(triple) for triple in zip(r, b, a, strict=True)]) < 0.25
    assert not any(cycles(FIXED) for _ in range(300))


def test_equal_coordinates_stay_equal():
    """x = y = z is an invariant line of both maps."""
    for orbit, parameters in ((logistic3d_orbit, FIXED), (iqm3d_orbit, (60.3, 90.7))):
        out = np.empty((100, 3))
        orbit(np.full(3, 0.37), *parameters, out)
        assert (out == out[:, :1]).all()
