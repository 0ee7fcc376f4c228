"""Ranks of binary matrices over GF(2)."""

from __future__ import annotations

import numpy as np
from numba import njit

from cryptobench.metrics.randomness.kernels.bitops import word_at

__all__ = ["matrix_ranks"]


@njit(cache=True, nogil=True)
def matrix_ranks(words: np.ndarray, matrices: int, rows: int, columns: int) -> np.ndarray:
    """Ranks over GF(2) of consecutive matrices, filled row by row, of at most 32 columns: int64."""
    out = np.empty(matrices, np.int64)
    matrix = np.empty(rows, np.uint32)
    for k in range(matrices):
        start = k * rows * columns
        for r in range(rows):
            matrix[r] = np.uint32(word_at(words, start + r * columns) >> np.uint64(64 - columns))
        rank = 0
        for c in range(columns - 1, -1, -1):
            bit = np.uint32(c)
            pivot = rank
            while pivot < rows and not (matrix[pivot] >> bit) & np.uint32(1):
                pivot += 1
            if pivot == rows:
                continue
            row = matrix[pivot]
            matrix[pivot] = matrix[rank]
            for r in range(rows):  # rows above are no longer looked at
                matrix[r] ^= row & (np.uint32(0) - ((matrix[r] >> bit) & np.uint32(1)))
            rank += 1
            if rank == rows:
                break
        out[k] = rank
    return out
