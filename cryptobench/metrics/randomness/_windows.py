"""Histograms of bit patterns and occurrences of the all-ones template."""

from __future__ import annotations

import numpy as np
from numba import njit

from cryptobench.metrics.randomness.bits import popcount, top_mask, word_at

__all__ = ["all_ones_counts", "window_histograms"]

_STEP = 32  # windows taken from one word: they may be up to 33 bits wide


@njit(cache=True, nogil=True)
def _add_windows(words: np.ndarray, start: int, stop: int, width: int, table: np.ndarray) -> None:
    """Count the ``width``-bit windows that begin at bits start..stop - 1."""
    mask = (np.uint64(1) << np.uint64(width)) - np.uint64(1)
    top = np.uint64(64 - width)
    for position in range(start, stop, _STEP):
        word = word_at(words, position)
        if position + _STEP <= stop:
            for j in range(_STEP):
                table[(word >> (top - np.uint64(j))) & mask] += np.uint32(1)
        else:
            for j in range(stop - position):
                table[(word >> (top - np.uint64(j))) & mask] += np.uint32(1)


@njit(cache=True, nogil=True)
def _add_prefixes(table: np.ndarray, out: np.ndarray, sign: int) -> None:
    """Add to ``out`` (or take away) the table summed over all windows that begin alike."""
    each = table.size // out.size
    for i in range(out.size):
        total = np.int64(0)
        for count in table[i * each : (i + 1) * each]:
            total += np.int64(count)
        out[i] += sign * total


@njit(cache=True, nogil=True)
def window_histograms(
    wrapped: np.ndarray, n: int, width: int, prefix: int, blocks: int
) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the n circular windows, and of the shorter windows inside each block, in one pass.

    ``wrapped`` repeats the first bits behind the last. Returns (2^width,) uint32 for windows of ``width`` bits, and
    (blocks, 2^prefix) int64 for windows of ``prefix`` bits, 1 to ``width``, that lie in blocks of n // blocks bits.
    """
    table = np.zeros(1 << width, np.uint32)
    inside = np.zeros((blocks, 1 << prefix), np.int64)
    position = 0
    for block in range(blocks):
        end = (block + 1) * (n // blocks)
        last = max(position, end - prefix + 1)
        _add_prefixes(table, inside[block], -1)
        _add_windows(wrapped, position, last, width, table)
        _add_prefixes(table, inside[block], 1)
        _add_windows(wrapped, last, end, width, table)
        position = end
    _add_windows(wrapped, position, n, width, table)
    return table, inside


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
