"""The chain of `diffusion.rotating_chain` with its three key values in one word, and the exact inverse.

Of a word w, the low byte is k, the next one z, and the three bits above are the rotation r. One word takes a
third of the memory accesses of three key bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["chained", "unchained", "word_chain", "word_unchain"]

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint32]

_BLOCK = 2048  # bytes whose key values are unpacked together


@njit(cache=True, nogil=True, inline="always")
def chained(p: Any, w: Any, previous: Any) -> Any:
    """rotl8((p + k + previous) mod 256, r) xor z, for the bytes p and previous and the key word w, a uint32."""
    return _turned(np.uint8(np.uint8(p + np.uint8(w)) + previous), np.uint8(w >> np.uint32(16))) ^ _second(w)


@njit(cache=True, nogil=True, inline="always")
def _turned(total: Any, turn: Any) -> Any:
    """rotl8 by turn mod 8. In bytes, and with both shifts cut to 0 to 7, it compiles to a single rotation."""
    left, right = np.uint8(turn & np.uint8(7)), np.uint8((np.uint8(8) - turn) & np.uint8(7))
    return np.uint8(np.uint8(total << left) | np.uint8(total >> right))


@njit(cache=True, nogil=True, inline="always")
def _second(w: Any) -> Any:
    return np.uint8(w >> np.uint32(8))


@njit(cache=True, nogil=True, inline="always")
def unchained(c: Any, w: Any, previous: Any) -> Any:
    """The inverse of `chained`: p from its cipher byte c and the cipher byte before."""
    turn = w >> np.uint32(16) & np.uint32(7)
    turned = (np.uint32(c) ^ w >> np.uint32(8)) & np.uint32(255)
    total = turned >> turn | turned << (np.uint32(8) - turn)
    return (total - w - np.uint32(previous)) & np.uint32(255)


@njit(cache=True, nogil=True)
def word_chain(p: Bytes, w: Words, start: int, backward: bool) -> Bytes:
    """C_i = rotl8((P_i + k_i + C_(i-1)) mod 256, r_i) xor z_i, with C_(-1) = ``start``; ``backward`` from the end."""
    n = len(p)
    c = np.empty(n, np.uint8)
    known, z, r = np.empty(_BLOCK, np.uint8), np.empty(_BLOCK, np.uint8), np.empty(_BLOCK, np.uint8)
    previous = np.uint8(start)
    for done in range(0, n, _BLOCK):
        m = min(_BLOCK, n - done)
        first = n - done - m if backward else done
        _unpack(p[first : first + m], w[first : first + m], known, z, r)
        block = c[first : first + m]
        if backward:
            for t in range(m):
                last = np.uint64(m - 1 - t)
                previous = _turned(np.uint8(known[last] + previous), r[last]) ^ z[last]
                block[last] = previous
        else:
            for i in range(m):
                previous = _turned(np.uint8(known[i] + previous), r[i]) ^ z[i]
                block[i] = previous
    return c


@njit(cache=True, nogil=True)
def _unpack(p: Bytes, w: Words, known: Bytes, z: Bytes, r: Bytes) -> None:
    """P + k, z and r of a block: three loops that vectorise, and leave three operations to each step of the chain."""
    for i in range(len(p)):
        known[i] = p[i] + np.uint8(w[i])
    for i in range(len(p)):
        z[i] = _second(w[i])
    for i in range(len(p)):
        r[i] = np.uint8(w[i] >> np.uint32(16))


@njit(cache=True, nogil=True)
def word_unchain(c: Bytes, w: Words, start: int, backward: bool) -> Bytes:
    """The inverse of `word_chain`. No byte waits for another: the loops vectorise."""
    n = len(c)
    p = np.empty(n, np.uint8)
    if n == 0:
        return p
    if backward:
        for i in range(n - 1):
            p[i] = unchained(c[i], w[i], c[i + 1])
        p[n - 1] = unchained(c[n - 1], w[n - 1], start)
    else:
        for i in range(1, n):
            p[i] = unchained(c[i], w[i], c[i - 1])
        p[0] = unchained(c[0], w[0], start)
    return p
