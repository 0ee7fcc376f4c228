"""Chained diffusion over a flat sequence of bytes, and the exact inverses.

Every chain here is a bijection in the previous cipher byte: where that byte passes through AND or OR, a
difference dies with probability near 1/256 a pixel. ``backward`` scans from the last byte to the first.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "add_chain",
    "add_unchain",
    "add_xor_rotate",
    "add_xor_rotate_inverse",
    "mask_chain",
    "mask_unchain",
    "rotating_chain",
    "rotating_unchain",
    "running_xor",
    "xor_chain",
    "xor_unchain",
]

Bytes = NDArray[np.uint8]


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


def add_unchain(c: Bytes, k: Bytes) -> Bytes:
    """The inverse of `add_chain`: P_i = C_i - C_(i-1) - k_i for i > 0, then P_0 = C_0 - P_(n-1) - k_0, mod 256."""
    p = c - k
    p[1:] -= c[:-1]
    p[:1] -= p[-1:]
    return p


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


def xor_chain(p: Bytes, k: Bytes, z: Bytes, start: int) -> Bytes:
    """C_i = ((P_i + k_i) mod 256) xor C_(i-1) xor z_i, with C_(-1) = ``start``."""
    c = p + k
    c ^= z
    running_xor(c, start, False)
    return c


def xor_unchain(c: Bytes, k: Bytes, z: Bytes, start: int) -> Bytes:
    """The inverse of `xor_chain`: P_i = ((C_i xor C_(i-1) xor z_i) - k_i) mod 256."""
    p = c ^ z
    p[1:] ^= c[:-1]
    p[:1] ^= np.uint8(start)
    p -= k
    return p


@njit(cache=True, nogil=True)
def running_xor(a: Bytes, start: int, backward: bool) -> None:
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


def mask_chain(p: Bytes, phi: Bytes, start: int, backward: bool) -> Bytes:
    """C_i = phi_i xor ((P_i + phi_i) mod 256) xor C_(i-1), with C_(-1) = ``start``.

    The classic chain of Chen, Mao & Chui 2004. It is XOR-linear in C_(i-1), so it degenerates to C_i = C_(i-1)
    on a black image, and a change of 128 in one byte stays a change of 128 in all later ones.
    """
    c = p + phi
    c ^= phi
    running_xor(c, start, backward)
    return c


def mask_unchain(c: Bytes, phi: Bytes, start: int, backward: bool) -> Bytes:
    """The inverse of `mask_chain`: P_i = ((phi_i xor C_i xor C_(i-1)) - phi_i) mod 256."""
    p = c ^ phi
    if backward:
        p[:-1] ^= c[1:]
        p[-1:] ^= np.uint8(start)
    else:
        p[1:] ^= c[:-1]
        p[:1] ^= np.uint8(start)
    p -= phi
    return p
