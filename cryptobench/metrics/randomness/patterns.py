"""Frequencies of all patterns: serial and approximate entropy (SP 800-22 rev. 1a, 2.11 and 2.12)."""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics.randomness._windows import shorter, squared_sum, window_histograms
from cryptobench.metrics.randomness.bits import Bits, BitsLike, SequenceError, as_bits, require
from cryptobench.metrics.randomness.outcome import SequenceOutcome, sequence_outcome

__all__ = [
    "approximate_entropy",
    "approximate_entropy_width",
    "block_pattern_counts",
    "count_patterns",
    "serial",
    "serial_width",
]

SERIAL_WIDTH = 16
APPROXIMATE_ENTROPY_WIDTH = 10
WIDEST = 24  # a histogram of 64 MiB


def serial_width(n: int) -> int:
    """The pattern length of the serial test: 16, or the largest below floor(log2 n) - 2 (2.11.7)."""
    return min(SERIAL_WIDTH, n.bit_length() - 1 - 3)


def approximate_entropy_width(n: int) -> int:
    """The block length of approximate entropy: 10, or the largest below floor(log2 n) - 5 (2.12.7)."""
    return min(APPROXIMATE_ENTROPY_WIDTH, n.bit_length() - 1 - 6)


def serial(
    sequence: BitsLike, n: int | None = None, *, width: int | None = None, enforce_limits: bool = True
) -> SequenceOutcome:
    """Whether all patterns of ``width`` bits are equally frequent: first and second difference of psi squared.

    `TooShort` unless 3 <= ``width`` < floor(log2 n) - 2, which 64 bits are the fewest for.
    """
    bits = as_bits(sequence, n)
    m = _width("serial", width, serial_width(bits.n), 3, bits.n, enforce_limits)
    psi = [_psi_squared(bits, k) for k in (m, m - 1, m - 2)]
    statistics = psi[0] - psi[1], psi[0] - 2 * psi[1] + psi[2]
    p_values = [special.gammaincc(2.0 ** (m - 2 - i), statistic / 2) for i, statistic in enumerate(statistics)]
    return sequence_outcome("serial", statistics, p_values, ("p1", "p2"), width=m)


def approximate_entropy(
    sequence: BitsLike, n: int | None = None, *, width: int | None = None, enforce_limits: bool = True
) -> SequenceOutcome:
    """Whether patterns of ``width`` bits foretell the next bit; chi-square with 2^width degrees of freedom.

    `TooShort` unless 1 <= ``width`` < floor(log2 n) - 5, which 128 bits are the fewest for.
    """
    bits = as_bits(sequence, n)
    m = _width("approximate_entropy", width, approximate_entropy_width(bits.n), 1, bits.n, enforce_limits)
    entropy = _phi(bits, m) - _phi(bits, m + 1)
    statistic = max(2 * bits.n * (log(2) - entropy), 0.0)
    p_value = special.gammaincc(2.0 ** (m - 1), statistic / 2)
    return sequence_outcome("approximate_entropy", [statistic], [p_value], width=m)


def count_patterns(bits: Bits, width: int, template: int = 1, blocks: int = 1) -> None:
    """Count circular patterns of ``width`` bits, and those of ``template`` bits in blocks, for later use."""
    widest = max(width, template)
    table, inside = window_histograms(bits.wrapped(), bits.n, widest, template, blocks)
    bits.shared["patterns"] = {widest: table}
    bits.shared["block patterns", template, blocks] = inside


def block_pattern_counts(bits: Bits, width: int, blocks: int) -> NDArray[np.int64]:
    """How often each pattern of ``width`` bits lies in each of ``blocks`` equal blocks: (blocks, 2^width)."""
    key = ("block patterns", width, blocks)
    if key not in bits.shared:
        count_patterns(bits, width, width, blocks)
    counts: NDArray[np.int64] = bits.shared[key]
    return counts


def _pattern_counts(bits: Bits, width: int) -> NDArray[np.uint32]:
    """How often each pattern of ``width`` bits occurs circularly; shorter ones are summed from longer ones."""
    known: dict[int, NDArray[np.uint32]] = bits.shared.get("patterns", {})
    if not any(k >= width for k in known):
        count_patterns(bits, width)
        known = bits.shared["patterns"]
    k = min(k for k in known if k >= width)
    while k > width:
        known[k - 1] = shorter(known[k])
        k -= 1
    return known[width]


def _psi_squared(bits: Bits, width: int) -> float:
    if width == 0:
        return 0.0
    return float(2.0**width / bits.n * squared_sum(_pattern_counts(bits, width)) - bits.n)


def _phi(bits: Bits, width: int) -> float:
    counts = _pattern_counts(bits, width)
    shares = counts[counts > 0] / bits.n
    return float((shares * np.log(shares)).sum())


def _width(test: str, given: int | None, default: int, least: int, n: int, enforce_limits: bool) -> int:
    if given is None:
        require(default >= least, test, f"at least {1 << (least + (3 if test == 'serial' else 6))}", n)
        return default
    most = WIDEST if not enforce_limits else min(WIDEST, n.bit_length() - (4 if test == "serial" else 7))
    if not (least if enforce_limits else 1) <= given <= most:
        raise SequenceError(f"{test} of {n} bits needs patterns of {least} to {most} bits, not {given}")
    return given
