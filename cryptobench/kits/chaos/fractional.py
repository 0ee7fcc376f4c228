"""The fractional-order Lorenz system by the Gruenwald-Letnikov method with short memory.

D^q x = 10 (y-x), D^q y = x (28-z) - y, D^q z = xy - (8/3) z. The derivative of order q becomes a weighted sum over the
last L states, h^-q (x_k + c_1 x_(k-1) + c_2 x_(k-2) + ...) with c_j = (1 - (1+q)/j) c_(j-1) and c_0 = 1 (Petras,
Fractional-Order Nonlinear Systems, Springer 2011). Everything but h^q is + - * /, and h^q is rounded correctly,
so an orbit has the same bits on every machine.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["FractionalLorenz", "power"]

Floats = NDArray[np.float64]


def power(h: float, q: float) -> float:
    """h^q for h > 0, correctly rounded, where the libraries' pow may differ in the last bit."""
    with localcontext(prec=60):
        return float(Decimal(h) ** Decimal(q))


class FractionalLorenz:
    """An orbit of order ``q`` from ``start`` (x, y, z), with step ``h`` and the last ``memory`` states.

    Chaotic for q from 0.985 to 1 at h = 0.01 and 64 states; at q = 0.98 and below, the short memory lets the orbit
    settle in a fixed point.
    """

    def __init__(self, start: tuple[float, float, float], q: float, h: float = 0.01, memory: int = 64) -> None:
        j = np.arange(1, memory + 1)
        self._c: Floats = np.cumprod(
            1 - (1 + q) / j, dtype=np.float64
        )  # one product after the other, as the recurrence has it
        self._gain = power(h, q)
        self._past = np.zeros((memory, 3))  # the newest last
        self._past[-1] = start
        self._known = 1

    def run(self, out: Floats) -> Floats:
        """Advance by ``len(out)`` steps, write the states to ``out``, (n, 3), and return it."""
        _advance(self._past, self._known, self._c, self._gain, out)
        self._known = min(self._known + len(out), len(self._past))
        return out


@njit(cache=True, nogil=True)
def _advance(past: Floats, known: int, c: Floats, gain: float, out: Floats) -> None:
    memory, n = len(past), len(out)
    states = np.empty((memory + n, 3))
    states[:memory] = past
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
    out[:] = states[memory:]
    past[:] = states[n:]
