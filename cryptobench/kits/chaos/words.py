"""Whole words of an orbit state: its bytes, for states in [0, 1), and its leading 32 bits as a sort key."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["low_words", "sort_keys", "word_bytes"]

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def word_bytes(x: Floats, first: int, out: NDArray[np.uint8]) -> None:
    """out[f, first+i] = bits 8f to 8f+7 of w = floor(2^36 x[i]), for flat states in [0, 1); ``out`` has up to 4 rows.

    w + 2^52 has w in the low bits of its float64 pattern: no conversion to an integer is needed, and both loops
    vectorise.
    """
    shifted = np.empty(len(x))
    for i in range(len(x)):
        shifted[i] = np.floor(x[i] * 68719476736.0) + 4503599627370496.0
    w = shifted.view(np.uint64)
    for f in range(len(out)):
        row, shift = out[f, first : first + len(x)], np.uint64(8 * f)
        for i in range(len(x)):
            row[i] = np.uint8(w[i] >> shift)


@njit(cache=True, nogil=True)
def sort_keys(x: Floats, out: NDArray[np.uint32]) -> None:
    """out[i] = floor(2^32 x[i]) for flat states in [0, 1)."""
    for i in range(len(x)):
        out[i] = np.uint32(np.int64(x[i] * 4294967296.0))


@njit(cache=True, nogil=True, inline="always")
def low_words(x: Floats, scale: float, shifted: Floats, out: NDArray[np.uint32]) -> None:
    """out[i] = floor(scale x[i]) mod 2^32 for flat states with 0 <= scale x < 2^52; ``shifted`` is room for as many.

    By the low bits of a float64 pattern, as in `word_bytes`.
    """
    for i in range(len(x)):
        shifted[i] = np.floor(x[i] * scale) + 4503599627370496.0
    bits = shifted.view(np.uint64)
    for i in range(len(x)):
        out[i] = np.uint32(bits[i])
