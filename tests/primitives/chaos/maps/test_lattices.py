"""Coupled map lattices against plain floats, known special cases and Lyapunov exponents, and reading them in blocks."""

import math

import numpy as np
import pytest

from cryptobench.primitives.chaos.maps.basic import logistic_orbit, ncml_orbit
from cryptobench.primitives.chaos.maps.lattices import (
    blocks,
    cml_orbit,
    mixed_neighbours,
    mlncml_orbit,
    piecewise_lattice,
    shifted_neighbours,
)

RNG = np.random.default_rng(2014)


def advanced(x: np.ndarray, mu: float, eps: float, eta: float, p: int, q: int, n: int) -> np.ndarray:
    out = np.empty((n, len(x)))
    mlncml_orbit(x.copy(), mu, eps, eta, *mixed_neighbours(len(x), p, q), out)
    return out


@pytest.mark.parametrize("sites", [1, 2, 5, 12])
def test_mlncml_equals_plain_floats(sites: int):
    """Every state of every site has the bits of Python's floats, and the state is left after the last step."""
    x, mu, eps, eta, p, q = RNG.uniform(0.05, 0.95, sites), 3.97, 0.08, 0.4, 321, 654
    out, state, plain = np.empty((200, sites)), x.copy(), x.tolist()
    mlncml_orbit(state, mu, eps, eta, *mixed_neighbours(sites, p, q), out)
    for row in out.tolist():
        f = [mu * u * (1.0 - u) for u in plain]
        plain = [
            (1.0 - eps) * f[i]
            + (1.0 - eta) * (eps / 2.0) * (f[(i + 1) % sites] + f[i - 1])
            + eta * (eps / 2.0) * (f[(1 + p) * i % sites] + f[(q + p * q + 1) * i % sites])
            for i in range(sites)
        ]
        assert row == plain
    assert state.tolist() == plain


def test_mlncml_continues_where_it_stopped():
    """Two runs of 33 and 67 steps make one of 100; a run of none changes nothing."""
    x = RNG.uniform(0.05, 0.95, 12)
    whole, parts, state = advanced(x, 3.95, 0.05, 0.5, 7, 9, 100), np.empty((100, 12)), x.copy()
    for rows in (parts[:33], parts[33:33], parts[33:]):
        mlncml_orbit(state, 3.95, 0.05, 0.5, *mixed_neighbours(12, 7, 9), rows)
    assert np.array_equal(whole, parts)


def test_without_coupling_each_site_is_a_logistic_orbit():
    """eps = 0 leaves L logistic maps."""
    x = RNG.uniform(0.05, 0.95, 12)
    out = advanced(x, 3.99, 0.0, 0.5, 7, 9, 500)
    for i in range(12):
        assert np.array_equal(out[:, i], logistic_orbit(x[i], 3.99, 500))


def test_eta_of_one_is_the_non_adjacent_lattice():
    """The same states as the NCML, which leaves out site 0."""
    x, state, out = RNG.uniform(0.05, 0.95, 9), np.empty(9), np.empty((300, 8))
    state[:] = x
    neighbours = mixed_neighbours(9, 11, 22)
    ncml_orbit(state, 3.98, 0.07, *neighbours, out)
    assert np.array_equal(advanced(x, 3.98, 0.07, 1.0, 11, 22, 300)[:, 1:], out)


def test_cml_is_coupled_to_either_side():
    """One step from a single nonzero site reaches its two neighbours with eps/2 each, and no further."""
    x, out = np.zeros(7), np.empty((1, 7))
    x[0] = 0.5
    cml_orbit(x, 4.0, 0.2, out)
    assert out[0].tolist() == pytest.approx([0.8, 0.1, 0, 0, 0, 0, 0.1])


def test_a_uniform_lattice_stays_uniform():
    """Equal sites see equal neighbours: all follow one logistic orbit, up to rounding."""
    out = advanced(np.full(12, 0.3), 3.9, 0.1, 0.3, 5, 6, 10)
    assert np.ptp(out, axis=1).max() < 1e-12
    assert out[:, 0] == pytest.approx(logistic_orbit(0.3, 3.9, 10), abs=1e-9)


def test_a_small_difference_moves_by_the_coupled_slopes():
    """After one step it is W diag(f'(x)) times itself, W with rows that add up to 1."""
    sites, mu, eps, eta, p, q = 12, 3.97, 0.1, 0.4, 5, 6
    j, k = mixed_neighbours(sites, p, q)
    coupling = (1 - eps) * np.eye(sites)
    for i in range(sites):
        for target, weight in ((i + 1, 1 - eta), (i - 1, 1 - eta), (int(j[i]), eta), (int(k[i]), eta)):
            coupling[i, target % sites] += weight * eps / 2
    x = RNG.uniform(0.05, 0.95, sites)
    difference = 1e-9 * RNG.standard_normal(sites)
    moved = advanced(x + difference, mu, eps, eta, p, q, 1) - advanced(x, mu, eps, eta, p, q, 1)
    assert coupling.sum(axis=1) == pytest.approx(1)
    assert moved[0] == pytest.approx(coupling @ (mu * (1 - 2 * x) * difference), abs=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_mlncml_has_a_positive_lyapunov_exponent(seed: int):
    """Two orbits a billionth apart separate at a mean rate of 0.3 to 0.7 a step, near ln 2 = 0.69."""
    rng = np.random.default_rng(seed)
    x, mu, eps, eta = rng.uniform(0.05, 0.95, 12), rng.uniform(3.9, 4), rng.uniform(0.01, 0.1), rng.uniform(0.1, 0.9)
    neighbours = mixed_neighbours(12, *rng.integers(1, 1001, 2).tolist())
    mlncml_orbit(x, mu, eps, eta, *neighbours, np.empty((500, 12)))
    shifted, rates = x + 1e-9 * rng.standard_normal(12), []
    one, two = np.empty((1, 12)), np.empty((1, 12))
    for _ in range(2000):
        before = np.linalg.norm(shifted - x)
        mlncml_orbit(x, mu, eps, eta, *neighbours, one)
        mlncml_orbit(shifted, mu, eps, eta, *neighbours, two)
        rates.append(math.log(np.linalg.norm(shifted - x) / before))
        shifted = x + (shifted - x) * (1e-9 / np.linalg.norm(shifted - x))
    assert 0.3 < np.mean(rates) < 0.7


def pwlcm(x: float, p: float) -> float:
    """One step of the map, its slopes divided first as the kernels do."""
    v = min(x, 1.0 - x)
    return v * (1.0 / p) if v < p else (v - p) * (1.0 / (0.5 - p))


def clamped(x: float) -> float:
    return max(1e-12, min(x, 1.0 - 1e-12))


@pytest.mark.parametrize(("p", "q"), [(1, 1), (13, 77), (1000, 999), (15, 15)])
def test_shifted_neighbours_couple_site_0_to_others(p: int, q: int):
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
def test_piecewise_lattice_equals_plain_floats(sites: int):
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
def test_piecewise_lattice_exponent_is_near_one_map(p: float, a: int, b: int):
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


class Counter:
    """Fills rows with 0, 1, 2, ..."""

    def __init__(self) -> None:
        self.next = 0

    def __call__(self, out: np.ndarray) -> None:
        out[:] = np.arange(self.next, self.next + out.size).reshape(out.shape)
        self.next += out.size


@pytest.mark.parametrize("size", [1, 4, 12, 8192])
@pytest.mark.parametrize("n", [0, 1, 4, 5, 31, 1000])
def test_blocks_follow_one_another_without_gaps(n: int, size: int):
    """Places and samples count from 0 to n-1, whatever the block size is, and the next reading starts on a new row."""
    counter, places, samples = Counter(), [], []
    for first, block in blocks(counter, 4, n, size):
        places += range(first, first + len(block))
        samples += block.tolist()
    assert places == samples == list(range(n))
    assert counter.next == -(-n // 4) * 4
