"""Lengths of the shortest linear-feedback shift registers: Berlekamp and Massey on 64-bit words, many blocks abreast.

Instead of the connection polynomials C and B, a block keeps their products with its bits, shifted so that the first bit
of ``current`` is the next discrepancy and the first bit of ``previous`` the one that B failed at. A discrepancy is then
one bit, and no shift depends on the data: the same step serves all blocks (Massey, IEEE Transactions on Information
Theory 15, 1969).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from cryptobench.metrics.randomness.kernels.bitops import word_at

__all__ = ["linear_complexities"]

_ABREAST = 100  # blocks; their registers fit the first-level cache for blocks of 500 bits
ZERO, ONE, SIXTY_THREE = np.uint64(0), np.uint64(1), np.uint64(63)


@njit(cache=True, nogil=True)
def linear_complexities(words: np.ndarray, blocks: int, size: int) -> np.ndarray:
    """Length of the shortest register that makes each of the first ``blocks`` runs of ``size`` bits: int64."""
    lengths = np.zeros(blocks, np.int64)
    held = (size + 63) // 64
    for start in range(0, blocks, _ABREAST):
        abreast = min(_ABREAST, blocks - start)
        current = np.zeros((held + 1, abreast), np.uint64)
        previous = np.zeros((held + 1, abreast), np.uint64)
        carried, add, replace = previous[1].copy(), previous[1].copy(), previous[1].copy()
        for w in range(held):
            for b in range(abreast):
                current[w, b] = word_at(words, (start + b) * size + 64 * w)
        previous[0] = ONE << SIXTY_THREE
        for seen in range(size):
            _decide(current[0], previous[0], lengths[start : start + abreast], seen, carried, add, replace)
            for w in range((size - seen + 63) // 64):
                _advance(current[w], current[w + 1], previous[w + 1], carried, add, replace)
    return lengths


@njit(cache=True, nogil=True)
def _decide(
    current: np.ndarray,
    previous: np.ndarray,
    lengths: np.ndarray,
    seen: int,
    carried: np.ndarray,
    add: np.ndarray,
    replace: np.ndarray,
) -> None:
    """From the first words: the masks of blocks that add ``previous`` and of those that replace it, and new lengths."""
    for b in range(lengths.size):
        word, other = current[b], previous[b]
        add[b] = ZERO - (word >> SIXTY_THREE)
        replace[b] = add[b] & (ZERO - np.uint64(2 * lengths[b] <= seen))
        lengths[b] = seen + 1 - lengths[b] if replace[b] else lengths[b]
        carried[b] = word ^ (other & add[b])
        previous[b] = other ^ ((other ^ word) & replace[b])


@njit(cache=True, nogil=True)
def _advance(
    target: np.ndarray,
    current: np.ndarray,
    previous: np.ndarray,
    carried: np.ndarray,
    add: np.ndarray,
    replace: np.ndarray,
) -> None:
    """Add and replace one word of every block, and shift it by one bit into ``target``, the word before."""
    for b in range(target.size):
        word, other = current[b], previous[b]
        following = word ^ (other & add[b])
        previous[b] = other ^ ((other ^ word) & replace[b])
        target[b] = (carried[b] << ONE) | (following >> SIXTY_THREE)
        carried[b] = following
