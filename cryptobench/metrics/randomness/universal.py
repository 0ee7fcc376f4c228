"""Maurer's universal statistic (SP 800-22 rev. 1a, 2.9)."""

from __future__ import annotations

from math import erfc, sqrt

import numpy as np
from numba import njit

from cryptobench.metrics.randomness.bits import BitsLike, SequenceError, as_bits, require, word_at
from cryptobench.metrics.randomness.outcome import SequenceOutcome, sequence_outcome

__all__ = ["MOMENTS", "sum_log_distances", "universal"]

# Block length L: fewest bits (2.9.7), expected value and variance of log2 of the distance (2.9.4, step 5).
MOMENTS = {
    6: (387_840, 5.2177052, 2.954),
    7: (904_960, 6.1962507, 3.125),
    8: (2_068_480, 7.1836656, 3.238),
    9: (4_654_080, 8.1764248, 3.311),
    10: (10_342_400, 9.1723243, 3.356),
    11: (22_753_280, 10.170032, 3.384),
    12: (49_643_520, 11.168765, 3.401),
    13: (107_560_960, 12.168070, 3.410),
    14: (231_669_760, 13.167693, 3.416),
    15: (496_435_200, 14.167488, 3.419),
    16: (1_059_061_760, 15.167379, 3.421),
}
_FACTORS = 16  # distances below 2^60 multiplied before one logarithm: their product stays finite


def universal(sequence: BitsLike, n: int | None = None, *, block: int | None = None) -> SequenceOutcome:
    """Whether equal blocks are as far apart as in incompressible sequences; the statistic is the mean log2 distance.

    ``block`` is L = 6..16, the largest that the standard's table has for this length unless given; the first 10 2^L
    blocks only fill the table. `TooShort` below 387 840 bits or 20 2^L blocks, `SequenceError` for other L.
    """
    bits = as_bits(sequence, n)
    if block is None:
        require(bits.n >= MOMENTS[6][0], "universal", f"at least {MOMENTS[6][0]}", bits.n)
        block = max(size for size, (fewest, _, _) in MOMENTS.items() if bits.n >= fewest)
    if block not in MOMENTS:
        raise SequenceError(f"universal needs blocks of 6 to 16 bits, not {block}")
    first = 10 << block
    tested = bits.n // block - first
    require(tested >= first, "universal", f"at least {2 * first * block}", bits.n)
    statistic = float(sum_log_distances(bits.words, block, first, tested)) / tested
    _, mean, variance = MOMENTS[block]
    shrink = 0.7 - 0.8 / block + (4 + 32 / block) * tested ** (-3 / block) / 15
    deviation = shrink * sqrt(variance / tested)
    return sequence_outcome(
        "universal", [statistic], [erfc(abs(statistic - mean) / (sqrt(2) * deviation))], block=block, first=first
    )


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
