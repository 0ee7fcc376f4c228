"""Grey-level co-occurrence tables of a plane and what is read off them, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from cryptobench.metrics._arrays import Bytes

__all__ = ["coarsen", "cooccurrence", "energy_and_differences"]


@njit(cache=True, nogil=True)
def _tally(first: Bytes, second: Bytes, index: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    """Count the pairs of two rows: low counts modulo 256, high what was carried over."""
    for i in range(first.size):
        index[i] = np.uint16(np.uint16(np.uint16(first[i]) << 8) | np.uint16(second[i]))
    for i in range(first.size):
        k = index[i]
        low[k] += np.uint8(1)
        if low[k] == 0:
            high[k] += np.uint32(256)


@njit(cache=True, nogil=True)
def cooccurrence(plane: Bytes) -> np.ndarray:
    """How often value i has value j as right, down, down-right, down-left neighbour: (4, 256, 256) uint32.

    The time goes into moving table entries to and from the processor's second-level cache, so pairs are counted in
    a small table of bytes and carried into the large one.
    """
    height, width = plane.shape
    table = np.zeros((4, 65536), np.uint32)
    low = np.zeros((4, 65536), np.uint8)
    index = np.empty(width, np.uint16)
    for r in range(height):
        _tally(plane[r, :-1], plane[r, 1:], index, low[0], table[0])
    for r in range(height - 1):
        _tally(plane[r], plane[r + 1], index, low[1], table[1])
    for r in range(height - 1):
        _tally(plane[r, :-1], plane[r + 1, 1:], index, low[2], table[2])
    for r in range(height - 1):
        _tally(plane[r, 1:], plane[r + 1, :-1], index, low[3], table[3])
    for angle in range(4):
        counts, rest = table[angle], low[angle]
        for k in range(65536):
            counts[k] += rest[k]
    return table.reshape(4, 256, 256)


@njit(cache=True, nogil=True)
def coarsen(table: np.ndarray) -> np.ndarray:
    """The (4, 8, 8) tables of value * 8 // 256 from those of all 256 values."""
    out = np.zeros((4, 8, 8), np.uint32)
    for angle in range(4):
        for i in range(256):
            row = table[angle, i]
            for block in range(8):
                part = np.uint32(0)
                for j in range(32):
                    part += row[32 * block + j]
                out[angle, i >> 5, block] += part
    return out


@njit(cache=True, nogil=True)
def energy_and_differences(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of (A, L, L) tables: (A,) sums of squared counts, and (A, L) counts of each |i - j|, both int64."""
    angles, levels, _ = table.shape
    squares = np.zeros(angles, np.int64)
    differences = np.zeros((angles, levels), np.int64)
    for angle in range(angles):
        for i in range(levels):
            row = table[angle, i]
            part = np.uint64(0)
            for j in range(levels):
                part += np.uint64(row[j]) * np.uint64(row[j])
            squares[angle] += np.int64(part)
            above, below = differences[angle], row[:i]
            for d in range(levels - i):
                above[d] += np.int64(row[i + d])
            for d in range(i):
                above[d + 1] += np.int64(below[i - 1 - d])
    return squares, differences
