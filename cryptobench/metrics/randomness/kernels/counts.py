"""Ones and runs."""

from __future__ import annotations

import numpy as np
from numba import njit

from cryptobench.metrics.randomness.kernels.bitops import leading_zeros, popcount, top_mask, trailing_zeros, word_at

__all__ = ["block_ones", "count_changes", "count_ones", "longest_runs"]

ONE, SIXTY_THREE = np.uint64(1), np.uint64(63)


@njit(cache=True, nogil=True)
def count_ones(words: np.ndarray) -> int:
    """How many bits are set."""
    total = np.uint64(0)
    for word in words:
        total += popcount(word)
    return int(total)


@njit(cache=True, nogil=True)
def block_ones(words: np.ndarray, blocks: int, size: int) -> np.ndarray:
    """How many bits are set in each of the first ``blocks`` runs of ``size`` bits: int64."""
    out = np.empty(blocks, np.int64)
    for block in range(blocks):
        total = np.uint64(0)
        for offset in range(0, size, 64):
            total += popcount(word_at(words, block * size + offset) & top_mask(size - offset))
        out[block] = np.int64(total)
    return out


@njit(cache=True, nogil=True)
def count_changes(words: np.ndarray, n: int) -> int:
    """How many of the ``n`` bits differ from the one before."""
    total = np.uint64(0)
    for i in range((n + 62) // 64):  # words that hold one of the first n - 1 bits
        following = (words[i] << ONE) | (words[i + 1] >> SIXTY_THREE)
        total += popcount((words[i] ^ following) & top_mask(n - 1 - 64 * i))
    return int(total)


@njit(cache=True, nogil=True)
def longest_runs(words: np.ndarray, blocks: int, size: int) -> np.ndarray:
    """The longest run of ones in each of the first ``blocks`` runs of ``size`` bits: int64."""
    out = np.empty(blocks, np.int64)
    for block in range(blocks):
        longest = running = np.int64(0)  # running: ones up to here without a break
        for offset in range(0, size, 64):
            held = min(size - offset, 64)
            word = word_at(words, block * size + offset) & top_mask(held)
            head = np.int64(leading_zeros(~word))
            if head >= held:
                running += held
                continue
            longest = max(longest, running + head)
            running = np.int64(trailing_zeros(~(word >> np.uint64(64 - held))))
            inside = np.int64(0)
            while word:
                word &= word << ONE
                inside += 1
            longest = max(longest, inside)
        out[block] = max(longest, running)
    return out
