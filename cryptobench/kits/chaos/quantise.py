"""From orbit states to integers.

Scaling is by powers of two, which is exact. The low bits of a state that went through (gain f(x)) mod 1 are stuck at
zero, since the value before "mod 1" had a coarser spacing: bits beyond 52 - log2(gain) - 2 must not be used.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["indices", "scaled_bytes"]


@njit(cache=True, nogil=True)
def scaled_bytes(x: NDArray[np.float64], exponent: int) -> NDArray[np.uint8]:
    """floor(x 2^exponent) mod 256 for states in [0, 1), in the shape of ``x``; ``exponent`` at most 52."""
    scale = 2.0**exponent
    out = np.empty(x.size, np.uint8)
    flat = x.ravel()
    for t in range(len(out)):
        out[t] = np.uint8(np.int64(flat[t] * scale) & 255)
    return out.reshape(x.shape)


@njit(cache=True, nogil=True)
def indices(x: NDArray[np.float64], modulus: int, out: NDArray[np.int32]) -> None:
    """floor(x 2^40) mod ``modulus`` for states in [0, 1), written to ``out``; ``modulus`` at most 2^31 - 1.

    The division is done in float64, where every intermediate is an integer below 2^53 and hence exact, so that it
    vectorises; the quotient may be off by one, which the two corrections undo.
    """
    m, inverse = np.float64(modulus), 1.0 / modulus
    flat, result = x.ravel(), out.ravel()
    for t in range(len(flat)):
        word = np.floor(flat[t] * 1099511627776.0)
        rest = word - np.floor(word * inverse) * m
        rest = rest + m if rest < 0.0 else rest
        rest = rest - m if rest >= m else rest
        result[t] = np.int32(rest)
