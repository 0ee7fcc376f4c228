"""Piecewise linear orbits and the piecewise lattice against plain Python floats and analytic values."""

import math

import numpy as np
import pytest

from cryptobench.primitives.chaos.maps.lattices import piecewise_lattice, pwlcm_orbits, shifted_neighbours

RNG = np.random.default_rng(2021)


def pwlcm(x: float, p: float) -> float:
    """One step of the map, its slopes divided first as the kernels do."""
    v = min(x, 1.0 - x)
    return v * (1.0 / p) if v < p else (v - p) * (1.0 / (0.5 - p))


def clamped(x: float) -> float:
    return max(1e-12, min(x, 1.0 - 1e-12))


def test_orbits_equal_plain_floats_and_go_on_where_they_stopped():
    """Every state of five orbits has the bits of Python's own floats, over two calls."""
    x, p = RNG.random(5), RNG.uniform(0.1, 0.45, 5)
    state, out = x.copy(), np.empty((300, 5))
    pwlcm_orbits(state, p, out[:120])
    pwlcm_orbits(state, p, out[120:])
    for i in range(5):
        value = x[i]
        for n in range(300):
            value = clamped(pwlcm(value, p[i]))
            assert out[n, i] == value
    assert np.array_equal(state, out[-1])


def test_orbits_have_a_flat_density_and_the_entropy_of_their_pieces_as_exponent():
    """16 bins within 5 %, and the mean of ln|F'| is -2p ln p - (1-2p) ln(1/2-p)."""
    p = np.array([0.13, 0.3, 0.44])
    out = np.empty((200_000, 3))
    pwlcm_orbits(np.array([0.2, 0.3, 0.4]), p, out)
    for x, q in zip(out.T, p, strict=True):
        assert np.histogram(x, 16, (0, 1))[0] == pytest.approx(12_500, rel=0.05)
        slopes = np.where(np.minimum(x, 1 - x) < q, 1 / q, 1 / (0.5 - q))
        entropy = -2 * q * math.log(q) - (1 - 2 * q) * math.log(0.5 - q)
        assert np.log(slopes).mean() == pytest.approx(entropy, abs=0.01)


def test_an_orbit_leaves_the_fixed_point_that_1_and_p_lead_to():
    """From 0, 1 and p, all later states stay inside (0, 1) and none comes twice."""
    out = np.empty((500, 4))
    pwlcm_orbits(np.array([0.0, 1.0, 0.3, 0.7]), np.full(4, 0.3), out)
    assert 0 < out.min() < out.max() < 1
    assert all(len(np.unique(x)) == 500 for x in out.T)


@pytest.mark.parametrize(("p", "q"), [(1, 1), (13, 77), (1000, 999), (15, 15)])
def test_shifted_neighbours_give_site_0_others_than_itself(p: int, q: int):
    """The formulas in plain integers, all of them sites of the ring; site 0 is coupled to site 1 twice."""
    j, k = shifted_neighbours(16, p, q)
    assert j.tolist() == [((1 + p) * i + 1) % 16 for i in range(16)]
    assert k.tolist() == [((q + p * q + 1) * i + 1) % 16 for i in range(16)]
    assert j[0] == k[0] == 1


def plain_lattice(x: list[float], e: list[float], p: float, j: list[int], k: list[int], steps: int) -> np.ndarray:
    """The lattice's equations, one site at a time."""
    sites, out = len(x), []
    for _ in range(steps):
        f = [pwlcm(value, p) for value in x]
        new = []
        for i in range(sites):
            first = x[i] < 0.5
            w = 0.2 * (e[0] if first else e[1])
            others = f[(i + 1) % sites] + f[i - 1] if first else f[j[i]] + f[k[i]]
            new.append(clamped((1.0 - w) * f[i] + (0.5 * w) * others))
        x, e = new, [3.99 * c * (1.0 - c) for c in e]
        out.append(new)
    return np.array(out)


@pytest.mark.parametrize("sites", [3, 16])
def test_lattice_equals_plain_floats_and_goes_on_where_it_stopped(sites: int):
    """Every state has the bits of Python's own floats, over two calls."""
    x, e, p = RNG.random(sites), np.array([0.3, 0.4]), 0.27
    j, k = shifted_neighbours(sites, 13, 77)
    expected = plain_lattice(x.tolist(), e.tolist(), p, j.tolist(), k.tolist(), 300)
    out = np.empty((300, sites))
    piecewise_lattice(x, e, p, j, k, out[:70])
    piecewise_lattice(x, e, p, j, k, out[70:])
    assert np.array_equal(out, expected)
    assert np.array_equal(x, expected[-1])


@pytest.mark.parametrize(("p", "a", "b"), [(0.12, 5, 9), (0.25, 13, 77), (0.43, 1000, 1)])
def test_the_largest_lyapunov_exponent_is_positive_and_near_that_of_a_single_map(p: float, a: int, b: int):
    """How fast a distance of 1e-9 grows, averaged over short stretches; coupling changes a single map's little."""
    j, k = shifted_neighbours(16, a, b)
    x, e, growth = RNG.random(16), np.array([0.3, 0.4]), []
    piecewise_lattice(x, e, p, j, k, np.empty((500, 16)))
    for _ in range(2000):
        near, near_e = x + 1e-9 * RNG.standard_normal(16), e.copy()
        distance = np.linalg.norm(near - x)
        piecewise_lattice(near, near_e, p, j, k, np.empty((5, 16)))
        piecewise_lattice(x, e, p, j, k, np.empty((5, 16)))
        growth.append(math.log(np.linalg.norm(near - x) / distance) / 5)
    single = -2 * p * math.log(p) - (1 - 2 * p) * math.log(0.5 - p)
    assert 0.8 * single < np.mean(growth) < 1.5 * single
