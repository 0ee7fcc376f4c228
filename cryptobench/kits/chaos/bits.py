"""Rotations of the H x W x 8 array of an image's bits: along its rows and columns, plane by plane, and in depth."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.kits.chaos.transpose import transposed

__all__ = ["rotate_columns_by_plane", "rotate_depth", "rotate_rows_by_plane"]

Bytes = NDArray[np.uint8]
Shifts = NDArray[np.int32]


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
