"""Flows by Runge-Kutta's method of order 4, and a fractional one, in + - * / on float64, with the same bits everywhere.

The systems of Lorenz, Chen and Lu are all x' = a (y-x), y' = d x - x z + c y, z' = x y - b z, which is how one kernel
serves them. The hyperchaotic Lorenz system adds a fourth coordinate w: x' = 10 (y-x) + w, w' = -y z - w. The
fractional Lorenz system takes derivatives of order q by the Grunwald-Letnikov sum over its last states.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf

__all__ = ["FractionalLorenz", "HyperLorenz", "chen_orbit", "hyper_lorenz_words", "lorenz_orbit", "lu_orbit", "power"]

Floats = NDArray[np.float64]
Words = NDArray[np.uint32]
_STEP = 0.002  # of the hyperchaotic system
_BURN_IN = 3000  # steps
_B = 8.0 / 3.0


def lorenz_orbit(
    state: Floats, h: float, out: Floats, sigma: float = 10.0, rho: float = 28.0, beta: float = 8 / 3
) -> None:
    """Advance the Lorenz system by ``len(out)`` steps of ``h``, in place; write the states to ``out``, (n, 3).

    x' = sigma (y-x), y' = x (rho-z) - y, z' = xy - beta z (Lorenz, J. Atmos. Sci. 20, 1963). The largest Lyapunov
    exponent is 0.906 per unit of time. Steps up to 0.01 follow the flow; larger ones can diverge: see ``np.isfinite``.
    """
    _runge_kutta(state, sigma, beta, -1.0, rho, h, out)


def chen_orbit(state: Floats, h: float, out: Floats, a: float = 35.0, b: float = 3.0, c: float = 28.0) -> None:
    """Chen's system x' = a (y-x), y' = (c-a) x - xz + cy, z' = xy - bz, in the manner of `lorenz_orbit`.

    Chaotic for c in [20, 28.4] at a = 35, b = 3 (Chen & Ueta, Int. J. Bifurcation Chaos 9, 1999). `basic.chen_system`
    gives two states of many orbits at once, with another order of operations.
    """
    _runge_kutta(state, a, b, c, c - a, h, out)


def lu_orbit(state: Floats, h: float, out: Floats, a: float = 36.0, b: float = 3.0, c: float = 20.0) -> None:
    """Lu's system x' = a (y-x), y' = -xz + cy, z' = xy - bz, in the manner of `lorenz_orbit`.

    Chaotic at a = 36, b = 3, c = 20, between Lorenz's and Chen's (Lu & Chen, Int. J. Bifurcation Chaos 12, 2002).
    """
    _runge_kutta(state, a, b, c, 0.0, h, out)


@njit(cache=True, nogil=True)
def _runge_kutta(state: Floats, a: float, b: float, c: float, d: float, h: float, out: Floats) -> None:
    half, sixth = h / 2.0, h / 6.0
    x, y, z = state[0], state[1], state[2]
    for n in range(len(out)):
        kx1, ky1, kz1 = a * (y - x), d * x - x * z + c * y, x * y - b * z
        u, v, w = x + half * kx1, y + half * ky1, z + half * kz1
        kx2, ky2, kz2 = a * (v - u), d * u - u * w + c * v, u * v - b * w
        u, v, w = x + half * kx2, y + half * ky2, z + half * kz2
        kx3, ky3, kz3 = a * (v - u), d * u - u * w + c * v, u * v - b * w
        u, v, w = x + h * kx3, y + h * ky3, z + h * kz3
        kx4, ky4, kz4 = a * (v - u), d * u - u * w + c * v, u * v - b * w
        x += sixth * (kx1 + 2.0 * kx2 + 2.0 * kx3 + kx4)
        y += sixth * (ky1 + 2.0 * ky2 + 2.0 * ky3 + ky4)
        z += sixth * (kz1 + 2.0 * kz2 + 2.0 * kz3 + kz4)
        out[n, 0], out[n, 1], out[n, 2] = x, y, z
    state[0], state[1], state[2] = x, y, z


@dataclass
class HyperLorenz:
    """An orbit after burn-in, read as a stream of words or bytes; each read starts on a new step."""

    state: Floats

    @classmethod
    def of(cls, key: bytes, session: bytes, label: str) -> HyperLorenz:
        """Initial values in (-5, 5) from key, per-message secret and label; 3000 steps of 0.002 are dropped."""
        orbit = cls(np.array([interval(u, -5.0, 5.0) for u in kdf(key, session, label, 4)]))
        orbit.words(4 * _BURN_IN)
        return orbit

    def words(self, count: int) -> Words:
        """The next ``count`` words of 32 bits, x, y, z and w in turn."""
        out = np.empty((-(-count // 4), 4), np.uint32)
        hyper_lorenz_words(self.state, _STEP, out)
        return out.ravel()[:count]

    def bytes(self, count: int) -> NDArray[np.uint8]:
        """The low bytes of the next ``count`` words: floor(1e10 frac|v|) mod 256."""
        return self.words(count).astype(np.uint8)


@njit(cache=True, nogil=True)
def hyper_lorenz_words(s: Floats, h: float, out: Words) -> None:
    """A step of ``h`` of the state s = (x, y, z, w), in place, for each row of ``out``, (n, 4).

    A row is floor(1e10 frac|v|) mod 2^32 for v = x, y, z, w. States stay below 512, whose fraction is exact to 2^-44:
    the lowest bit of a word is worth more than a hundred times that.
    """
    x, y, z, w = s
    half, sixth = h / 2.0, h / 6.0
    for i in range(len(out)):
        x1, y1, z1, w1 = 10.0 * (y - x) + w, 28.0 * x - y - x * z, x * y - _B * z, -(y * z) - w
        p, q, u, v = x + half * x1, y + half * y1, z + half * z1, w + half * w1
        x2, y2, z2, w2 = 10.0 * (q - p) + v, 28.0 * p - q - p * u, p * q - _B * u, -(q * u) - v
        p, q, u, v = x + half * x2, y + half * y2, z + half * z2, w + half * w2
        x3, y3, z3, w3 = 10.0 * (q - p) + v, 28.0 * p - q - p * u, p * q - _B * u, -(q * u) - v
        p, q, u, v = x + h * x3, y + h * y3, z + h * z3, w + h * w3
        x4, y4, z4, w4 = 10.0 * (q - p) + v, 28.0 * p - q - p * u, p * q - _B * u, -(q * u) - v
        x += sixth * (x1 + 2.0 * x2 + 2.0 * x3 + x4)
        y += sixth * (y1 + 2.0 * y2 + 2.0 * y3 + y4)
        z += sixth * (z1 + 2.0 * z2 + 2.0 * z3 + z4)
        w += sixth * (w1 + 2.0 * w2 + 2.0 * w3 + w4)
        for m, state in enumerate((x, y, z, w)):
            size = abs(state)
            out[i, m] = np.uint32(np.int64((size - np.floor(size)) * 1e10))
    s[0], s[1], s[2], s[3] = x, y, z, w


class FractionalLorenz:
    """An orbit of order ``q`` from ``start`` (x, y, z), with step ``h`` and the last ``memory`` states.

    Chaotic for q from 0.985 to 1 at h = 0.01 and 64 states; at q = 0.98 and below, the short memory lets the orbit
    settle in a fixed point.
    """

    def __init__(self, start: tuple[float, float, float], q: float, h: float = 0.01, memory: int = 64) -> None:
        j = np.arange(1, memory + 1)
        # One product after the other, as the recurrence has it.
        self._c: Floats = np.cumprod(1 - (1 + q) / j, dtype=np.float64)
        self._gain = power(h, q)
        self._past = np.zeros((memory, 3))  # the newest last
        self._past[-1] = start
        self._known = 1

    def run(self, out: Floats) -> Floats:
        """Advance by ``len(out)`` steps, write the states to ``out``, (n, 3), and return it."""
        _advance_fractional(self._past, self._known, self._c, self._gain, out)
        self._known = min(self._known + len(out), len(self._past))
        return out


@njit(cache=True, nogil=True)
def _advance_fractional(past: Floats, known: int, c: Floats, gain: float, out: Floats) -> None:
    memory, n = len(past), len(out)
    states = np.empty((memory + n, 3))
    _copy(past, states)
    flat = states.ravel()
    x, y, z = states[memory - 1]
    for k in range(memory, memory + n):
        sum_x, sum_y, sum_z = c[0] * x, c[0] * y, c[0] * z  # from registers: the state is not yet in memory
        window = flat[3 * (k - memory) : 3 * (k - 1)]
        for j in range(1, min(known, memory)):
            weight, place = c[j], np.uint64(len(window) - 3 * j)  # unsigned: a signed index is checked for its sign
            sum_x += weight * window[place]
            sum_y += weight * window[place + np.uint64(1)]
            sum_z += weight * window[place + np.uint64(2)]
        x = 10.0 * (y - x) * gain - sum_x
        y = (x * (28.0 - z) - y) * gain - sum_y
        z = (x * y - 8.0 / 3.0 * z) * gain - sum_z
        states[k, 0], states[k, 1], states[k, 2] = x, y, z
        known += 1
    _copy(states[memory:], out)
    _copy(states[n:], past)


@njit(cache=True, nogil=True)
def _copy(source: Floats, target: Floats) -> None:
    """The first rows of ``source``, or as many as ``target`` has; numba takes seconds to compile an assignment."""
    for k in range(min(len(source), len(target))):
        for coordinate in range(3):
            target[k, coordinate] = source[k, coordinate]


def power(h: float, q: float) -> float:
    """h^q for h > 0, correctly rounded, where the libraries' pow may differ in the last bit."""
    with localcontext(prec=60):
        return float(Decimal(h) ** Decimal(q))
