"""A chain of blocks, each through a balanced Feistel network whose round function runs through the whole half."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["feistel_chain", "feistel_unchain"]

Bytes = NDArray[np.uint8]


@njit(cache=True, nogil=True)
def _round(left: Bytes, right: Bytes, k: int, box: Bytes) -> None:
    """left_j ^= t_j with t_j = box[(rotl8(right_j, k mod 8) + k + t_(j-1)) mod 256] and t_(-1) = right's last byte."""
    turn, key = np.uint32(k & 7), np.uint32(k)
    t = np.uint32(right[len(right) - 1])
    for j in range(len(right)):
        r = np.uint32(right[j])
        turned = r << turn | r >> (np.uint32(8) - turn)
        t = np.uint32(box[(turned + key + t) & np.uint32(255)])
        left[j] ^= np.uint8(t)


@njit(cache=True, nogil=True)
def feistel_chain(blocks: Bytes, keys: Bytes, box: Bytes, start: Bytes, backward: bool) -> Bytes:
    """C_i = E(P_i xor C_(i-1)) for blocks (N, 2 h), round keys (N, rounds) and C_(-1) = ``start``, (2 h,).

    E: (L, R) <- (R, L xor F(R, k_r)) in each round, with F as in `_round`, so that a changed byte of R changes all
    later bytes of F, and the last one changes all. ``backward`` goes from the last block to the first; inputs stay as
    they are.
    """
    n, size = blocks.shape
    half, rounds = size // 2, keys.shape[1]
    out = np.empty_like(blocks)
    before = start
    for t in range(n):
        i = n - 1 - t if backward else t
        block = out[i]
        for j in range(size):
            block[j] = blocks[i, j] ^ before[j]
        for r in range(rounds):
            # The halves stay in place and take turns, which is their exchange for an even number of rounds.
            if r & 1:
                _round(block[half:], block[:half], keys[i, r], box)
            else:
                _round(block[:half], block[half:], keys[i, r], box)
        before = block
    return out


@njit(cache=True, nogil=True)
def feistel_unchain(blocks: Bytes, keys: Bytes, box: Bytes, start: Bytes, backward: bool) -> Bytes:
    """The inverse of `feistel_chain`."""
    n, size = blocks.shape
    half, rounds = size // 2, keys.shape[1]
    out = blocks.copy()
    for t in range(n):
        i = n - 1 - t if backward else t
        block = out[i]
        for r in range(rounds - 1, -1, -1):
            if r & 1:
                _round(block[half:], block[:half], keys[i, r], box)
            else:
                _round(block[:half], block[half:], keys[i, r], box)
        for j in range(size):
            first = i == n - 1 if backward else i == 0
            block[j] ^= start[j] if first else blocks[i + 1 if backward else i - 1, j]
    return out
