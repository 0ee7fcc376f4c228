"""Chaotic maps, in float64 and restricted to + - * / and floor, so that an orbit has the same bits on every machine.

Each kernel fixes the order of its operations: (r x)(1-x) and r (x(1-x)) part company after some fifty steps.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["chen_system", "logistic_orbit", "ltmm_orbit", "ncml_neighbours", "ncml_orbit", "tent", "windowed_logistic"]

Floats = NDArray[np.float64]
Indices = NDArray[np.uint64]


@njit(cache=True, nogil=True)
def logistic_orbit(x: float, r: float, n: int) -> Floats:
    """The ``n`` states that follow ``x`` under the logistic map x' = r x (1-x) (May, Nature 261, 1976).

    Chaotic for most r in (3.57, 4], with periodic windows. Avoid 0, 1/2, 3/4 and 1 as ``x`` at r = 4.
    """
    orbit = np.empty(n)
    for i in range(n):
        x = r * x * (1.0 - x)
        orbit[i] = x
    return orbit


@njit(cache=True, nogil=True)
def windowed_logistic(x: float, n: int) -> tuple[NDArray[np.uint8], int]:
    """``n`` bytes floor(256 (x-0.2)/0.6) from the states in (0.2, 0.8) of x' = 4x(1-x), and how many there are.

    The orbit starts after ``x``. A count below ``n`` says that the orbit has fallen to the fixed point 0, which
    float64 orbits at r = 4 do sooner or later for about one seed in six.
    """
    steps = 256  # between two looks at whether the orbit is at its end; it never leaves 0
    out = np.empty(n + steps, np.uint8)
    count = np.uint64(0)
    while count < np.uint64(n) and x > 0.0:
        for _ in range(steps):
            x = 4.0 * x * (1.0 - x)
            out[count] = np.uint8(np.int32(256.0 * (x - 0.2) / 0.6) & 255)
            count += np.uint64((x > 0.2) & (x < 0.8))
    return out[:n], min(int(count), n)


@njit(cache=True, nogil=True, inline="always")
def tent(u: float) -> float:
    """The tent map of slope 2 on [0, 1]: 2u below 1/2, else 2(1-u).

    On its own it collapses to 0 in some fifty binary steps: use it only coupled to another map.
    """
    return 2.0 * min(u, 1.0 - u)


@njit(cache=True, nogil=True)
def ltmm_orbit(x: float, y: float, a: float, b: float, burn_in: int, xs: Floats, ys: Floats) -> None:
    """Fill ``xs`` and ``ys``, flat, with states of the 2D logistic-tent modular map, after ``burn_in`` dropped ones.

    x' = (4a x(1-x) + b T(y)) mod 1, y' = (4a y(1-y) + b T(x)) mod 1, both from the old state, T the tent map.
    Two positive Lyapunov exponents for a, b in [10, 100). x = y and x = 1-y are invariant lines. The form is a
    reconstruction of the map named by Hua et al., Information Sciences 546 (2021).
    """
    for i in range(-burn_in, len(xs)):
        u = 4.0 * a * x * (1.0 - x) + b * tent(y)
        v = 4.0 * a * y * (1.0 - y) + b * tent(x)
        x, y = u - np.floor(u), v - np.floor(v)
        if i >= 0:
            xs[i], ys[i] = x, y


@njit(cache=True, nogil=True)
def chen_system(states: Floats, c: Floats, h: float, samples: tuple[int, int]) -> Floats:
    """The z coordinate of Chen's system after two numbers of steps, for several initial states at once: (m, 2).

    x' = a(y-x), y' = (c-a)x - xz + cy, z' = xy - bz with a = 35, b = 3; chaotic for c in [20, 28.4] (Chen & Ueta,
    Int. J. Bifurcation Chaos 9, 1999). ``states`` is (m, 3), ``c`` is (m,). Classical Runge-Kutta of order 4 with step
    ``h``; 0.002 is stable in the whole range, 0.05 diverges for one start in five.
    """
    a, b, half, sixth = 35.0, 3.0, h / 2.0, h / 6.0
    m = len(c)
    state = states.copy()
    z_samples = np.empty((m, 2))
    for step in range(1, samples[1] + 1):
        for i in range(m):
            x, y, z, ci = state[i, 0], state[i, 1], state[i, 2], c[i]
            kx1, ky1, kz1 = a * (y - x), (ci - a) * x - x * z + ci * y, x * y - b * z
            u, v, w = x + half * kx1, y + half * ky1, z + half * kz1
            kx2, ky2, kz2 = a * (v - u), (ci - a) * u - u * w + ci * v, u * v - b * w
            u, v, w = x + half * kx2, y + half * ky2, z + half * kz2
            kx3, ky3, kz3 = a * (v - u), (ci - a) * u - u * w + ci * v, u * v - b * w
            u, v, w = x + h * kx3, y + h * ky3, z + h * kz3
            kx4, ky4, kz4 = a * (v - u), (ci - a) * u - u * w + ci * v, u * v - b * w
            state[i, 0] = x + sixth * (kx1 + 2.0 * kx2 + 2.0 * kx3 + kx4)
            state[i, 1] = y + sixth * (ky1 + 2.0 * ky2 + 2.0 * ky3 + ky4)
            state[i, 2] = z + sixth * (kz1 + 2.0 * kz2 + 2.0 * kz3 + kz4)
        for i in range(m if step == samples[0] else 0):
            z_samples[i, 0] = state[i, 2]
    for i in range(m):
        z_samples[i, 1] = state[i, 2]
    return z_samples


def ncml_neighbours(sites: int, p: int, q: int) -> tuple[Indices, Indices]:
    """The two sites that each site of an NCML is coupled to, by the Arnold cat rule of (i, i).

    j = (1+p) i mod L, k = (q+pq+1) i mod L. Site 0 is always coupled to itself alone.
    """
    i = np.arange(sites, dtype=np.int64)
    return ((1 + p) * i % sites).astype(np.uint64), ((q + p * q + 1) * i % sites).astype(np.uint64)


@njit(cache=True, nogil=True)
def ncml_orbit(x: Floats, mu: float, eps: float, j: Indices, k: Indices, out: Floats) -> None:
    """Advance a non-adjacent coupled map lattice by ``len(out)`` steps, in place; write the states of sites 1, 2, ...

    x'(i) = (1-eps) f(x(i)) + (eps/2) (f(x(j)) + f(x(k))), f(x) = mu x(1-x), 3.57 < mu <= 4, 0 < eps < 1,
    with (j, k) from `ncml_neighbours` (Zhang & Wang, Appl. Soft Comput. 26, 2015). ``out`` is
    (n, L-1): site 0, an uncoupled logistic orbit, is left out.
    """
    sites = len(x)
    own, half = 1.0 - eps, eps / 2.0
    f = np.empty((2, sites))  # f(x) of the old and of the new states, in turn
    for i in range(sites):
        f[0, i] = mu * x[i] * (1.0 - x[i])
    old = 0
    for step in range(len(out)):
        new = 1 - old
        state = own * f[old, 0] + half * (f[old, j[0]] + f[old, k[0]])
        f[new, 0] = mu * state * (1.0 - state)
        x[0] = state
        for i in range(1, sites):
            state = own * f[old, i] + half * (f[old, j[i]] + f[old, k[i]])
            f[new, i] = mu * state * (1.0 - state)
            out[step, i - 1] = state
        old = new
    if len(out):
        x[1:] = out[-1]
