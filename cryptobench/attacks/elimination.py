"""Linear equations over GF(2) and over Z/256."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["solve_gf2", "solve_z256"]

Words = NDArray[np.uint64]


def solve_gf2(matrix: Image, wanted: Image) -> Image | None:
    """x, (n,) bits, of ``matrix`` x = ``wanted`` over GF(2): (m, n) and (m,) bits, m >= n.

    None if the columns are dependent. Equations beyond the first n independent ones are not looked at.
    """
    count = matrix.shape[1]
    rows = _packed(np.concatenate([matrix, wanted[:, None]], axis=1))
    if not _reduce(rows, count):
        return None
    return _unpacked(rows[:count], count + 1)[:, count]


def solve_z256(matrix: Image, wanted: Image) -> Image | None:
    """x, (n,) bytes, of ``matrix`` x = ``wanted`` mod 256: (m, n) and (m,) bytes, m >= n.

    None if the columns are dependent mod 2, so that x is not unique. Bit by bit, after Dixon, Numer. Math. 40 (1982)
    137-141: a left inverse mod 2 gives the lowest bits, and the rest, halved, is solved again.
    """
    m, n = matrix.shape
    rows = _packed(np.concatenate([matrix & 1, np.eye(m, dtype=np.uint8)], axis=1))
    if not _reduce(rows, n):
        return None
    inverse = _unpacked(rows[:n], n + m)[:, n:].astype(np.float32)
    coefficients = matrix.astype(np.float32)  # sums stay below 2^24, so float32 is exact
    x, rest = np.zeros(n, np.uint8), wanted.astype(np.int64)
    for bit in range(8):
        digit = (inverse @ (rest & 1).astype(np.float32)).astype(np.int64) & 1
        x |= (digit << bit).astype(np.uint8)
        rest = (rest - (coefficients @ digit.astype(np.float32)).astype(np.int64)) >> 1
    return x


def _packed(bits: Image) -> Words:
    """(rows, ceil(columns / 64)) words; bit j of word w is column 64 w + j."""
    padded = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 64)))
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def _unpacked(words: Words, columns: int) -> Image:
    return np.unpackbits(words.astype("<u8").view(np.uint8), axis=1, count=columns, bitorder="little")


@njit(cache=True, nogil=True)
def _reduce(rows: Words, columns: int) -> bool:
    """Gauss and Jordan in place: the first ``columns`` rows begin with the identity; False if they cannot."""
    height, width = rows.shape
    for column in range(columns):
        word, mask = column // 64, np.uint64(1) << np.uint64(column % 64)
        pivot = column
        while pivot < height and not rows[pivot, word] & mask:
            pivot += 1
        if pivot == height:
            return False
        if pivot != column:
            for w in range(word, width):
                rows[pivot, w], rows[column, w] = rows[column, w], rows[pivot, w]
        for row in range(height):
            if row != column and rows[row, word] & mask:
                for w in range(word, width):
                    rows[row, w] ^= rows[column, w]
    return True
