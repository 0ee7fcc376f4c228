"""The transpose of a matrix of bytes, eight by eight in the registers: four times faster than byte by byte."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["transposed"]

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]

_TILE = 8  # blocks of 8 x 8 side by side: a cache line of each row


def transposed(p: Bytes) -> Bytes:
    """The transpose of an (M, L) matrix, as a contiguous (L, M) one."""
    m, width = p.shape
    tall, wide = -(-m // 8) * 8, -(-width // 8) * 8
    if (tall, wide) != (m, width):
        padded = np.zeros((tall, wide), np.uint8)
        padded[:m, :width] = p
        p = padded
    out = np.empty((wide, tall), np.uint8)
    _transpose_words(np.ascontiguousarray(p).view(np.uint64), out.view(np.uint64))
    return np.ascontiguousarray(out[:width, :m])


@njit(cache=True, nogil=True)
def _transpose_words(p: Words, out: Words) -> None:
    rows, columns = len(p) // 8, len(out) // 8  # of blocks
    buffer = np.empty((8, _TILE), np.uint64)
    for left in range(0, columns, _TILE):
        right = min(left + _TILE, columns)
        for top in range(rows):
            i = 8 * top
            _transpose_blocks(
                (p[i, left:right], p[i + 1, left:right], p[i + 2, left:right], p[i + 3, left:right]),
                (p[i + 4, left:right], p[i + 5, left:right], p[i + 6, left:right], p[i + 7, left:right]),
                buffer,
            )
            for j in range(left, right):
                for k in range(8):
                    out[8 * j + k, top] = buffer[k, j - left]


@njit(cache=True, nogil=True, inline="always")
def _transpose_blocks(upper: Any, lower: Any, out: Words) -> None:
    """Side by side, so that it vectorises: swap off-diagonal quarters, then of each quarter, then of each of these."""
    (p0, p1, p2, p3), (p4, p5, p6, p7) = upper, lower
    q0, q1, q2, q3, q4, q5, q6, q7 = out[0], out[1], out[2], out[3], out[4], out[5], out[6], out[7]
    for j in range(len(p0)):
        (a, e), (b, f) = _swap4(p0[j], p4[j]), _swap4(p1[j], p5[j])
        (c, g), (d, h) = _swap4(p2[j], p6[j]), _swap4(p3[j], p7[j])
        (a, c), (b, d), (e, g), (f, h) = _swap2(a, c), _swap2(b, d), _swap2(e, g), _swap2(f, h)
        (q0[j], q1[j]), (q2[j], q3[j]) = _swap1(a, b), _swap1(c, d)
        (q4[j], q5[j]), (q6[j], q7[j]) = _swap1(e, f), _swap1(g, h)


@njit(cache=True, nogil=True, inline="always")
def _swap4(x: Any, y: Any) -> Any:
    """The upper four bytes of x for the lower ones of y; the low byte of a word is its first in memory."""
    moved = (x >> np.uint64(32) ^ y) & np.uint64(0x00000000FFFFFFFF)
    return x ^ moved << np.uint64(32), y ^ moved


@njit(cache=True, nogil=True, inline="always")
def _swap2(x: Any, y: Any) -> Any:
    """The upper two bytes of each half of x for the lower ones of y."""
    moved = (x >> np.uint64(16) ^ y) & np.uint64(0x0000FFFF0000FFFF)
    return x ^ moved << np.uint64(16), y ^ moved


@njit(cache=True, nogil=True, inline="always")
def _swap1(x: Any, y: Any) -> Any:
    """The upper byte of each quarter of x for the lower one of y."""
    moved = (x >> np.uint64(8) ^ y) & np.uint64(0x00FF00FF00FF00FF)
    return x ^ moved << np.uint64(8), y ^ moved
