"""Ranks of binary matrices (SP 800-22 rev. 1a, 2.5)."""

from __future__ import annotations

from math import exp, prod

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.metrics.randomness.bits import BitsLike, SequenceError, as_bits, require, trailing_zeros, word_at
from cryptobench.metrics.randomness.outcome import SequenceOutcome, sequence_outcome

__all__ = ["SIDE", "matrix_ranks", "rank", "rank_classes", "rank_probability"]

SIDE = 32
MATRICES = 38  # the fewest that the chi-square approximation is good for


def rank(sequence: BitsLike, n: int | None = None, *, side: int = SIDE, enforce_limits: bool = True) -> SequenceOutcome:
    """Whether square matrices of ``side`` <= 32 bits have full rank, one less, or less as often as they should.

    Chi-square with two degrees of freedom. `TooShort` below 38 matrices (38 912 bits), `SequenceError` for other sides.
    """
    bits = as_bits(sequence, n)
    if not 2 <= side <= SIDE:
        raise SequenceError(f"rank needs matrices with 2 to {SIDE} rows, not {side}")
    fewest = (MATRICES if enforce_limits else 1) * side * side
    require(bits.n >= fewest, "rank", f"at least {fewest}", bits.n)
    matrices = bits.n // (side * side)
    ranks = matrix_ranks(bits.words, matrices, side, side)
    full, less = int((ranks == side).sum()), int((ranks == side - 1).sum())
    found = (full, less, matrices - full - less)
    probabilities = rank_classes(side)
    statistic = sum((f - matrices * p) ** 2 / (matrices * p) for f, p in zip(found, probabilities, strict=True))
    return sequence_outcome("rank", [statistic], [exp(-statistic / 2)], side=side)


def rank_classes(side: int) -> NDArray[np.float64]:
    """The probabilities of full rank, of one less, and of less: (3,)."""
    full, less = rank_probability(side, side), rank_probability(side - 1, side)
    return np.array([full, less, 1 - (full + less)])


def rank_probability(r: int, side: int) -> float:
    """The probability that a random square binary matrix has rank ``r`` (3.5)."""
    exponent = r * (2 * side - r) - side * side
    return 2.0**exponent * prod((1 - 2.0 ** (i - side)) ** 2 / (1 - 2.0 ** (i - r)) for i in range(r))


@njit(cache=True, nogil=True)
def matrix_ranks(words: np.ndarray, matrices: int, rows: int, columns: int) -> np.ndarray:
    """Ranks over GF(2) of consecutive matrices, filled row by row, of at most 32 columns: int64.

    Every row that is not zero clears its lowest bit in all rows; rows above are no longer looked at.
    """
    out = np.empty(matrices, np.int64)
    matrix = np.empty(rows, np.uint32)
    for k in range(matrices):
        start = k * rows * columns
        for r in range(rows):
            matrix[r] = np.uint32(word_at(words, start + r * columns) >> np.uint64(64 - columns))
        rank = 0
        for r in range(rows):
            row = matrix[r]
            rank += row != 0
            bit = np.uint32(trailing_zeros(np.uint64(row))) & np.uint32(31)
            for other in range(rows):
                matrix[other] ^= row & (np.uint32(0) - ((matrix[other] >> bit) & np.uint32(1)))
        out[k] = rank
    return out
