"""The classic maps of image encryption: orbits of real maps, and bijections of a pixel grid.

Orbits use + - * / and floor on float64 in a fixed order, so that they have the same bits on every machine; only the
standard map's sine table comes from the machine's library. A grid map is a table of int32: pixel i, counted in C
order, goes to ``table[i]``. `index.scatter` applies it and `index.gather` undoes it. The 2D cat map is in
`permutation.cat_map`, the 3D one in `permutation.index`. Overview: Zhang, Zuo & Zhai, Comput. Eng. Des. 32(2) (2011)
463-466.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.chaos.elementary import RESTART

__all__ = [
    "baker_targets",
    "chebyshev_orbit",
    "henon_orbit",
    "henon_step",
    "logistic_tent_orbits",
    "logistic_tent_step",
    "pwlcm_orbit",
    "skew_tent_orbit",
    "skew_tent_step",
    "standard_targets",
]

Floats = NDArray[np.float64]
Order = NDArray[np.int32]


@njit(cache=True, nogil=True, inline="always")
def skew_tent_step(x: float, m: float) -> float:
    """x/m below the break ``m``, else (1-x)/(1-m), for x in (0, 1), 0 < m < 1.

    Chaotic for every m, with exponent -m ln m - (1-m) ln(1-m), but at m = 1/2 orbits in binary fall to 0 in some fifty
    steps.
    """
    left = x < m
    return (x if left else 1.0 - x) / (m if left else 1.0 - m)  # one division after the choice: no branch to predict


@njit(cache=True, nogil=True)
def skew_tent_orbit(x: float, m: float, n: int) -> Floats:
    """The ``n`` states that follow ``x`` in (0, 1) under `skew_tent_step` with its peak at ``m``.

    The density is flat, and the Lyapunov exponent is the entropy of (m, 1-m). Keep m in (0.3, 0.7) and off 1/2. An
    orbit that falls on 0 or 1 goes on from 0.123456789.
    """
    orbit = np.empty(n)
    for i in range(n):
        x = skew_tent_step(x, m)
        if not 0.0 < x < 1.0:
            x = RESTART
        orbit[i] = x
    return orbit


@njit(cache=True, nogil=True)
def pwlcm_orbit(x: float, p: float, n: int) -> Floats:
    """The ``n`` states that follow ``x`` in (0, 1) under the piecewise linear chaotic map, 0 < p < 1/2.

    x' = x/p below p, (x-p)/(1/2-p) from p to 1/2, and the mirror image f(1-x) above 1/2 (Li, Chen & Mou, Int. J.
    Bifurcation Chaos 15, 2005). The density is flat. An orbit that falls on 0 or 1 goes on from 0.123456789.
    """
    orbit = np.empty(n)
    for i in range(n):
        x = min(x, 1.0 - x)
        x = x / p if x < p else (x - p) / (0.5 - p)
        if not 0.0 < x < 1.0:
            x = RESTART
        orbit[i] = x
    return orbit


@njit(cache=True, nogil=True, inline="always")
def logistic_tent_step(u: float, r: float) -> float:
    """One step of `logistic_tent_orbits`, for kernels that do more at each."""
    u = r * u * (1.0 - u) + (4.0 - r) / 2.0 * min(u, 1.0 - u)
    if u >= 1.0 or u <= 0.0:  # so seldom that nothing waits for "mod 1"
        u -= np.floor(u)
        u = u if u > 0.0 else RESTART
    return u


@njit(cache=True, nogil=True)
def logistic_tent_orbits(x: Floats, r: Floats, out: Floats) -> None:
    """Advance L orbits of the logistic-tent system side by side, in place; write their states to ``out``, (n, L).

    x' = (r x(1-x) + (4-r) min(x, 1-x) / 2) mod 1 for r in (0, 4] (Zhou, Bao & Chen, Signal Process. 97, 2014).
    Its Lyapunov exponent is close to ln 2 for r in (3.9, 4). An orbit that falls on 0 or 1 goes on from 0.123456789.
    """
    if len(x) == 2:  # in registers: an orbit through memory waits for its own last state
        u, v = x[0], x[1]
        for n in range(len(out)):
            u, v = logistic_tent_step(u, r[0]), logistic_tent_step(v, r[1])
            out[n, 0], out[n, 1] = u, v
        x[0], x[1] = u, v
        return
    for i in range(len(x)):
        u = x[i]
        for n in range(len(out)):
            u = logistic_tent_step(u, r[i])
            out[n, i] = u
        x[i] = u


@njit(cache=True, nogil=True)
def chebyshev_orbit(x: float, degree: int, n: int) -> Floats:
    """The ``n`` states that follow ``x`` in [-1, 1] under the Chebyshev polynomial of ``degree``, at least 2.

    x' = cos(degree arccos x), by the recurrence T_(k+1) = 2x T_k - T_(k-1), cut to [-1, 1]. The Lyapunov exponent
    is ln degree. Avoid 0, 1/2, 1 and their negatives as ``x``: they lead to the fixed point 1 or to a short cycle.
    """
    orbit = np.empty(n)
    for i in range(n):
        before, now = 1.0, x
        for _ in range(degree - 1):
            before, now = now, 2.0 * x * now - before
        x = min(max(now, -1.0), 1.0)
        orbit[i] = x
    return orbit


@njit(cache=True, nogil=True, inline="always")
def henon_step(x: float, y: float) -> tuple[float, float]:
    """x' = 1 - a x^2 + y, y' = b x at a = 1.4, b = 0.3 (Henon, Commun. Math. Phys. 50, 1976), as (a x) x.

    Starts with |x|, |y| of at most 0.1 lie in the attractor's basin; elsewhere an orbit may escape to infinity.
    """
    return 1.0 - 1.4 * x * x + y, 0.3 * x


@njit(cache=True, nogil=True)
def henon_orbit(x: float, y: float, n: int) -> Floats:
    """The ``n`` states that follow (x, y) under `henon_step`, (n, 2); largest Lyapunov exponent 0.419.

    Start within 0.1 of 0 in both coordinates: farther starts can escape, and states become infinite or NaN, which the
    caller finds with ``np.isfinite``.
    """
    orbit = np.empty((n, 2))
    for i in range(n):
        x, y = henon_step(x, y)
        orbit[i, 0], orbit[i, 1] = x, y
    return orbit


def baker_targets(side: int, strips: Sequence[int]) -> Order:
    """Fridrich's discretised baker map of a square: the key is how its columns are cut into strips.

    Strip i is n_i columns wide and starts at column N_i; n_i divides N, and q = N/n_i. Cell (x, y), column and row,
    goes to column q(x - N_i) + (y mod q) and row (y - (y mod q))/q + N_i (Fridrich, Int. J. Bifurcation Chaos 8, 1998).
    Raises ValueError if the widths do not add up to ``side`` or one does not divide it.
    """
    bad = [width for width in strips if width < 1 or side % width]
    if bad or sum(strips) != side:
        raise ValueError(f"strips {list(strips)} for a side of {side}; wanted divisors of it that add up to it")
    x, y = np.arange(side, dtype=np.int64)[None, :], np.arange(side, dtype=np.int64)[:, None]
    widths = np.repeat(strips, strips)
    starts = np.repeat(np.cumsum(strips) - strips, strips)
    q = side // widths
    column = q * (x - starts) + y % q
    row = y // q + starts
    return _table(column, row, side)


def standard_targets(side: int, K: float) -> Order:
    """The discretised standard map of Chirikov on a square, column x and row y.

    x' = (x+y) mod N, y' = (y + round(K sin(2 pi x'/N))) mod N. It mixes well for K above 18; at x' = 0 the row stays.
    """
    x, y = np.arange(side, dtype=np.int64)[None, :], np.arange(side, dtype=np.int64)[:, None]
    kicks = np.array([round(K * math.sin(2 * math.pi * i / side)) for i in range(side)], np.int64)
    column = (x + y) % side
    row = (y + kicks[column]) % side
    return _table(column, row, side)


def _table(column: NDArray[np.int64], row: NDArray[np.int64], side: int) -> Order:
    return np.asarray(row * side + column, np.int32).ravel()
