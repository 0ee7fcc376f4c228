"""Distances between equal blocks, for the universal test."""

from __future__ import annotations

import numpy as np
from numba import njit

from cryptobench.metrics.randomness.kernels.bitops import word_at

__all__ = ["sum_log_distances"]

_FACTORS = 16  # distances below 2^60 multiplied before one logarithm: their product stays finite


@njit(cache=True, nogil=True)
def sum_log_distances(words: np.ndarray, width: int, first: int, tested: int) -> float:
    """Sum of log2 of the distance to the last equal block of ``width`` bits, over ``tested`` blocks after ``first``."""
    last = np.zeros(1 << width, np.int64)
    back = np.uint64(64 - width)
    total, product = 0.0, 1.0
    for i in range(1, first + tested + 1):
        pattern = word_at(words, (i - 1) * width) >> back
        if i > first:
            product *= i - last[pattern]
            if i % _FACTORS == 0:
                total += np.log2(product)
                product = 1.0
        last[pattern] = i
    return float(total + np.log2(product))
