"""From orbit states to integers.

Scaling is by powers of two, which is exact. The low bits of a state that went through (gain f(x)) mod 1 are stuck at
zero, since the value before "mod 1" had a coarser spacing: bits beyond 52 - log2(gain) - 2 must not be used.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["bits_after", "index_pairs", "indices", "scaled_bytes"]


@njit(cache=True, nogil=True, inline="always")
def bits_after(x: float, skipped: float, size: float) -> np.int32:
    """floor(x skipped size) mod size for ``x`` of at least 0 and powers of two ``skipped`` and ``size``, at most 2^31.

    Exact: x loses its integer part before it becomes an int32, for which there are vector instructions, unlike int64.
    """
    word = x * skipped
    return np.int32((word - np.floor(word)) * size)


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
        result[t] = _index(flat[t], m, inverse)


@njit(cache=True, nogil=True)
def index_pairs(x: NDArray[np.float64], y: NDArray[np.float64], modulus: int, out: NDArray[np.int32]) -> None:
    """`indices` of flat ``x`` and ``y`` in turn: out[0], out[2], ... from ``x`` and out[1], out[3], ... from ``y``."""
    m, inverse = np.float64(modulus), 1.0 / modulus
    for t in range(len(x)):
        out[2 * t] = _index(x[t], m, inverse)
        out[2 * t + 1] = _index(y[t], m, inverse)


@njit(cache=True, nogil=True, inline="always")
def _index(x: float, m: float, inverse: float) -> np.int32:
    word = np.floor(x * 1099511627776.0)
    rest = word - np.floor(word * inverse) * m
    rest = rest + m if rest < 0.0 else rest
    rest = rest - m if rest >= m else rest
    return np.int32(rest)
