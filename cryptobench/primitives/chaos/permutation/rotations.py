"""Rotating rows, columns and the bits of samples, each by its own distance, in memory order; and transposition."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["opposite", "rotate_columns_by_plane", "rotate_depth", "rotate_rows_by_plane", "transposed", "turn_columns"]

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Shifts = NDArray[np.int32]

_STRIP = 64  # columns turned together: 64 bytes are one cache line of each row
_TILE = 8  # to transpose: blocks of 8 x 8 side by side: a cache line of each row


@njit(cache=True, nogil=True)
def turn_columns(a: Bytes, up: Shifts, out: Bytes) -> None:
    """out[i, j] = a[(i + up[j]) mod m, j] for (m, width) matrices, with each up[j] in 0 to m - 1.

    A strip of columns is first copied to where its rows are neighbours, so that the random access stays in the
    first-level cache. The place of each column runs on by one row at a time: in unsigned arithmetic
    min(s, s - end) is s mod end for s below 2 end, and needs no branch.
    """
    m, width = np.uint32(a.shape[0]), np.uint32(a.shape[1])
    strip, end = np.uint32(_STRIP), np.uint32(m * np.uint32(_STRIP))
    rows, place = np.empty(end, np.uint8), np.empty(strip, np.uint32)
    for left in range(np.uint32(0), width, strip):
        columns = min(strip, np.uint32(width - left))
        for i in range(m):
            for j in range(columns):
                rows[np.uint32(i * strip + j)] = a[i, left + j]
        for j in range(columns):
            place[j] = np.uint32(up[left + j]) * strip + j
        for i in range(m):
            for j in range(columns):
                out[i, left + j] = rows[place[j]]
            for j in range(columns):
                below = np.uint32(place[j] + strip)
                place[j] = min(below, np.uint32(below - end))


def opposite(shifts: Shifts, modulus: int) -> Shifts:
    """The shifts that undo ``shifts``, all in 0 to modulus - 1."""
    return np.where(shifts == 0, 0, modulus - shifts).astype(np.int32)


def rotate_rows_by_plane(p: Bytes, shifts: Shifts) -> Bytes:
    """Rotate bit k of every sample of row i to the right by shifts[i, k]; ``p`` is (M, L), ``shifts`` (M, 8).

    Shifts are any integers; their negatives undo the rotation. ``p`` is left as it was.
    """
    return _rotate_rows(p, shifts % np.int32(p.shape[1]))


def rotate_columns_by_plane(p: Bytes, shifts: Shifts) -> Bytes:
    """Rotate bit k of every sample of column j downwards by shifts[j, k]; ``p`` is (M, L), ``shifts`` (L, 8)."""
    return transposed(_rotate_rows(transposed(p), shifts % np.int32(p.shape[0])))


@njit(cache=True, nogil=True)
def _rotate_rows(p: Bytes, shifts: Shifts) -> Bytes:
    m, width = p.shape
    out = np.zeros_like(p)
    for i in range(m):
        source, row = p[i], out[i]
        for k in range(8):
            plane, cut = np.uint8(1 << k), width - shifts[i, k]
            head, tail = row[width - cut :], source[:cut]
            for j in range(cut):
                head[j] |= tail[j] & plane
            head, tail = row[: width - cut], source[cut:]
            for j in range(width - cut):
                head[j] |= tail[j] & plane
    return out


@njit(cache=True, nogil=True)
def rotate_depth(p: Bytes, low: int, planes: int, shifts: Bytes, back: bool) -> Bytes:
    """Rotate the bits low, ..., low+planes-1 of each sample towards the higher by its shift, below ``planes``.

    ``p`` and ``shifts`` have one shape; ``back`` undoes the rotation.
    """
    n = p.size
    out = np.empty(n, np.uint8)
    flat, turns = p.ravel(), shifts.ravel()
    field = np.uint32((1 << planes) - 1)
    for t in range(n):
        sample = np.uint32(flat[t])
        bits = sample >> np.uint32(low) & field
        turn = np.uint32(planes - turns[t]) if back else np.uint32(turns[t])
        bits = (bits << turn | bits >> (np.uint32(planes) - turn)) & field
        out[t] = sample & ~(field << np.uint32(low)) | bits << np.uint32(low)
    return out.reshape(p.shape)


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
