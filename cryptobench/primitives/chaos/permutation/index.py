"""Moving elements by tables of indices, by a train of swaps, and by the 3D cat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = [
    "cat3d_inverse",
    "cat3d_matrix",
    "cat3d_targets",
    "gather",
    "put_cat3d_targets",
    "put_columns",
    "put_rows",
    "scatter",
    "shuffle_target",
    "shuffle_targets",
    "swap_sample_bits",
    "swap_train",
    "take_columns",
    "take_rows",
]

Bytes = NDArray[np.uint8]
Order = NDArray[np.int32]
Matrix = list[list[int]]

_STRIP = 32  # columns handled together, in a tile that stays in the cache, which rows far apart would not


@njit(cache=True, nogil=True)
def gather(a: Bytes, table: Order) -> Bytes:
    """out[i] = a[table[i]] over flat arrays."""
    out = np.empty(len(table), np.uint8)
    for i in range(len(table)):
        out[i] = a[np.uint32(table[i])]
    return out


@njit(cache=True, nogil=True)
def scatter(a: Bytes, table: Order) -> Bytes:
    """out[table[i]] = a[i] over flat arrays; ``table`` is a permutation. The inverse of `gather`."""
    out = np.empty_like(a)
    for i in range(len(table)):
        out[np.uint32(table[i])] = a[i]
    return out


@njit(cache=True, nogil=True)
def take_columns(a: Bytes, order: Order) -> Bytes:
    """out[i, j] = a[order[i, j], j]."""
    out = np.empty_like(a)
    m, width = a.shape
    tile = np.empty(m * _STRIP, np.uint8)
    for left in range(0, width, _STRIP):
        right = min(left + _STRIP, width)
        for i in range(m):
            _copy(a[i, left:right], tile[_STRIP * i : _STRIP * i + right - left])
        for i in range(m):
            sources, row = order[i, left:right], out[i, left:right]
            for j in range(right - left):
                row[j] = tile[np.uint32(sources[j]) * np.uint32(_STRIP) + np.uint32(j)]
    return out


@njit(cache=True, nogil=True)
def put_columns(a: Bytes, order: Order) -> Bytes:
    """out[order[i, j], j] = a[i, j], the inverse of `take_columns`."""
    out = np.empty_like(a)
    m, width = a.shape
    tile = np.empty(m * _STRIP, np.uint8)
    for left in range(0, width, _STRIP):
        right = min(left + _STRIP, width)
        for i in range(m):
            targets, row = order[i, left:right], a[i, left:right]
            for j in range(right - left):
                tile[np.uint32(targets[j]) * np.uint32(_STRIP) + np.uint32(j)] = row[j]
        for i in range(m):
            _copy(tile[_STRIP * i : _STRIP * i + right - left], out[i, left:right])
    return out


@njit(cache=True, nogil=True, inline="always")
def _copy(source: Bytes, target: Bytes) -> None:
    for j in range(len(source)):
        target[j] = source[j]


@njit(cache=True, nogil=True)
def take_rows(a: Bytes, order: Order) -> Bytes:
    """out[i, j] = a[i, order[i, j]]."""
    out = np.empty_like(a)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[i, j] = a[i, np.uint32(order[i, j])]
    return out


@njit(cache=True, nogil=True)
def put_rows(a: Bytes, order: Order) -> Bytes:
    """out[i, order[i, j]] = a[i, j], the inverse of `take_rows`."""
    out = np.empty_like(a)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            out[i, np.uint32(order[i, j])] = a[i, j]
    return out


@njit(cache=True, nogil=True)
def shuffle_targets(x: NDArray[np.float64], first: int, out: Order) -> None:
    """out[i] = floor(x[i] 2^36) mod (first+i+1), for flat states in [0, 1]: targets of elements first, first+1, ...

    ``first + len(x)`` at most 2^31 - 1. The quotient of integers below 2^37 and 2^31 is at least 2^-31 away from the
    next integer unless it is one, so that its floor in float64 is exact, and the loop vectorises.
    """
    for i in range(len(x)):
        out[i] = shuffle_target(x[i], first + i)


@njit(cache=True, nogil=True, inline="always")
def shuffle_target(x: float, place: int) -> Any:
    """One of the `shuffle_targets`, that of the element ``place``, for kernels that do more at each."""
    word = np.floor(x * 68719476736.0)
    size = np.float64(place + 1)
    return np.int32(word - np.floor(word / size) * size)


@njit(cache=True, nogil=True)
def swap_train(data: Bytes, first: int, targets: Order, backward: bool) -> None:
    """Swap data[first + t] with data[targets[t]], in place, for t = 0, 1, ..., or in reverse order to undo it."""
    if backward:  # two loops: one with the choice inside is a fifth slower
        for t in range(len(targets) - 1, -1, -1):
            here, there = np.uint64(first + t), np.uint64(targets[t])
            data[here], data[there] = data[there], data[here]
    else:
        for t in range(len(targets)):
            here, there = np.uint64(first + t), np.uint64(targets[t])
            data[here], data[there] = data[there], data[here]


@njit(cache=True, nogil=True, forceinline=True)
def swap_sample_bits(data: Bytes, sample: int, places: Order, bits: Order, start: int, backward: bool) -> None:
    """Swap bit b of one sample with bit bits[start + b] of data[places[start + b]], in place, for b = 0, ..., 7.

    Bits are counted from the least significant. ``backward`` takes them in reverse order, which undoes it.
    """
    one, here, base = np.uint64(1), np.uint64(sample), np.uint64(start)
    own, flips = np.uint64(data[here]), np.uint64(0)  # in registers: no swap waits for the store of the last one
    for u in range(8):
        b = np.uint64(7 - u if backward else u)
        there, c = np.uint64(np.uint32(places[base + b])), np.uint64(np.uint32(bits[base + b]))
        if there == here:
            now = own ^ flips
            differ = ((now >> b) ^ (now >> c)) & one
            own ^= (differ << b) ^ (differ << c)
        else:
            other = np.uint64(data[there])
            differ = ((own >> b) ^ (other >> c)) & one
            flips |= differ << b
            data[there] = np.uint8(other ^ (differ << c))
    data[here] = np.uint8(own ^ flips)


def cat3d_matrix(ax: int, bx: int, ay: int, by: int, az: int, bz: int) -> Matrix:
    """The 3D cat map A = A_z A_x A_y of Chen, Mao & Chui 2004: three planar cat maps, determinant 1.

    Row 2, column 3 starts with ``ay bz``. Secondary sources print ``ay az`` there, whose determinant is not 1: it
    loses pixels for about one parameter set in six.
    """
    return [
        [1 + ax * az * by, az, ay + ax * az + ax * ay * az * by],
        [
            bz + ax * by + ax * az * by * bz,
            az * bz + 1,
            ay * bz + ax * ay * az * by * bz + ax * az * bz + ax * ay * by + ax,
        ],
        [ax * bx * by + by, bx, ax * ay * bx * by + ax * bx + ay * by + 1],
    ]


def cat3d_inverse(a: Matrix) -> Matrix:
    """The inverse of a 3 x 3 matrix of integers with determinant 1: its adjugate, exact for any size."""
    return [
        [
            a[(j + 1) % 3][(i + 1) % 3] * a[(j + 2) % 3][(i + 2) % 3]
            - a[(j + 1) % 3][(i + 2) % 3] * a[(j + 2) % 3][(i + 1) % 3]
            for j in range(3)
        ]
        for i in range(3)
    ]


def cat3d_targets(a: Sequence[Sequence[int]], n: int) -> Order:
    """Where A carries each cell of an n x n x n cube: flat indices, (n^3,), of A (x, y, z) mod n in C order."""
    out = np.empty(n**3, np.int32)
    put_cat3d_targets(a, n, 0, out)
    return out


def put_cat3d_targets(a: Sequence[Sequence[int]], n: int, first: int, out: Order) -> None:
    """`cat3d_targets` of the cube that starts at cell ``first`` of a longer sequence, written to ``out``, (n^3,)."""
    _linear_map(np.array([[value % n for value in row] for row in a], np.int64), n, np.int32(first), out)


@njit(cache=True, nogil=True)
def _linear_map(a: NDArray[np.int64], n: int, first: np.int32, out: Order) -> None:
    plane, cube = n * n, n * n * n
    last = np.empty((3, n), np.int32)  # what the last coordinate adds to each new one, already weighted
    for z in range(n):
        last[0, z] = a[0, 2] * z % n * plane
        last[1, z] = a[1, 2] * z % n * n
        last[2, z] = a[2, 2] * z % n
    for x in range(n):
        for y in range(n):
            u = np.int32((a[0, 0] * x + a[0, 1] * y) % n * plane)
            v = np.int32((a[1, 0] * x + a[1, 1] * y) % n * n)
            w = np.int32((a[2, 0] * x + a[2, 1] * y) % n)
            row = out[(x * n + y) * n : (x * n + y + 1) * n]
            for z in range(n):
                s, t, r = u + last[0, z], v + last[1, z], w + last[2, z]
                s -= np.int32(cube if s >= cube else 0)
                t -= np.int32(plane if t >= plane else 0)
                r -= np.int32(n if r >= n else 0)
                row[z] = first + s + t + r
