"""Histograms of bit patterns and occurrences of the all-ones template."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from cryptobench.metrics.randomness.bits import ONE, popcount, top_mask, trailing_zeros, word_at

__all__ = ["all_ones_counts", "shorter", "squared_sum", "window_histograms"]

_STEP = 32  # windows taken from one word: they may be up to 33 bits wide


@njit(cache=True, nogil=True, inline="always")
def _add(window: Any, shift: Any, low: np.ndarray, high: np.ndarray, carried: np.ndarray) -> None:
    count = np.uint8(low[window] + ONE)
    low[window] = count
    if count == 0:
        high[window] += np.uint32(256)
        carried[window >> shift] += 256


@njit(cache=True, nogil=True)
def _add_windows(
    words: np.ndarray, start: int, stop: int, width: int, low: np.ndarray, high: np.ndarray, carried: np.ndarray
) -> None:
    """Count the ``width``-bit windows that begin at bits start..stop - 1."""
    mask = (ONE << np.uint64(width)) - ONE
    top, shift = np.uint64(64 - width), trailing_zeros(np.uint64(low.size // carried.size))
    for position in range(start, stop, _STEP):
        word = word_at(words, position)
        if position + _STEP <= stop:
            for j in range(_STEP):
                _add((word >> (top - np.uint64(j))) & mask, shift, low, high, carried)
        else:
            for j in range(stop - position):
                _add((word >> (top - np.uint64(j))) & mask, shift, low, high, carried)


@njit(cache=True, nogil=True)
def _add_prefixes(low: np.ndarray, carried: np.ndarray, out: np.ndarray, sign: int) -> None:
    """Add to ``out`` (or take away) the counts summed over all windows that begin alike."""
    each = low.size // out.size
    for i in range(out.size):
        total = np.uint32(0)
        for count in low[i * each : (i + 1) * each]:
            total = np.uint32(total + np.uint32(count))
        out[i] += sign * (np.int64(total) + carried[i])


@njit(cache=True, nogil=True)
def window_histograms(
    wrapped: np.ndarray, n: int, width: int, prefix: int, blocks: int
) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the n circular windows, and of the shorter windows inside each block, in one pass.

    ``wrapped`` repeats the first bits behind the last. Returns (2^width,) uint32 for windows of ``width`` bits, and
    (blocks, 2^prefix) int64 for windows of ``prefix`` bits, 1 to ``width``, that lie in blocks of n // blocks bits.
    """
    # Counts modulo 256 stay in the first-level cache; the rest is counted when it occurs, by window and by prefix.
    low, high = np.zeros(1 << width, np.uint8), np.zeros(1 << width, np.uint32)
    inside, carried = np.zeros((blocks, 1 << prefix), np.int64), np.zeros(1 << prefix, np.int64)
    position = 0
    for block in range(blocks):
        end = (block + 1) * (n // blocks)
        last = max(position, end - prefix + 1)
        _add_windows(wrapped, position, last, width, low, high, carried)
        _add_prefixes(low, carried, inside[block], 1)
        _add_windows(wrapped, last, end, width, low, high, carried)
        if block + 1 < blocks:
            _add_prefixes(low, carried, inside[block + 1], -1)
        position = end
    _add_windows(wrapped, position, n, width, low, high, carried)
    return high + low, inside


@njit(cache=True, nogil=True)
def shorter(counts: np.ndarray) -> np.ndarray:
    """The counts, uint32, of windows shorter by their last bit."""
    out = np.empty(counts.size // 2, np.uint32)
    for i in range(out.size):
        out[i] = counts[2 * i] + counts[2 * i + 1]
    return out


@njit(cache=True, nogil=True)
def squared_sum(counts: np.ndarray) -> float:
    """Sum of the squares of uint32 counts, exact below 2^53."""
    total = np.uint64(0)
    for count in counts:
        total += np.uint64(count) * np.uint64(count)
    return float(total)


@njit(cache=True, nogil=True)
def all_ones_counts(words: np.ndarray, blocks: int, size: int, width: int) -> np.ndarray:
    """How many windows of ``width`` <= 64 ones, overlapping, lie in each of ``blocks`` runs of ``size`` bits: int64."""
    out = np.zeros(blocks, np.int64)
    starts = size - width + 1
    for block in range(blocks):
        total = np.uint64(0)
        for offset in range(0, starts, 64):
            word = word_at(words, block * size + offset)
            behind = word_at(words, block * size + offset + 64)
            reach = 1  # bit i of word: ones from i to i + reach - 1
            while reach < width:
                shift = np.uint64(min(reach, width - reach))
                word &= (word << shift) | (behind >> (np.uint64(64) - shift))
                behind &= behind << shift
                reach += int(shift)
            total += popcount(word & top_mask(starts - offset))
        out[block] = np.int64(total)
    return out
