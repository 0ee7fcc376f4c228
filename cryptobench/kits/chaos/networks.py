"""A sorting network over many columns at once: no branch depends on the data, so that the processor's lanes fill.

Batcher's merge exchange, for any number of rows (Knuth, The Art of Computer Programming 3, 5.2.2, Algorithm M).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["LANES", "merge_exchange"]

LANES = 32  # columns side by side; the compiler vectorises a loop of 32 words, and only unrolls shorter ones


@njit(cache=True, nogil=True)
def merge_exchange(words: NDArray[np.uint32]) -> None:
    """Sort each of the 32 columns of an (n, 32) matrix in place, in about n (log2 n)^2 / 4 exchanges a column."""
    n = len(words)
    top = 1
    while 2 * top < n:
        top *= 2
    p = top
    while p > 0:
        q, r, distance = top, 0, p
        while True:
            for first in range(r, n - distance, 2 * p):
                for i in range(first, min(first + p, n - distance)):
                    _exchange(words[i], words[i + distance])
            if q == p:
                break
            distance = q - p
            q //= 2
            r = p
        p //= 2


@njit(cache=True, nogil=True, inline="always")
def _exchange(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> None:
    """The smaller of each pair to ``a``, the larger to ``b``."""
    for lane in range(LANES):
        low, high = min(a[lane], b[lane]), max(a[lane], b[lane])
        a[lane], b[lane] = low, high
