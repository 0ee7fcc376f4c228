"""Ranks of binary matrices (SP 800-22 rev. 1a, 2.5)."""

from __future__ import annotations

from math import exp, prod

from cryptobench.metrics.randomness.bits import BitsLike, SequenceError, as_bits, require
from cryptobench.metrics.randomness.kernels.matrices import matrix_ranks
from cryptobench.metrics.randomness.outcome import Outcome, outcome

__all__ = ["rank", "rank_probability"]

SIDE = 32
MATRICES = 38  # the fewest that the chi-square approximation is good for


def rank(sequence: BitsLike, n: int | None = None, *, side: int = SIDE, enforce_limits: bool = True) -> Outcome:
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
    probabilities = [rank_probability(side, side), rank_probability(side - 1, side)]
    probabilities.append(1 - sum(probabilities))
    statistic = sum((f - matrices * p) ** 2 / (matrices * p) for f, p in zip(found, probabilities, strict=True))
    return outcome("rank", [statistic], [exp(-statistic / 2)], side=side)


def rank_probability(r: int, side: int) -> float:
    """The probability that a random square binary matrix has rank ``r`` (3.5)."""
    exponent = r * (2 * side - r) - side * side
    return 2.0**exponent * prod((1 - 2.0 ** (i - side)) ** 2 / (1 - 2.0 ** (i - r)) for i in range(r))
