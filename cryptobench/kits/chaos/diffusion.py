"""Chained diffusion over a flat sequence of bytes, and the exact inverses.

Every chain here is a bijection in the previous cipher byte: where that byte passes through AND or OR, a
difference dies with probability near 1/256 a pixel. ``backward`` scans from the last byte to the first.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.kits.chaos.running_xor import running_xor

__all__ = [
    "add_chain",
    "add_unchain",
    "mask_chain",
    "mask_unchain",
    "rotating_chain",
    "rotating_unchain",
]

Bytes = NDArray[np.uint8]


@njit(cache=True, nogil=True)
def rotating_chain(p: Bytes, k: Bytes, r: Bytes, z: Bytes, start: int, backward: bool) -> Bytes:
    """C_i = rotl8((P_i + k_i + C_(i-1)) mod 256, r_i mod 8) xor z_i, with C_(-1) = ``start``.

    The rotation carries a difference of 128, which addition alone keeps in the top bit for ever, to other bits.
    """
    n = len(p)
    c = np.empty(n, np.uint8)
    previous = np.uint32(start)
    for t in range(n):
        i = n - 1 - t if backward else t
        turn = np.uint32(r[i] & 7)
        total = (np.uint32(p[i]) + np.uint32(k[i]) + previous) & np.uint32(255)
        previous = ((total << turn | total >> (np.uint32(8) - turn)) ^ np.uint32(z[i])) & np.uint32(255)
        c[i] = previous
    return c


@njit(cache=True, nogil=True)
def rotating_unchain(c: Bytes, k: Bytes, r: Bytes, z: Bytes, start: int, backward: bool) -> Bytes:
    """The inverse of `rotating_chain`: P_i = (rotr8(C_i xor z_i, r_i mod 8) - k_i - C_(i-1)) mod 256."""
    n = len(c)
    p = np.empty(n, np.uint8)
    previous = np.uint32(start)
    for t in range(n):
        i = n - 1 - t if backward else t
        turn = np.uint32(r[i] & 7)
        total = np.uint32(c[i] ^ z[i])
        total = total >> turn | total << (np.uint32(8) - turn)
        p[i] = (total - np.uint32(k[i]) - previous) & np.uint32(255)
        previous = np.uint32(c[i])
    return p


@njit(cache=True, nogil=True)
def mask_chain(p: Bytes, phi: Bytes, start: int, backward: bool) -> Bytes:
    """C_i = phi_i xor ((P_i + phi_i) mod 256) xor C_(i-1), with C_(-1) = ``start``.

    The classic chain of Chen, Mao & Chui 2004. It is XOR-linear in C_(i-1), so it degenerates to C_i = C_(i-1)
    on a black image, and a change of 128 in one byte stays a change of 128 in all later ones.
    """
    c = np.empty(len(p), np.uint8)
    for i in range(len(p)):
        c[i] = phi[i] ^ np.uint8(p[i] + phi[i])
    running_xor(c, start, backward)
    return c


@njit(cache=True, nogil=True)
def mask_unchain(c: Bytes, phi: Bytes, start: int, backward: bool) -> Bytes:
    """The inverse of `mask_chain`: P_i = ((phi_i xor C_i xor C_(i-1)) - phi_i) mod 256."""
    n = len(c)
    p = np.empty(n, np.uint8)
    if backward:
        for i in range(n - 1):
            p[i] = np.uint8(phi[i] ^ c[i] ^ c[i + 1]) - phi[i]
        p[n - 1] = np.uint8(phi[n - 1] ^ c[n - 1] ^ np.uint8(start)) - phi[n - 1]
    else:
        for i in range(1, n):
            p[i] = np.uint8(phi[i] ^ c[i] ^ c[i - 1]) - phi[i]
        p[0] = np.uint8(phi[0] ^ c[0] ^ np.uint8(start)) - phi[0]
    return p


@njit(cache=True, nogil=True)
def add_chain(p: Bytes, k: Bytes) -> Bytes:
    """C_0 = P_0 + P_(n-1) + k_0 and C_i = P_i + C_(i-1) + k_i, mod 256: closed on itself, for n of at least 2.

    It is affine over Z/256, whatever the key stream.
    """
    c = np.empty(len(p), np.uint8)
    previous = p[-1]
    for i in range(len(p)):
        previous = np.uint8(p[i] + previous + k[i])
        c[i] = previous
    return c


@njit(cache=True, nogil=True)
def add_unchain(c: Bytes, k: Bytes) -> Bytes:
    """The inverse of `add_chain`: P_i = C_i - C_(i-1) - k_i for i > 0, then P_0 = C_0 - P_(n-1) - k_0, mod 256."""
    n = len(c)
    p = np.empty(n, np.uint8)
    for i in range(1, n):
        p[i] = np.uint8(c[i] - c[i - 1] - k[i])
    p[0] = np.uint8(c[0] - p[n - 1] - k[0])
    return p
