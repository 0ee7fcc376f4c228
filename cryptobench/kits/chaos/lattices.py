"""Coupled map lattices: a ring of logistic maps, each pulled towards others after every step.

Float64, + - * only and a fixed order of operations, so that an orbit has the same bits on every machine. The purely
non-adjacent lattice is `maps.ncml_orbit`.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.kits.chaos.lanes import load, pick, slide, store

__all__ = ["cml_orbit", "mixed_neighbours", "mlncml_orbit"]

Floats = NDArray[np.float64]
Indices = NDArray[np.uint64]


def mixed_neighbours(sites: int, p: int, q: int) -> tuple[Indices, Indices]:
    """The two distant sites that each site of an MLNCML is coupled to: (1+p) i mod L and (q+pq+1) i mod L."""
    i = np.arange(sites, dtype=np.int64)
    return ((1 + p) * i % sites).astype(np.uint64), ((q + p * q + 1) * i % sites).astype(np.uint64)


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
        x0 = own * f0 + near * (slide(f0, f1, 1) + slide(f2, f0, 3)) + far * (pick(f, j, 0, 4) + pick(f, k, 0, 4))
        x1 = own * f1 + near * (slide(f1, f2, 1) + slide(f0, f1, 3)) + far * (pick(f, j, 4, 4) + pick(f, k, 4, 4))
        x2 = own * f2 + near * (slide(f2, f0, 1) + slide(f1, f2, 3)) + far * (pick(f, j, 8, 4) + pick(f, k, 8, 4))
        store(out, n, x0)
        store(out, n + 4, x1)
        store(out, n + 8, x2)
    store(x, 0, x0)
    store(x, 4, x1)
    store(x, 8, x2)


def cml_orbit(x: Floats, mu: float, eps: float, out: Floats) -> None:
    """`mlncml_orbit` with neighbours on either side only: x'(i) = (1-eps) f(x(i)) + (eps/2) (f(x(i+1)) + f(x(i-1))).

    The coupled map lattice of Kaneko (Prog. Theor. Phys. 72, 1984).
    """
    itself = np.arange(len(x), dtype=np.uint64)
    mlncml_orbit(x, mu, eps, 0.0, itself, itself, out)
