"""Exact integer sums over samples, compiled; sums within a run of `_RUN` samples fit 32 bits and vectorise."""

from __future__ import annotations

import numpy as np
from numba import njit

from cryptobench.metrics._arrays import Bytes

__all__ = [
    "absolute_difference",
    "absolute_sum",
    "adjacent_sums",
    "block_entropies",
    "count_differing",
    "count_flipped_bits",
    "count_pairs",
    "count_values",
    "pair_sums",
    "points_inside",
    "squared_sum",
    "window_sums",
]

_RUN = 32768  # 32768 * 255^2 < 2^31


@njit(cache=True, nogil=True)
def count_values(x: Bytes) -> np.ndarray:
    """How often each of the 256 values occurs in the flat array: (256,) int64."""
    # Four tables, so that equal neighbours do not wait for one another's store.
    table = np.zeros((4, 256), np.int64)
    even = x.size - x.size % 4
    for i in range(0, even, 4):
        table[0, x[i]] += 1
        table[1, x[i + 1]] += 1
        table[2, x[i + 2]] += 1
        table[3, x[i + 3]] += 1
    for i in range(even, x.size):
        table[0, x[i]] += 1
    for value in range(256):  # a loop: numba takes two seconds to compile a sum over an axis
        table[0, value] += table[1, value] + table[2, value] + table[3, value]
    counts: np.ndarray = table[0]
    return counts


@njit(cache=True, nogil=True)
def count_pairs(x: Bytes) -> np.ndarray:
    """How often each pair of neighbours occurs in the flat array, taken cyclically, at 256 x + y: (65536,) int64."""
    low, high = np.zeros(1 << 16, np.uint8), np.zeros(1 << 16, np.int64)  # counts modulo 256 stay in fast memory
    pair = np.uint16(x[-1])
    for value in x:
        pair = np.uint16((pair << np.uint16(8)) | value)
        count = np.uint8(low[pair] + np.uint8(1))
        low[pair] = count
        if count == 0:
            high[pair] += 256
    counts: np.ndarray = high + low
    return counts


@njit(cache=True, nogil=True)
def points_inside(x: Bytes, points: int) -> int:
    """How many points, of two coordinates of 24 bits each, six bytes a point, lie within a quarter of a circle."""
    inside, radius = np.int64(0), np.int64((1 << 24) - 1)
    for i in range(0, 6 * points, 6):
        across = (np.int64(x[i]) << 16) | (np.int64(x[i + 1]) << 8) | np.int64(x[i + 2])
        down = (np.int64(x[i + 3]) << 16) | (np.int64(x[i + 4]) << 8) | np.int64(x[i + 5])
        inside += np.int64(across * across + down * down <= radius * radius)
    return int(inside)


@njit(cache=True, nogil=True)
def block_entropies(x: Bytes, starts: np.ndarray, size: int) -> np.ndarray:
    """Shannon entropy in bits of the runs x[start : start + size]."""
    out = np.empty(starts.size)
    for k in range(starts.size):
        counts = count_values(x[starts[k] : starts[k] + size])
        total = 0.0
        for count in counts:
            if count:
                total += count * np.log2(count)
        out[k] = np.log2(size) - total / size
    return out


@njit(cache=True, nogil=True)
def absolute_difference(x: Bytes, y: Bytes) -> np.ndarray:
    """|x - y| of two flat arrays, uint8."""
    out = np.empty(x.size, np.uint8)
    for i in range(x.size):
        out[i] = max(x[i], y[i]) - min(x[i], y[i])
    return out


@njit(cache=True, nogil=True)
def _sum(x: Bytes) -> int:
    total = 0
    for start in range(0, x.size, _RUN):
        a, part = x[start : start + _RUN], np.int32(0)
        for i in range(a.size):
            part = np.int32(part + np.int32(a[i]))
        total += int(part)
    return total


@njit(cache=True, nogil=True)
def _dot(x: Bytes, y: Bytes) -> int:
    total = 0
    for start in range(0, x.size, _RUN):
        a, b, part = x[start : start + _RUN], y[start : start + _RUN], np.int32(0)
        for i in range(a.size):
            part = np.int32(part + np.int32(np.int32(a[i]) * np.int32(b[i])))
        total += int(part)
    return total


@njit(cache=True, nogil=True)
def absolute_sum(x: Bytes, y: Bytes) -> int:
    """Sum of |x - y| of two flat arrays."""
    total = 0
    for start in range(0, x.size, _RUN):
        a, b, part = x[start : start + _RUN], y[start : start + _RUN], np.int32(0)
        for i in range(a.size):
            part = np.int32(part + np.int32(abs(np.int32(a[i]) - np.int32(b[i]))))
        total += int(part)
    return total


@njit(cache=True, nogil=True)
def squared_sum(x: Bytes, y: Bytes) -> int:
    """Sum of (x - y)^2 of two flat arrays."""
    total = 0
    for start in range(0, x.size, _RUN):
        a, b, part = x[start : start + _RUN], y[start : start + _RUN], np.int32(0)
        for i in range(a.size):
            d = np.int32(np.int32(a[i]) - np.int32(b[i]))
            part = np.int32(part + np.int32(d * d))
        total += int(part)
    return total


@njit(cache=True, nogil=True)
def count_differing(x: Bytes, y: Bytes) -> int:
    """How many samples of two flat arrays differ."""
    total = 0
    for start in range(0, x.size, _RUN):
        a, b, part = x[start : start + _RUN], y[start : start + _RUN], np.int32(0)
        for i in range(a.size):
            part = np.int32(part + np.int32(a[i] != b[i]))
        total += int(part)
    return total


@njit(cache=True, nogil=True)
def _ones(word: np.uint64) -> np.uint64:
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@njit(cache=True, nogil=True)
def count_flipped_bits(x: Bytes, y: Bytes) -> int:
    """How many bits of two flat arrays differ."""
    total = 0
    whole = x.size - x.size % 8
    a, b = x[:whole].view(np.uint64), y[:whole].view(np.uint64)
    for i in range(a.size):
        total += int(_ones(a[i] ^ b[i]))
    for i in range(whole, x.size):
        total += int(_ones(np.uint64(x[i] ^ y[i])))
    return total


@njit(cache=True, nogil=True)
def pair_sums(x: Bytes, y: Bytes) -> tuple[int, int, int, int, int]:
    """Of two flat arrays: sums of x, y, x^2, y^2 and xy."""
    return _sum(x), _sum(y), _dot(x, x), _dot(y, y), _dot(x, y)


@njit(cache=True, nogil=True)
def adjacent_sums(plane: Bytes) -> np.ndarray:
    """Sums over all adjacent pairs (x, y) of an (H, W) plane.

    Rows: right, down, down-right, down-left neighbour. Columns: pairs, sum x, sum y, sum x^2, sum y^2, sum xy.
    """
    height, width = plane.shape
    total, squares = _sum(plane.ravel()), _dot(plane.ravel(), plane.ravel())
    top, bottom = _sum(plane[0]), _sum(plane[-1])
    top2, bottom2 = _dot(plane[0], plane[0]), _dot(plane[-1], plane[-1])
    left = right = left2 = right2 = np.int64(0)
    across = down = falling = rising = np.int64(0)
    for r in range(height):
        row = plane[r]
        first, last = np.int64(row[0]), np.int64(row[-1])
        left, left2, right, right2 = left + first, left2 + first * first, right + last, right2 + last * last
        across += _dot(row[:-1], row[1:])
        if r + 1 < height:
            below = plane[r + 1]
            down += _dot(row, below)
            falling += _dot(row[:-1], below[1:])
            rising += _dot(row[1:], below[:-1])
    nw, ne = np.int64(plane[0, 0]), np.int64(plane[0, -1])
    sw, se = np.int64(plane[-1, 0]), np.int64(plane[-1, -1])
    out = np.empty((4, 6), np.int64)
    out[0, 0], out[0, 1], out[0, 2] = height * (width - 1), total - right, total - left
    out[0, 3], out[0, 4], out[0, 5] = squares - right2, squares - left2, across
    out[1, 0], out[1, 1], out[1, 2] = (height - 1) * width, total - bottom, total - top
    out[1, 3], out[1, 4], out[1, 5] = squares - bottom2, squares - top2, down
    out[2, 0], out[2, 1], out[2, 2] = (height - 1) * (width - 1), total - bottom - right + se, total - top - left + nw
    out[2, 3] = squares - bottom2 - right2 + se * se
    out[2, 4], out[2, 5] = squares - top2 - left2 + nw * nw, falling
    out[3, 0], out[3, 1], out[3, 2] = (height - 1) * (width - 1), total - bottom - left + sw, total - top - right + ne
    out[3, 3] = squares - bottom2 - left2 + sw * sw
    out[3, 4], out[3, 5] = squares - top2 - right2 + ne * ne, rising
    return out


@njit(cache=True, nogil=True)
def window_sums(difference: Bytes, step: int) -> int:
    """Sum, over all 2x2 windows, of the six pairwise |a - b| in each.

    ``difference`` is (H, W * step): ``step`` interleaved channels, each with its own windows. An edge shared by
    two windows counts twice, so the horizontal ones of the first and last row, and the vertical ones of the
    first and last column, are taken back once.
    """
    height, width = difference.shape
    inner = width - step
    total = 0
    for r in range(height):
        row = difference[r]
        across = absolute_sum(row[:inner], row[step:])
        total += across if r == 0 or r == height - 1 else 2 * across
        if r + 1 < height:
            below = difference[r + 1]
            total += 2 * absolute_sum(row, below)
            total -= absolute_sum(row[:step], below[:step]) + absolute_sum(row[inner:], below[inner:])
            total += absolute_sum(row[:inner], below[step:]) + absolute_sum(row[step:], below[:inner])
    return total
