"""Coupled map lattices: a ring of logistic or piecewise linear maps, each pulled towards others after every step.

Float64, + - * only and a fixed order of operations, so that an orbit has the same bits on every machine. The purely
non-adjacent lattice is `basic.ncml_orbit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.simd.float64 import choose, gather, load, slide, store

__all__ = [
    "blocks",
    "cml_orbit",
    "mixed_neighbours",
    "mlncml_orbit",
    "piecewise_lattice",
    "shifted_neighbours",
]

Floats = NDArray[np.float64]
Indices = NDArray[np.uint64]

_LOW, _HIGH = 1e-12, 1.0 - 1e-12  # bounds of a piecewise linear map's states


def blocks(advance: Callable[[Floats], None], sites: int, n: int, size: int = 8192) -> Iterator[tuple[int, Floats]]:
    """``n`` samples of a map: pairs of the first sample's place and a block of at most ``size`` samples, (m,).

    ``advance(out)`` fills (rows, sites) with the next states. What is left of the last row is dropped, so that whatever
    is read next starts on a new row. A block is overwritten by the next one.
    """
    rows = np.empty((max(1, size // sites), sites))
    for start in range(0, n, rows.size):
        m = min(rows.size, n - start)
        used = rows[: -(-m // sites)]
        advance(used)
        yield start, used.ravel()[:m]


def cml_orbit(x: Floats, mu: float, eps: float, out: Floats) -> None:
    """`mlncml_orbit` with neighbours on either side only: x'(i) = (1-eps) f(x(i)) + (eps/2) (f(x(i+1)) + f(x(i-1))).

    The coupled map lattice of Kaneko (Prog. Theor. Phys. 72, 1984).
    """
    itself = np.arange(len(x), dtype=np.uint64)
    mlncml_orbit(x, mu, eps, 0.0, itself, itself, out)


@njit(cache=True, nogil=True)
def mlncml_orbit(x: Floats, mu: float, eps: float, eta: float, j: Indices, k: Indices, out: Floats) -> None:
    """Advance a mixed linear-nonlinear coupled map lattice by ``len(out)`` steps, in place; write all states.

    x'(i) = (1-eps) f(x(i)) + (1-eta) (eps/2) (f(x(i+1)) + f(x(i-1))) + eta (eps/2) (f(x(j)) + f(x(k))),
    f(x) = mu x(1-x), 3.57 < mu <= 4, 0 < eps < 1, 0 <= eta <= 1, on a ring, with (j, k) from `mixed_neighbours`
    (Zhang & Wang, Inf. Sci. 273, 2014). ``x`` is (L,), ``out`` is (n, L).
    """
    sites = len(x)
    own, near, far = 1.0 - eps, (1.0 - eta) * (eps / 2.0), eta * (eps / 2.0)
    if sites == 12:
        _twelve_sites(x, mu, own, near, far, j, k, out.ravel())
        return
    first, second = (j + np.uint64(1)).astype(np.uint32), (k + np.uint64(1)).astype(np.uint32)
    old, new, distant = np.empty(sites + 2), np.empty(sites + 2), np.empty(sites)  # f(x): old[i + 1] belongs to site i
    for i in range(sites):
        old[i + 1] = mu * x[i] * (1.0 - x[i])
    for n in range(len(out)):
        old[0], old[sites + 1] = old[sites], old[1]  # both ends repeat the other side of the ring
        row = out[n]
        for i in range(sites):  # apart from the rest, which then vectorises
            distant[i] = far * (old[first[i]] + old[second[i]])
        for i in range(sites):
            state = own * old[i + 1] + near * (old[i + 2] + old[i]) + distant[i]
            new[i + 1] = mu * state * (1.0 - state)
            row[i] = state
        old, new = new, old
    if len(out):
        x[:] = out[-1]


@njit(cache=True, nogil=True)
def _twelve_sites(
    x: Floats, mu: float, own: float, near: float, far: float, j: Indices, k: Indices, out: Floats
) -> None:
    """`mlncml_orbit` with all sites in registers: read back from memory, a site waits for both neighbours' stores."""
    f = np.empty(12)
    x0, x1, x2 = load(x, 0, 4), load(x, 4, 4), load(x, 8, 4)
    for n in range(0, len(out), 12):
        f0, f1, f2 = mu * x0 * (1.0 - x0), mu * x1 * (1.0 - x1), mu * x2 * (1.0 - x2)
        store(f, 0, f0)
        store(f, 4, f1)
        store(f, 8, f2)
        x0 = own * f0 + near * (slide(f0, f1, 1) + slide(f2, f0, 3)) + far * (gather(f, j, 0, 4) + gather(f, k, 0, 4))
        x1 = own * f1 + near * (slide(f1, f2, 1) + slide(f0, f1, 3)) + far * (gather(f, j, 4, 4) + gather(f, k, 4, 4))
        x2 = own * f2 + near * (slide(f2, f0, 1) + slide(f1, f2, 3)) + far * (gather(f, j, 8, 4) + gather(f, k, 8, 4))
        store(out, n, x0)
        store(out, n + 4, x1)
        store(out, n + 8, x2)
    store(x, 0, x0)
    store(x, 4, x1)
    store(x, 8, x2)


def mixed_neighbours(sites: int, p: int, q: int) -> tuple[Indices, Indices]:
    """The two distant sites that each site of an MLNCML is coupled to: (1+p) i mod L and (q+pq+1) i mod L."""
    i = np.arange(sites, dtype=np.int64)
    return ((1 + p) * i % sites).astype(np.uint64), ((q + p * q + 1) * i % sites).astype(np.uint64)


@njit(cache=True, nogil=True)
def piecewise_lattice(x: Floats, e: Floats, p: float, j: Indices, k: Indices, out: Floats) -> None:
    """Advance a piecewise coupled map lattice by ``len(out)`` steps, in place; write all states to ``out``, (n, L).

    x'(i) = (1-w) F(x(i)) + (w/2) (F(x(i+1)) + F(x(i-1))), w = e_1/5, where x(i) < 1/2, and
    x'(i) = (1-w) F(x(i)) + (w/2) (F(x(j)) + F(x(k))), w = e_2/5, elsewhere, on a ring of L sites, with (j, k) from
    `shifted_neighbours`. The coupling coefficients move too: e' = 3.99 e (1-e), ``e`` is (2,). The form is a
    stand-in for the lattice named by Wang & Yang, Information Sciences 569 (2021).
    """
    if len(x) == 16:
        _sixteen_sites(x, e, p, j, k, out.ravel())
        return
    sites = len(x)
    rise, fall = 1.0 / p, 1.0 / (0.5 - p)
    e1, e2 = e[0], e[1]
    state = x.copy()
    f = np.empty(sites + 2)  # f[i + 1] belongs to site i; both ends repeat the other side of the ring
    near, far = np.empty(sites), np.empty(sites)
    for n in range(len(out)):
        for i in range(sites):
            v = min(state[i], 1.0 - state[i])
            left, right = v * rise, (v - p) * fall
            f[i + 1] = left if v < p else right
        f[0], f[sites + 1] = f[sites], f[1]
        for i in range(sites):  # three short loops: each vectorises, which one long loop does not
            near[i] = f[i + 2] + f[i]
        for i in range(sites):
            far[i] = f[j[i] + np.uint64(1)] + f[k[i] + np.uint64(1)]
        w1, w2 = 0.2 * e1, 0.2 * e2
        for i in range(sites):
            first = state[i] < 0.5
            w = w1 if first else w2
            others = near[i] if first else far[i]
            state[i] = max(_LOW, min((1.0 - w) * f[i + 1] + (0.5 * w) * others, _HIGH))
            out[n, i] = state[i]
        e1, e2 = 3.99 * e1 * (1.0 - e1), 3.99 * e2 * (1.0 - e2)
    x[:] = state
    e[0], e[1] = e1, e2


@njit(cache=True, nogil=True)
def _sixteen_sites(x: Floats, e: Floats, p: float, j: Indices, k: Indices, out: Floats) -> None:
    """`piecewise_lattice` with its sites in vector registers; ``out`` is flat."""
    rise, fall = 1.0 / p, 1.0 / (0.5 - p)
    e1, e2 = e[0], e[1]
    memory = np.empty(16)
    state = load(x, 0, 16)
    for first in range(0, len(out), 16):
        v = min(state, 1.0 - state)
        f = choose(v, p, v * rise, (v - p) * fall)
        store(memory, 0, f)
        near, far = slide(f, f, 1) + slide(f, f, 15), gather(memory, j, 0, 16) + gather(memory, k, 0, 16)
        w1, w2 = 0.2 * e1, 0.2 * e2
        own, half = choose(state, 0.5, 1.0 - w1, 1.0 - w2), choose(state, 0.5, 0.5 * w1, 0.5 * w2)
        state = max(min(own * f + half * choose(state, 0.5, near, far), _HIGH), _LOW)
        store(out, first, state)
        e1, e2 = 3.99 * e1 * (1.0 - e1), 3.99 * e2 * (1.0 - e2)
    store(x, 0, state)
    e[0], e[1] = e1, e2


def shifted_neighbours(sites: int, p: int, q: int) -> tuple[Indices, Indices]:
    """Two distant sites for each site: j = ((1+p) i + 1) mod L and k = ((q+pq+1) i + 1) mod L.

    The Arnold cat rule of the NCML, shifted by one so that site 0 has other neighbours than itself.
    """
    i = np.arange(sites, dtype=np.int64)
    j, k = ((1 + p) * i + 1) % sites, ((q + p * q + 1) * i + 1) % sites
    return j.astype(np.uint64), k.astype(np.uint64)
