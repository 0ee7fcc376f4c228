"""A chain that adds one key byte and XORs another, over a flat sequence of bytes, and its exact inverse.

It is XOR-linear in the last cipher byte: a change of 128 in one byte stays a change of 128 in all later ones.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["xor_chain", "xor_unchain"]

Bytes = NDArray[np.uint8]


@njit(cache=True, nogil=True)
def xor_chain(p: Bytes, k: Bytes, z: Bytes, start: int) -> Bytes:
    """C_i = ((P_i + k_i) mod 256) xor C_(i-1) xor z_i, with C_(-1) = ``start``.

    Eight bytes at a time: what goes into the chain is XORed within a word in three steps, and then with all before.
    """
    n = len(p)
    c = np.empty(n, np.uint8)
    for i in range(n):
        c[i] = np.uint8(p[i] + k[i]) ^ z[i]
    words, each = c[: n - n % 8].view(np.uint64), np.uint64(0x0101010101010101)
    before = np.uint64(start) * each
    for t in range(len(words)):
        word = words[t]
        word ^= word << np.uint64(8)
        word ^= word << np.uint64(16)
        word ^= word << np.uint64(32)
        words[t] = word ^ before
        before ^= (word >> np.uint64(56)) * each
    previous = np.uint8(before)
    for i in range(n - n % 8, n):
        previous ^= c[i]
        c[i] = previous
    return c


@njit(cache=True, nogil=True)
def xor_unchain(c: Bytes, k: Bytes, z: Bytes, start: int) -> Bytes:
    """The inverse of `xor_chain`: P_i = ((C_i xor C_(i-1) xor z_i) - k_i) mod 256."""
    p = np.empty(len(c), np.uint8)
    if len(c):
        p[0] = np.uint8(c[0] ^ np.uint8(start) ^ z[0]) - k[0]
    for i in range(1, len(c)):
        p[i] = np.uint8(c[i] ^ c[i - 1] ^ z[i]) - k[i]
    return p
