"""The Arnold cat map [1 a; b ab+1] as two shears, a bijection on any M x L grid; on a square it is the cat map itself.

One step carries (i, j) to i' = (i + a j) mod M, j' = (j + b i') mod L.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.chaos.permutation.rotations import transposed

__all__ = ["shear", "unshear"]

Bytes = NDArray[np.uint8]


def shear(p: Bytes, a: int, b: int, times: int) -> Bytes:
    """An (M, L) matrix after ``times`` steps of the map, for any integers ``a`` and ``b``."""
    m, width = p.shape
    for _ in range(times):
        p = transposed(_slant(transposed(p), a % m))
        p = _slant(p, b % width)
    return p


def unshear(p: Bytes, a: int, b: int, times: int) -> Bytes:
    """The inverse of `shear`."""
    m, width = p.shape
    for _ in range(times):
        p = _slant(p, -b % width)
        p = transposed(_slant(transposed(p), -a % m))
    return p


@njit(cache=True, nogil=True)
def _slant(p: Bytes, a: int) -> Bytes:
    """Row i turned to the right by (a i) mod L, 0 <= a < L."""
    out = np.empty_like(p)
    width = p.shape[1]
    turn = 0
    for i in range(len(p)):
        _copy(p[i, : width - turn], out[i, turn:])
        _copy(p[i, width - turn :], out[i, :turn])
        turn += a
        turn -= width if turn >= width else 0
    return out


@njit(cache=True, nogil=True, inline="always")
def _copy(source: Bytes, target: Bytes) -> None:
    for j in range(len(source)):
        target[j] = source[j]
