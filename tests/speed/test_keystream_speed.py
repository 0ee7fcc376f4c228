"""Key streams that move several orbits or sites in vector registers, against one float64 at a time, in one run."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numba import njit

from cryptobench.primitives.chaos.diffusion.dna import base_chain
from cryptobench.primitives.chaos.elementary import abs_sin_pi, sine
from cryptobench.primitives.chaos.maps.lattices import mixed_neighbours, mlncml_orbit
from cryptobench.primitives.chaos.maps.two_dimensional import lscm_orbits, lscm_pair

RNG = np.random.default_rng(12)


@njit
def lscm_orbits_alone(x: np.ndarray, y: np.ndarray, theta: float, gain: float, xs: np.ndarray, ys: np.ndarray) -> None:
    for n in range(len(xs)):
        for i in range(len(x)):
            u, v = x[i], y[i]
            u = abs_sin_pi(gain * (4.0 * theta * u * (1.0 - u) + (1.0 - theta) * abs_sin_pi(v)))
            v = abs_sin_pi(gain * (4.0 * theta * v * (1.0 - v) + (1.0 - theta) * abs_sin_pi(u)))
            x[i], y[i] = xs[n, i], ys[n, i] = u, v


@njit
def sin_pi(u: float) -> float:
    return sine(np.pi * min(u, 1.0 - u))


@njit
def lscm_pair_alone(state: np.ndarray, r: np.ndarray, out: np.ndarray) -> None:
    for k in range(2):
        x, y = state[k]
        for n in range(out.shape[2]):
            s, t = sin_pi(x), sin_pi(y)
            x = sin_pi(4.0 * r[k] * x * (1.0 - x) + (1.0 - r[k]) * t)
            y = sin_pi(4.0 * r[k] * y * (1.0 - y) + (1.0 - r[k]) * s)
            out[k, 0, n], out[k, 1, n] = x, y
        state[k, 0], state[k, 1] = x, y


@njit
def mlncml_alone(
    x: np.ndarray, mu: float, eps: float, eta: float, j: np.ndarray, k: np.ndarray, out: np.ndarray
) -> None:
    sites = len(x)
    f = mu * x * (1.0 - x)
    for n in range(len(out)):
        for i in range(sites):
            near = f[(i + 1) % sites] + f[(i + sites - 1) % sites]
            state = (1.0 - eps) * f[i] + (1.0 - eta) * (eps / 2.0) * near + eta * (eps / 2.0) * (f[j[i]] + f[k[i]])
            out[n, i] = state
        for i in range(sites):
            f[i] = mu * out[n, i] * (1.0 - out[n, i])
    x[:] = out[-1]


@njit
def base_chain_alone(D: np.ndarray, kappa: np.ndarray, right: int, start: int, backward: bool) -> None:
    n, previous = len(D), np.uint8(start)
    for s in range(n):
        t = n - 1 - s if backward else s
        previous = np.uint8(D[t] + (kappa[t] >> right) + previous) & np.uint8(3)
        D[t] = previous


def compare(benchmark: Any, kernel: Callable[..., None], alone: Callable[..., None], *arguments: Any) -> None:
    """Both kernels change copies of the arrays alike; benchmark the first and note how much faster it is."""
    own, other = ([a.copy() if isinstance(a, np.ndarray) else a for a in arguments] for _ in range(2))
    kernel(*own), alone(*other)
    assert all(np.array_equal(a, b) for a, b in zip(own, other, strict=True))
    quotients = []
    for _ in range(9):
        start = perf_counter()
        alone(*other)
        between = perf_counter()
        kernel(*own)
        quotients.append((between - start) / (perf_counter() - between))
    benchmark.extra_info["one at a time / side by side"] = round(median(quotients), 2)
    benchmark(lambda: kernel(*own))


def test_lscm_orbits_side_by_side(benchmark: Any) -> None:
    """The 64 orbits of zheng2020."""
    x, y = RNG.random((2, 64))
    compare(benchmark, lscm_orbits, lscm_orbits_alone, x, y, 0.7, 20.0, *np.zeros((2, 128, 64)))


def test_lscm_pair_in_one_register(benchmark: Any) -> None:
    """The two orbits of huang2020."""
    compare(benchmark, lscm_pair, lscm_pair_alone, RNG.random((2, 2)), np.array([0.92, 0.97]), np.zeros((2, 2, 2048)))


def test_twelve_sites_in_three_registers(benchmark: Any) -> None:
    """The lattice of kang2020."""
    x, neighbours = RNG.uniform(0.05, 0.95, 12), mixed_neighbours(12, 321, 654)
    compare(benchmark, mlncml_orbit, mlncml_alone, x, 3.97, 0.08, 0.4, *neighbours, np.zeros((2048, 12)))


def test_eight_bases_in_a_word(benchmark: Any) -> None:
    """The chain of kang2020."""
    D, kappa = RNG.integers(0, 4, 2**17, dtype=np.uint8), RNG.integers(0, 16, 2**17, dtype=np.uint8)
    compare(benchmark, base_chain, base_chain_alone, D, kappa, 2, 1, True)
