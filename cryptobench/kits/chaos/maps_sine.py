"""Maps through a sine, side by side or alone, with the sine of `sine`: an orbit has the same bits on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.kits.chaos.lanes import lane, load, store, swap_pairs
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
    costs next to nothing.
    """
    v = load(state.ravel(), 0, 4)  # x and y of the first orbit, x and y of the second
    gain, rest = load(4.0 * np.repeat(r, 2), 0, 4), load(1.0 - np.repeat(r, 2), 0, 4)
    for n in range(out.shape[2]):
        v = _sin_pi(gain * v * (1.0 - v) + rest * swap_pairs(_sin_pi(v)))
        out[0, 0, n], out[0, 1, n], out[1, 0, n], out[1, 1, n] = lane(v, 0), lane(v, 1), lane(v, 2), lane(v, 3)
    store(state.ravel(), 0, v)


@njit(cache=True, nogil=True, inline="always")
def _sin_pi(u: Any) -> Any:
    """sin(pi u) for 0 <= u <= 1."""
    return sine(np.pi * min(u, 1.0 - u))
