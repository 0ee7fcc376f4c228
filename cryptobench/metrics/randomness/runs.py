"""Runs: their number, and the longest in blocks (SP 800-22 rev. 1a, 2.3 and 2.4)."""

from __future__ import annotations

from functools import lru_cache
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics.randomness.bits import BitsLike, as_bits, count_changes, longest_runs, require
from cryptobench.metrics.randomness.frequency import ones
from cryptobench.metrics.randomness.outcome import SequenceOutcome, Variant, check_variant, sequence_outcome

__all__ = ["LONGEST_RUN_CLASSES", "longest_run", "longest_run_classes", "longest_run_probabilities", "runs"]

# From n bits on: block length, longest run of the first and of the last class, probabilities of the classes (the
# reference code's digits; the text of 2.4.4 and 3.4 rounds them to four).
LONGEST_RUN_CLASSES = (
    (750_000, 10_000, 10, 16, (0.0882, 0.2092, 0.2483, 0.1933, 0.1208, 0.0675, 0.0727)),
    (6272, 128, 4, 9, (0.1174035788, 0.242955959, 0.249363483, 0.17517706, 0.102701071, 0.112398847)),
    (128, 8, 1, 4, (0.21484375, 0.3671875, 0.23046875, 0.1875)),
)


def runs(sequence: BitsLike, n: int | None = None, *, enforce_limits: bool = True) -> SequenceOutcome:
    """Whether bits change as often as they should; the statistic is the number of runs.

    The p-value is 0 where the share of ones is 2 / sqrt(n) or more from 1/2. `TooShort` below 100 bits.
    """
    bits = as_bits(sequence, n)
    require(not enforce_limits or bits.n >= 100, "runs", "at least 100", bits.n)
    share = ones(bits) / bits.n
    number = int(count_changes(bits.words, bits.n)) + 1
    if abs(share - 0.5) >= 2 / sqrt(bits.n):
        return sequence_outcome("runs", [number], [0.0])
    spread = 2 * share * (1 - share)
    return sequence_outcome("runs", [number], [erfc(abs(number - bits.n * spread) / (sqrt(2 * bits.n) * spread))])


def longest_run(
    sequence: BitsLike, n: int | None = None, *, variant: Variant = "standard", enforce_limits: bool = True
) -> SequenceOutcome:
    """Whether the longest runs of ones in blocks are as long as they should be; chi-square over classes.

    Blocks have 8 bits, from 6272 bits on 128, from 750 000 bits on 10 000. Corrected: exact class probabilities, from
    which those of the standard's largest blocks are up to 0.0016 away. `TooShort` below 128 bits.
    """
    check_variant(variant)
    bits = as_bits(sequence, n)
    require(not enforce_limits or bits.n >= 128, "longest_run", "at least 128", bits.n)
    require(bits.n >= 8, "longest_run", "a block of at least 8", bits.n)
    size, first, last, standard = longest_run_classes(bits.n)
    blocks = bits.n // size
    if "longest runs" not in bits.shared:
        longest = np.clip(longest_runs(bits.words, blocks, size), first, last)
        bits.shared["longest runs"] = np.bincount(longest - first, minlength=last - first + 1)
    probabilities = np.array(standard) if variant == "standard" else longest_run_probabilities(size, first, last)
    expected = blocks * probabilities
    statistic = float(((bits.shared["longest runs"] - expected) ** 2 / expected).sum())
    p_value = special.gammaincc((last - first) / 2, statistic / 2)
    return sequence_outcome("longest_run", [statistic], [p_value], variant=variant, block=size)


def longest_run_classes(n: int) -> tuple[int, int, int, tuple[float, ...]]:
    """Of ``n`` bits: block length, longest run of the first and of the last class, the standard's probabilities."""
    _, size, first, last, standard = next((row for row in LONGEST_RUN_CLASSES if n >= row[0]), LONGEST_RUN_CLASSES[-1])
    return size, first, last, standard


@lru_cache(maxsize=8)
def longest_run_probabilities(size: int, first: int, last: int) -> NDArray[np.float64]:
    """The probabilities that the longest run of ones in a block is <= first, first + 1, ..., >= last, exactly.

    By the recurrence P_k = P_k-1 - P_k-r-2 / 2^(r+2) for k bits without a run longer than r (Schilling, "The longest
    run of heads", College Mathematics Journal 21, 1990).
    """
    at_most = []
    for r in range(first, last):
        p = [1.0] * (r + 1) + [1 - 2.0 ** -(r + 1)]
        for k in range(r + 2, size + 1):
            p.append(p[k - 1] - p[k - r - 2] / 2 ** (r + 2))
        at_most.append(p[size])
    return np.diff([0.0, *at_most, 1.0])
