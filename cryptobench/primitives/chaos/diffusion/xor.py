"""Diffusion by XOR alone, one pass or two, over a flat sequence of bytes, and the exact inverses.

All of it is linear: the ciphertext is a fixed linear map of the plaintext, XORed with a mask that depends on the
key. A wrong
cipher byte damages two plaintext bytes and no more, which leaves a visible trail in a picture.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["xor_one_pass", "xor_one_pass_inverse", "xor_two_pass", "xor_two_pass_inverse"]

Bytes = NDArray[np.uint8]


@njit(cache=True, nogil=True)
def xor_one_pass(p: Bytes, k: Bytes, start: int) -> Bytes:
    """C_i = P_i xor k_i xor C_(i-1), with C_(-1) = ``start``."""
    c = np.empty(len(p), np.uint8)
    previous = np.uint8(start)
    for i in range(len(p)):
        previous ^= p[i] ^ k[i]
        c[i] = previous
    return c


@njit(cache=True, nogil=True)
def xor_one_pass_inverse(c: Bytes, k: Bytes, start: int) -> Bytes:
    """The inverse of `xor_one_pass`: P_i = C_i xor k_i xor C_(i-1)."""
    p = np.empty(len(c), np.uint8)
    if len(c):
        p[0] = c[0] ^ k[0] ^ np.uint8(start)
    for i in range(1, len(c)):
        p[i] = c[i] ^ k[i] ^ c[i - 1]
    return p


@njit(cache=True, nogil=True)
def xor_two_pass(p: Bytes, k1: Bytes, k2: Bytes, start: int, end: int) -> Bytes:
    """A_i = P_i xor k1_i xor A_(i-1), A_(-1) = ``start``; then C_i = A_i xor k2_i xor C_(i+1), C_n = ``end``."""
    c = np.empty(len(p), np.uint8)
    previous = np.uint8(start)
    for i in range(len(p)):
        previous ^= p[i] ^ k1[i]
        c[i] = previous ^ k2[i]
    previous = np.uint8(end)
    for i in range(len(p) - 1, -1, -1):
        previous ^= c[i]
        c[i] = previous
    return c


@njit(cache=True, nogil=True)
def xor_two_pass_inverse(c: Bytes, k1: Bytes, k2: Bytes, start: int, end: int) -> Bytes:
    """The inverse of `xor_two_pass`: A_i = C_i xor k2_i xor C_(i+1), then P_i = A_i xor k1_i xor A_(i-1)."""
    n = len(c)
    a = np.empty(n, np.uint8)
    for i in range(n - 1):
        a[i] = c[i] ^ k2[i] ^ c[i + 1]
    if n:
        a[n - 1] = c[n - 1] ^ k2[n - 1] ^ np.uint8(end)
    p = np.empty(n, np.uint8)
    if n:
        p[0] = a[0] ^ k1[0] ^ np.uint8(start)
    for i in range(1, n):
        p[i] = a[i] ^ k1[i] ^ a[i - 1]
    return p
