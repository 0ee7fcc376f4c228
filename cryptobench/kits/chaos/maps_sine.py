"""Maps through a sine, side by side or alone, with the sine of `sine`: an orbit has the same bits on every machine."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.kits.chaos.sine import abs_sin_pi, sine

__all__ = ["lscm_pair", "sine_orbit"]

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def sine_orbit(x: float, r: float, n: int) -> Floats:
    """The ``n`` states that follow ``x`` in [0, 1] under the sine map x' = r sin(pi x), 0 < r <= 1.

    Chaotic for most r above 0.87; at r = 1 the Lyapunov exponent is close to ln 2, as the logistic map's.
    """
    orbit = np.empty(n)
    for i in range(n):
        x = r * abs_sin_pi(x)
        orbit[i] = x
    return orbit


@njit(cache=True, nogil=True)
def lscm_pair(state: Floats, r: Floats, out: Floats) -> None:
    """Advance two orbits of the 2D logistic-sine-coupling map, in place; write their states to ``out``, (2, 2, n).

    x' = sin(pi (4r x(1-x) + (1-r) sin(pi y))), y' = sin(pi (4r y(1-y) + (1-r) sin(pi x))), both from the old
    state. Row k of ``state`` and of ``out`` is x, y of orbit k; ``r`` has both parameters, in [0, 1]. States lie in
    [0, 1], give or take 4e-16. Short cycles cluster at r near 0.34, 0.717 and 0.894. Hua, Jin, Xu & Huang (Signal
    Process. 149, 2018) take the new x in y'. One orbit leaves the processor waiting for its own last state; a second
    costs little more.
    """
    a, b, c, d = state[0, 0], state[0, 1], state[1, 0], state[1, 1]
    gain_1, gain_2, rest_1, rest_2 = 4.0 * r[0], 4.0 * r[1], 1.0 - r[0], 1.0 - r[1]
    for n in range(out.shape[2]):
        sin_a, sin_b, sin_c, sin_d = _sin_pi(a), _sin_pi(b), _sin_pi(c), _sin_pi(d)
        a, b = _sin_pi(gain_1 * a * (1.0 - a) + rest_1 * sin_b), _sin_pi(gain_1 * b * (1.0 - b) + rest_1 * sin_a)
        c, d = _sin_pi(gain_2 * c * (1.0 - c) + rest_2 * sin_d), _sin_pi(gain_2 * d * (1.0 - d) + rest_2 * sin_c)
        out[0, 0, n], out[0, 1, n], out[1, 0, n], out[1, 1, n] = a, b, c, d
    state[0, 0], state[0, 1], state[1, 0], state[1, 1] = a, b, c, d


@njit(cache=True, nogil=True, inline="always")
def _sin_pi(u: float) -> float:
    """sin(pi u) for 0 <= u <= 1."""
    return sine(np.pi * min(u, 1.0 - u))
