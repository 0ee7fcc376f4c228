"""A chain of base additions over a DNA sequence, one base 0 to 3 in each byte, and its exact inverse.

Eight bases are one word, whose low byte is the first in memory: times 0x0101...01 it holds the sums of its first one,
two, ... eight bases, each in its byte, so that the chain waits for eight bases once. No sum reaches 256.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["base_chain", "base_unchain"]

Bytes = NDArray[np.uint8]

_ONES, _THREES, _EIGHTS = np.uint64(0x0101010101010101), np.uint64(0x0303030303030303), np.uint64(0x0808080808080808)
_THREE, _BYTE, _TOP = np.uint64(3), np.uint64(8), np.uint64(56)


@njit(cache=True, nogil=True)
def base_chain(D: Bytes, kappa: Bytes, right: int, start: int, backward: bool) -> None:
    """D_t <- (D_t + (kappa_t >> right) + D_(t-1)) mod 4, in place, with D_(-1) = ``start``, a base.

    ``D`` holds bases, ``kappa`` any bytes, ``right`` is 0 to 6; ``backward`` goes from the last base to the first.
    """
    n, shift, previous = len(D), np.uint64(right), np.uint64(start)
    whole = n - n % 8
    words, keys = D[:whole].view(np.uint64), kappa[:whole].view(np.uint64)
    if backward:
        for t in range(n - 1, whole - 1, -1):
            previous = (np.uint64(D[t]) + (np.uint64(kappa[t]) >> shift) + previous) & _THREE
            D[t] = previous
        for i in range(len(words) - 1, -1, -1):
            terms = words[i] + (keys[i] >> shift & _THREES)
            sums = terms * _ONES
            total = previous + (sums >> _TOP)
            words[i] = (total * _ONES - sums + terms) & _THREES
            previous = total & _THREE
    else:
        for i in range(len(words)):
            sums = (words[i] + (keys[i] >> shift & _THREES)) * _ONES
            words[i] = (previous * _ONES + sums) & _THREES
            previous = (previous + (sums >> _TOP)) & _THREE
        for t in range(whole, n):
            previous = (np.uint64(D[t]) + (np.uint64(kappa[t]) >> shift) + previous) & _THREE
            D[t] = previous


@njit(cache=True, nogil=True)
def base_unchain(D: Bytes, kappa: Bytes, right: int, start: int, backward: bool) -> None:
    """The inverse of `base_chain`, in place."""
    n, shift, previous = len(D), np.uint64(right), np.uint64(start)
    whole = n - n % 8
    words, keys = D[:whole].view(np.uint64), kappa[:whole].view(np.uint64)
    if backward:
        for t in range(n - 1, whole - 1, -1):
            here = np.uint64(D[t])
            D[t] = (here - (np.uint64(kappa[t]) >> shift) - previous) & _THREE
            previous = here
        for i in range(len(words) - 1, -1, -1):
            here = words[i]
            words[i] = (here + _EIGHTS - (keys[i] >> shift & _THREES) - (here >> _BYTE | previous << _TOP)) & _THREES
            previous = here & _THREE
    else:
        for i in range(len(words)):
            here = words[i]
            words[i] = (here + _EIGHTS - (keys[i] >> shift & _THREES) - (here << _BYTE | previous)) & _THREES
            previous = here >> _TOP
        for t in range(whole, n):
            here = np.uint64(D[t])
            D[t] = (here - (np.uint64(kappa[t]) >> shift) - previous) & _THREE
            previous = here
