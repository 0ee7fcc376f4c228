"""Ones against zeros: in the whole sequence and in blocks (SP 800-22 rev. 1a, 2.1 and 2.2)."""

from __future__ import annotations

from math import erfc, sqrt

from scipy import special

from cryptobench.metrics.randomness.bits import Bits, BitsLike, SequenceError, as_bits, block_ones, count_ones, require
from cryptobench.metrics.randomness.outcome import SequenceOutcome, sequence_outcome

__all__ = ["block_frequency", "block_frequency_size", "frequency", "ones"]

BLOCK = 128  # the reference code's block length, and that of the standard's reference values


def frequency(sequence: BitsLike, n: int | None = None, *, enforce_limits: bool = True) -> SequenceOutcome:
    """Whether ones and zeros are equally frequent; the statistic is |ones - zeros| / sqrt(n).

    `TooShort` below 100 bits.
    """
    bits = as_bits(sequence, n)
    require(not enforce_limits or bits.n >= 100, "frequency", "at least 100", bits.n)
    statistic = abs(2 * ones(bits) - bits.n) / sqrt(bits.n)
    return sequence_outcome("frequency", [statistic], [erfc(statistic / sqrt(2))])


def block_frequency(
    sequence: BitsLike, n: int | None = None, *, block: int | None = None, enforce_limits: bool = True
) -> SequenceOutcome:
    """Whether half of every block are ones; chi-square with one degree of freedom a block.

    ``block`` is 128 bits unless given, in sequences shorter than 1280 bits a tenth of them but at least 20.
    `TooShort` below 100 bits, `SequenceError` for blocks below 20 bits or longer than the sequence.
    """
    bits = as_bits(sequence, n)
    require(not enforce_limits or bits.n >= 100, "block_frequency", "at least 100", bits.n)
    size = block_frequency_size(bits.n) if block is None else block
    if not (20 if enforce_limits else 1) <= size <= bits.n:
        raise SequenceError(f"block_frequency needs blocks of 20 to {bits.n} bits, not {size}")
    blocks = bits.n // size
    excess = 2 * block_ones(bits.words, blocks, size) - size
    statistic = float((excess * excess).sum()) / size
    return sequence_outcome("block_frequency", [statistic], [special.gammaincc(blocks / 2, statistic / 2)], block=size)


def block_frequency_size(n: int) -> int:
    """The length of a block unless given, of ``n`` bits."""
    return min(BLOCK, max(20, n // 10))


def ones(bits: Bits) -> int:
    """The number of ones."""
    if "ones" not in bits.shared:
        bits.shared["ones"] = int(count_ones(bits.words))
    found: int = bits.shared["ones"]
    return found
