"""Turning the columns of a matrix of bytes, each by its own distance, in memory order."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["opposite", "turn_columns"]

Bytes = NDArray[np.uint8]
Shifts = NDArray[np.int32]

_STRIP = 64  # columns handled together: 64 bytes are one cache line of each row


def opposite(shifts: Shifts, modulus: int) -> Shifts:
    """The shifts that undo ``shifts``, all in 0 to modulus - 1."""
    return np.where(shifts == 0, 0, modulus - shifts).astype(np.int32)


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
