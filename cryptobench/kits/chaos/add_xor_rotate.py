"""A chain of addition, XOR and a fixed rotation over a flat sequence of bytes, and its exact inverse.

The three operations do not commute, so the chain is neither XOR-linear nor affine over Z/256.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["add_xor_rotate", "add_xor_rotate_inverse"]

Bytes = NDArray[np.uint8]


@njit(cache=True, nogil=True)
def add_xor_rotate(p: Bytes, k: Bytes, start: int, backward: bool) -> Bytes:
    """C_i = rotl3(((P_i + C_(i-1)) mod 256) xor k_i), with C_(-1) = ``start``; ``backward`` scans from the end."""
    n = len(p)
    c = np.empty(n, np.uint8)
    previous = np.uint32(start)
    for t in range(n):
        i = n - 1 - t if backward else t
        mixed = ((np.uint32(p[i]) + previous) & np.uint32(255)) ^ np.uint32(k[i])
        previous = (mixed << np.uint32(3) | mixed >> np.uint32(5)) & np.uint32(255)
        c[i] = previous
    return c


@njit(cache=True, nogil=True)
def add_xor_rotate_inverse(c: Bytes, k: Bytes, start: int, backward: bool) -> Bytes:
    """The inverse of `add_xor_rotate`: P_i = (rotr3(C_i) xor k_i) - C_(i-1) mod 256."""
    n = len(c)
    p = np.empty(n, np.uint8)
    previous = np.uint32(start)
    for t in range(n):
        i = n - 1 - t if backward else t
        cipher = np.uint32(c[i])
        mixed = (cipher >> np.uint32(3) | cipher << np.uint32(5)) & np.uint32(255)
        p[i] = ((mixed ^ np.uint32(k[i])) - previous) & np.uint32(255)
        previous = cipher
    return p
