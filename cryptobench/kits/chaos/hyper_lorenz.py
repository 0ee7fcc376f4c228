"""The four-dimensional hyperchaotic Lorenz system, and words from the digits behind the point of its states.

x' = a (y-x) + w, y' = c x - y - x z, z' = x y - b z, w' = -y z + r w with a = 10, b = 8/3, c = 28 and r = -1: two
Lyapunov exponents are positive for r in (-1.52, -0.06] (Wang & Wang, Physica A 387, 2008). Runge-Kutta of order 4 in +
- * / on float64, so that an orbit has the same bits on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.kits.chaos.keys import interval, kdf

__all__ = ["HyperLorenz", "hyper_lorenz_words"]

STEP = 0.002
BURN_IN = 3000
Floats = NDArray[np.float64]
Words = NDArray[np.uint32]
_B = 8.0 / 3.0


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


@dataclass
class HyperLorenz:
    """An orbit after burn-in, read as a stream of words or bytes; each read starts on a new step."""

    state: Floats

    @classmethod
    def of(cls, key: bytes, session: bytes, label: str) -> HyperLorenz:
        """Initial values in (-5, 5) from key, per-message secret and label; 3000 steps of 0.002 are dropped."""
        orbit = cls(np.array([interval(u, -5.0, 5.0) for u in kdf(key, session, label, 4)]))
        orbit.words(4 * BURN_IN)
        return orbit

    def words(self, count: int) -> Words:
        """The next ``count`` words of 32 bits, x, y, z and w in turn."""
        out = np.empty((-(-count // 4), 4), np.uint32)
        hyper_lorenz_words(self.state, STEP, out)
        return out.ravel()[:count]

    def bytes(self, count: int) -> NDArray[np.uint8]:
        """The low bytes of the next ``count`` words: floor(1e10 frac|v|) mod 256."""
        return self.words(count).astype(np.uint8)
