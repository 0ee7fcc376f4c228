"""Running XOR of bytes, eight at a time: what remains serial in a chain that is linear over XOR."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["running_xor"]


@njit(cache=True, nogil=True)
def running_xor(a: NDArray[np.uint8], start: int, backward: bool) -> None:
    """a_i = a_i xor a_(i-1), from the first byte on, with a_(-1) = ``start``; ``backward`` from the last. In place.

    Inside a word three shifts do it, by one, two and four bytes; from word to word, only one byte waits for the last.
    Words are little-endian.
    """
    n, whole = len(a), len(a) // 8
    words = a[: 8 * whole].view(np.uint64)
    ones = np.uint64(0x0101010101010101)
    if backward:
        previous = np.uint8(start)
        for i in range(n - 1, 8 * whole - 1, -1):
            previous ^= a[i]
            a[i] = previous
        carry = np.uint64(previous) * ones
        for t in range(whole):
            here = np.uint64(whole - 1 - t)
            w = words[here]
            w ^= w >> np.uint64(8)
            w ^= w >> np.uint64(16)
            w ^= w >> np.uint64(32)
            words[here] = w ^ carry
            carry ^= (w & np.uint64(255)) * ones
    else:
        carry = np.uint64(np.uint8(start)) * ones
        for i in range(whole):
            w = words[i]
            w ^= w << np.uint64(8)
            w ^= w << np.uint64(16)
            w ^= w << np.uint64(32)
            words[i] = w ^ carry
            carry ^= (w >> np.uint64(56)) * ones
        previous = np.uint8(carry & np.uint64(255))
        for i in range(8 * whole, n):
            previous ^= a[i]
            a[i] = previous
