"""Systems of linear equations over GF(2)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["left_inverse", "null_space", "pack_rows", "reduce_rows", "solve_gf2", "undetermined", "unpack_rows"]

Words = NDArray[np.uint64]
_AT_ONCE = 320  # equations for the values of a byte: enough, if they are random


def solve_gf2(matrix: Image, wanted: Image, *, free: bool = False) -> Image | None:
    """x of ``matrix`` x = ``wanted`` over GF(2): (m, n) bits and (m,) or (m, k) bits give (n,) or (n, k) bits.

    Unknowns that are in no equation are 0. None if others are not determined, unless ``free``: then some of them are 0
    too, and None means that no x solves all equations. Without ``free``, equations beyond the first independent ones
    are ignored.
    """
    sides = wanted.reshape(len(wanted), -1)
    count = matrix.shape[1]
    rows = pack_rows(np.concatenate([matrix, sides], axis=1))
    pivots = np.full(count, -1, np.int64)
    rank = reduce_rows(rows, count, pivots)
    if free:
        rest = unpack_rows(rows[rank:], count + sides.shape[1])[:, count:]
        if rest.any():
            return None
    elif np.any((pivots < 0) & matrix.any(axis=0)):
        return None
    solution = np.zeros((count, sides.shape[1]), np.uint8)
    known = pivots >= 0
    solution[known] = unpack_rows(rows, count + sides.shape[1])[pivots[known], count:]
    return solution.reshape((count, *wanted.shape[1:]))


def null_space(matrix: Image) -> Image:
    """A basis, (k, n) bits, of all x with ``matrix`` x = 0 over GF(2); ``matrix`` is (m, n) bits."""
    count = matrix.shape[1]
    rows = pack_rows(matrix)
    pivots = np.full(count, -1, np.int64)
    reduce_rows(rows, count, pivots)
    reduced = unpack_rows(rows, count)
    free, bound = np.flatnonzero(pivots < 0), np.flatnonzero(pivots >= 0)
    basis = np.zeros((free.size, count), np.uint8)
    basis[np.arange(free.size), free] = 1
    basis[:, bound] = reduced[pivots[bound]][:, free].T
    return basis


@njit(cache=True, nogil=True)
def undetermined(grids: Image, fewest: int = 0) -> NDArray[np.bool_]:
    """Of which samples a function of the value, not the same for all values, has even sums over corners of rectangles;
    or which have had fewer than ``fewest`` values.

    ``grids``, (samples, grids, rows, columns), each rectangle with a corner in its grid's first row and column. For
    random values the first of the equations tell: where they rule out all but the constant function, those of the
    other grids are looked at for new values only.
    """
    samples, count, rows, columns = grids.shape
    free = np.ones(samples, np.bool_)
    found, one = np.empty(256, np.bool_), np.uint64(1)
    equations = np.zeros((4, 256 + _AT_ONCE + rows * columns), np.uint64)
    for sample in range(samples):
        found[:] = False
        rank = height = 0
        for grid in range(count):
            cells = grids[sample, grid]
            for row in range(rows):
                for column in range(columns):
                    found[cells[row, column]] = True
            for row in range(1, rows):
                for column in range(1, columns):
                    equations[:, height] = 0
                    for value in (cells[row, column], cells[0, column], cells[row, 0], cells[0, 0]):
                        equations[value >> 6, height] ^= one << np.uint64(value & 63)
                    height += 1
            if height >= rank + _AT_ONCE or grid == count - 1:
                rank = height = _rank(equations, height)
                if rank == np.count_nonzero(found) - 1 and _join(grids[sample, grid + 1 :], found):
                    free[sample] = np.count_nonzero(found) < fewest
                    break
    return free


@njit(nogil=True)
def _join(grids: Image, found: NDArray[np.bool_]) -> bool:
    """Whether a function that is the same for all values ``found`` is so for all that are in ``grids``, which are then
    found too: one by one, as the only new value in the corners of a rectangle."""
    count, rows, columns = grids.shape
    more = True
    while more:
        more, left = False, False
        for grid in range(count):
            cells = grids[grid]
            corner = cells[0, 0]
            for row in range(1, rows):
                for column in range(1, columns):
                    if found[cells[row, column]] and found[cells[0, column]] and found[cells[row, 0]] and found[corner]:
                        continue
                    new, times, several = np.int64(-1), 0, False
                    for value in (cells[row, column], cells[0, column], cells[row, 0], corner):
                        if not found[value]:
                            several |= times > 0 and value != new
                            new = np.int64(value)
                            times += 1
                    if times & 1 and not several:
                        found[new] = more = True
                    else:
                        left = True
    return not left


@njit(nogil=True)
def _rank(rows: Words, count: int) -> int:
    """Of ``count`` rows of 256 bits, (4, count or more) words, the first of which become independent and span all."""
    rank, one, none = 0, np.uint64(1), np.uint64(0)
    masks = np.empty(rows.shape[1], np.uint64)
    for column in range(256):
        words, bit = rows[column // 64], np.uint64(column % 64)
        pivot = rank
        while pivot < count and not words[pivot] >> bit & one:
            pivot += 1
        if pivot == count:
            continue
        below = words[pivot + 1 : count]
        for k in range(len(below)):
            masks[k] = none - (below[k] >> bit & one)
        for w in range(column // 64, 4):
            leading = rows[w, pivot]
            rows[w, pivot], rows[w, rank] = rows[w, rank], leading
            below = rows[w, pivot + 1 : count]
            for k in range(len(below)):
                below[k] ^= leading & masks[k]
        rank += 1
    return rank


def left_inverse(matrix: Image) -> NDArray[np.float32] | None:
    """A matrix, (n, m) of zeros and ones, whose product with ``matrix``, (m, n) bits, is the identity over GF(2).

    None if the columns are dependent. It is float32 so that products are fast; they are exact below 2^24.
    """
    m, n = matrix.shape
    rows = pack_rows(np.concatenate([matrix & 1, np.eye(m, dtype=np.uint8)], axis=1))
    if reduce_rows(rows, n, np.empty(n, np.int64)) < n:
        return None
    return unpack_rows(rows[:n], n + m)[:, n:].astype(np.float32)


def pack_rows(bits: Image) -> Words:
    """(rows, ceil(columns / 64)) words; bit j of word w is column 64 w + j."""
    padded = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 64)))
    packed = np.ascontiguousarray(np.packbits(padded, axis=1, bitorder="little"))
    return packed.view("<u8").astype(np.uint64)


def unpack_rows(words: Words, columns: int) -> Image:
    """The bits of `pack_rows`."""
    return np.unpackbits(words.astype("<u8").view(np.uint8), axis=1, count=columns, bitorder="little")


@njit(cache=True, nogil=True)
def reduce_rows(rows: Words, columns: int, pivots: NDArray[np.int64]) -> int:
    """Gauss and Jordan in place on the first ``columns`` columns; the rank. ``pivots[c]`` becomes the row whose first
    one is in column c, if there is such a row."""
    height, width = rows.shape
    rank = 0
    for column in range(columns):
        if rank == height:
            break
        word, mask = column // 64, np.uint64(1) << np.uint64(column % 64)
        pivot = rank
        while pivot < height and not rows[pivot, word] & mask:
            pivot += 1
        if pivot == height:
            continue
        if pivot != rank:
            for w in range(word, width):
                rows[pivot, w], rows[rank, w] = rows[rank, w], rows[pivot, w]
        for row in range(height):
            if row != rank and rows[row, word] & mask:
                for w in range(word, width):
                    rows[row, w] ^= rows[rank, w]
        pivots[column] = rank
        rank += 1
    return rank
