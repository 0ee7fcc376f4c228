"""Occurrences of templates (SP 800-22 rev. 1a, 2.7 and 2.8)."""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log

import numpy as np
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics.randomness._windows import all_ones_counts
from cryptobench.metrics.randomness.bits import BitsLike, SequenceError, as_bits, require
from cryptobench.metrics.randomness.outcome import SequenceOutcome, Variant, check_variant, sequence_outcome
from cryptobench.metrics.randomness.patterns import block_pattern_counts

__all__ = [
    "aperiodic_templates",
    "non_overlapping_moments",
    "non_overlapping_template",
    "overlapping_probabilities",
    "overlapping_template",
]

WIDTH = 9
BLOCKS = 8
OVERLAPPING_BLOCK = 1032
CLASSES = 6  # 0, 1, 2, 3, 4 and more occurrences
FEWEST_EXPECTED = 5
DIGITS = 6  # significant ones, as the text of rev. 1a prints them: what other programs compute with


def non_overlapping_template(
    sequence: BitsLike, n: int | None = None, *, width: int = WIDTH, blocks: int = BLOCKS, enforce_limits: bool = True
) -> SequenceOutcome:
    """Whether each aperiodic template of ``width`` bits (148 for 9) occurs in every block as often as it should.

    Chi-square with a degree of freedom a block, one p-value a template. Occurrences of an aperiodic template cannot
    overlap, so that all are read from a histogram. The standard names no length; `TooShort` where fewer than five
    occurrences are expected in a block (20 544 bits). `SequenceError` for a width outside 2..16.
    """
    bits = as_bits(sequence, n)
    if not 2 <= width <= 16 or not 1 <= blocks <= 100:
        raise SequenceError(
            f"non_overlapping_template needs 2 to 16 bits and 1 to 100 blocks, not {width} and {blocks}"
        )
    fewest = blocks * (FEWEST_EXPECTED * 2**width + width - 1 if enforce_limits else 2 * width)
    require(bits.n >= fewest, "non_overlapping_template", f"at least {fewest}", bits.n)
    size = bits.n // blocks
    templates = aperiodic_templates(width)
    found = block_pattern_counts(bits, width, blocks)[:, templates]
    mean, variance = non_overlapping_moments(size, width)
    statistics = ((found - mean) ** 2).sum(axis=0) / variance
    p_values = special.gammaincc(blocks / 2, statistics / 2)
    return sequence_outcome("non_overlapping_template", statistics, p_values, _names(width), width=width, blocks=blocks)


def overlapping_template(
    sequence: BitsLike,
    n: int | None = None,
    *,
    width: int = WIDTH,
    block: int = OVERLAPPING_BLOCK,
    variant: Variant = "standard",
    enforce_limits: bool = True,
) -> SequenceOutcome:
    """Whether ``width`` ones in a row occur in blocks as often as they should; chi-square over classes 0..4 and more.

    Standard: class probabilities by the asymptotic formula of 3.8 for half the expected number, as in the reference
    code and the published values; corrected: the exact ones, to the six digits of the text of rev. 1a (Hamano and
    Kaneko, IEICE Transactions on Fundamentals E90-A, 2007). `TooShort` below 1 000 000 bits.
    """
    check_variant(variant)
    bits = as_bits(sequence, n)
    require(not enforce_limits or bits.n >= 1_000_000, "overlapping_template", "at least 1000000", bits.n)
    require(bits.n >= block, "overlapping_template", f"a block of {block}", bits.n)
    if not 2 <= width <= min(block, 64):
        raise SequenceError(f"overlapping_template needs 2 to {min(block, 64)} ones, not {width}")
    blocks = bits.n // block
    key = ("all ones", block, width)
    if key not in bits.shared:
        bits.shared[key] = all_ones_counts(bits.words, blocks, block, width)
    found = np.bincount(np.minimum(bits.shared[key], CLASSES - 1), minlength=CLASSES)
    expected = blocks * overlapping_probabilities(width, block, variant)
    statistic = float(((found - expected) ** 2 / expected).sum())
    p_value = special.gammaincc((CLASSES - 1) / 2, statistic / 2)
    return sequence_outcome("overlapping_template", [statistic], [p_value], variant=variant, width=width, block=block)


def non_overlapping_moments(size: int, width: int = WIDTH) -> tuple[float, float]:
    """Mean and variance of the occurrences of an aperiodic template in ``size`` bits (2.7.4)."""
    return (size - width + 1) / 2**width, size * (1 / 2**width - (2 * width - 1) / 2 ** (2 * width))


@lru_cache(maxsize=16)
def aperiodic_templates(width: int) -> NDArray[np.int64]:
    """The patterns of ``width`` bits that no shift brings to overlap with themselves, in ascending order."""
    patterns = np.arange(1 << width)
    aperiodic = np.ones(patterns.size, bool)
    for overlap in range(1, width):
        aperiodic &= patterns >> (width - overlap) != patterns & ((1 << overlap) - 1)
    return patterns[aperiodic]


@lru_cache(maxsize=16)
def _names(width: int) -> tuple[str, ...]:
    return tuple(f"{pattern:0{width}b}" for pattern in aperiodic_templates(width))


@lru_cache(maxsize=16)
def overlapping_probabilities(width: int, block: int, variant: Variant) -> NDArray[np.float64]:
    """The probabilities of 0..4 and of more overlapping occurrences of ``width`` ones in a block: (6,)."""
    if variant == "standard":
        half = (block - width + 1) / 2 ** (width + 1)
        first = [_compound_poisson(count, half) for count in range(CLASSES - 1)]
        return np.array([*first, 1 - sum(first)])
    # state[c, r]: c occurrences so far, the last r bits (at most width) are ones
    state = np.zeros((CLASSES, width + 1))
    state[0, 0] = 1.0
    for _ in range(block):
        following = np.zeros_like(state)
        following[:, 0] = state.sum(axis=1) / 2
        following[:, 1:width] = state[:, : width - 1] / 2
        occurring = (state[:, width - 1] + state[:, width]) / 2
        following[1:, width] = occurring[:-1]
        following[-1, width] += occurring[-1]
        state = following
    return np.array([float(f"{probability:.{DIGITS}g}") for probability in state.sum(axis=1)])


def _compound_poisson(count: int, half: float) -> float:
    """P(U = count) of 3.8, ``half`` being eta."""
    if count == 0:
        return exp(-half)
    return sum(
        exp(-half - count * log(2) + k * log(half) - lgamma(k + 1) + lgamma(count) - lgamma(k) - lgamma(count - k + 1))
        for k in range(1, count + 1)
    )
