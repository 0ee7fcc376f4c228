"""Rows of piecewise linear chaotic maps (PWLCM): side by side without coupling, or as a lattice.

F(x) = v/p for v < p, else (v-p)/(1/2-p), with v = min(x, 1-x) and 0 < p < 1/2. The density is flat, and the Lyapunov
exponent is the entropy -2p ln p - (1-2p) ln(1/2-p). Float64 with + - * in a fixed order (the two slopes are
divided once), so that an orbit has the same bits on every machine. States are kept in [1e-12, 1 - 1e-12], since 0 is a
fixed point, to which 1 and p lead.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.kits.chaos.lanes import choose, load, pick, slide, store

__all__ = ["piecewise_lattice", "pwlcm_orbits", "shifted_neighbours"]

Floats = NDArray[np.float64]
Indices = NDArray[np.uint64]

_LOW, _HIGH = 1e-12, 1.0 - 1e-12


@njit(cache=True, nogil=True)
def pwlcm_orbits(x: Floats, p: Floats, out: Floats) -> None:
    """Advance L orbits of x' = F(x), each with its own p, in place; write their states to ``out``, (n, L)."""
    rise, fall = 1.0 / p, 1.0 / (0.5 - p)
    state = x.copy()
    for n in range(len(out)):
        for i in range(len(state)):
            v = min(state[i], 1.0 - state[i])
            left, right = v * rise[i], (v - p[i]) * fall[i]
            state[i] = max(_LOW, min(left if v < p[i] else right, _HIGH))
            out[n, i] = state[i]
    x[:] = state


def shifted_neighbours(sites: int, p: int, q: int) -> tuple[Indices, Indices]:
    """Two distant sites for each site: j = ((1+p) i + 1) mod L and k = ((q+pq+1) i + 1) mod L.

    The Arnold cat rule of the NCML, shifted by one so that site 0 has other neighbours than itself.
    """
    i = np.arange(sites, dtype=np.int64)
    j, k = ((1 + p) * i + 1) % sites, ((q + p * q + 1) * i + 1) % sites
    return j.astype(np.uint64), k.astype(np.uint64)


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
        near, far = slide(f, f, 1) + slide(f, f, 15), pick(memory, j, 0, 16) + pick(memory, k, 0, 16)
        w1, w2 = 0.2 * e1, 0.2 * e2
        own, half = choose(state, 0.5, 1.0 - w1, 1.0 - w2), choose(state, 0.5, 0.5 * w1, 0.5 * w2)
        state = max(min(own * f + half * choose(state, 0.5, near, far), _HIGH), _LOW)
        store(out, first, state)
        e1, e2 = 3.99 * e1 * (1.0 - e1), 3.99 * e2 * (1.0 - e2)
    store(x, 0, state)
    e[0], e[1] = e1, e2
