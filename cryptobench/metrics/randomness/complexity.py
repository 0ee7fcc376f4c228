"""Linear complexity (SP 800-22 rev. 1a, 2.10)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import special

from cryptobench.metrics.randomness.bits import BitsLike, SequenceError, as_bits, require, word_at
from cryptobench.metrics.randomness.outcome import SequenceOutcome, Variant, check_variant, sequence_outcome

__all__ = ["linear_complexities", "linear_complexity", "linear_complexity_classes"]

BLOCK = 500
_EDGES = (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5)
# The text of rev. 1a has 0.010417 = 1/96 in the first class (2.10.4 and 3.10); the reference code has 0.01047, and the
# published values, that of 2.10.8 too, were computed with it.
_PROBABILITIES = {
    "standard": (0.01047, 0.03125, 0.125, 0.5, 0.25, 0.0625, 0.020833),
    "corrected": (0.010417, 0.03125, 0.125, 0.5, 0.25, 0.0625, 0.020833),
}


def linear_complexity(
    sequence: BitsLike,
    n: int | None = None,
    *,
    block: int = BLOCK,
    variant: Variant = "standard",
    enforce_limits: bool = True,
) -> SequenceOutcome:
    """Whether the shortest shift registers that make each block are as long as they should be; chi-square, 7 classes.

    Standard: the class probabilities of the reference code and the published values; corrected: those of the text.
    `TooShort` below 1 000 000 bits or 200 blocks, `SequenceError` for blocks outside 500..5000 bits.
    """
    check_variant(variant)
    bits = as_bits(sequence, n)
    if not (500 if enforce_limits else 2) <= block <= 5000:
        raise SequenceError(f"linear_complexity needs blocks of 500 to 5000 bits, not {block}")
    fewest = max(1_000_000, 200 * block) if enforce_limits else block
    require(bits.n >= fewest, "linear_complexity", f"at least {fewest}", bits.n)
    blocks = bits.n // block
    key = ("complexities", block)
    if key not in bits.shared:
        bits.shared[key] = linear_complexities(bits.words, blocks, block)
    found = np.bincount(_classes_of(bits.shared[key], block), minlength=len(_EDGES) + 1)
    expected = blocks * np.array(_PROBABILITIES[variant])
    statistic = float(((found - expected) ** 2 / expected).sum())
    p_value = special.gammaincc(len(_EDGES) / 2, statistic / 2)
    return sequence_outcome("linear_complexity", [statistic], [p_value], variant=variant, block=block)


def _classes_of(lengths: NDArray[np.int64], block: int) -> NDArray[np.int64]:
    """The classes of registers' lengths, open below and closed above: T <= -2.5, -2.5 < T <= -1.5, ..., T > 2.5."""
    sign = -1 if block % 2 else 1
    mean = block / 2 + (9 - sign) / 36 - (block / 3 + 2 / 9) / 2.0**block
    found: NDArray[np.int64] = np.searchsorted(_EDGES, sign * (lengths - mean) + 2 / 9)
    return found


def linear_complexity_classes(variant: Variant) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
    """Block length, the exact probabilities of the classes (Rueppel 1986), and those that ``variant`` takes: (7,)."""
    lengths = np.arange(BLOCK + 1)
    exponents = np.minimum(2 * BLOCK - 2 * lengths, 2 * lengths - 1).astype(np.float64)
    exponents[0] = 0.0  # the sequence of zeros
    shares = np.exp2(exponents - BLOCK)
    true: NDArray[np.float64] = np.bincount(_classes_of(lengths, BLOCK), shares, len(_EDGES) + 1).astype(np.float64)
    return BLOCK, true, np.array(_PROBABILITIES[variant])


_ABREAST = 64  # blocks; their registers fit the first-level cache for blocks of 500 bits
_STEPS = 8  # taken at once, by masks that depend on the first words only
_PAYLOAD = 64 - _STEPS  # bits of a block in a word; behind them the first bits of the next word, one used up a step
ZERO, ONE, SIXTY_THREE = np.uint64(0), np.uint64(1), np.uint64(63)
BEHIND, PAYLOAD = np.uint64((1 << _STEPS) - 1), np.uint64(_PAYLOAD)


@njit(cache=True, nogil=True)
def linear_complexities(words: np.ndarray, blocks: int, size: int) -> np.ndarray:
    """Length of the shortest register that makes each of the first ``blocks`` runs of ``size`` bits: int64.

    Berlekamp's and Massey's algorithm on many blocks abreast: of every word of a block, the discrepancies from here on
    and those when the register last grew stand side by side.
    """
    lengths = np.zeros((blocks + _ABREAST - 1) // _ABREAST * _ABREAST, np.int64)
    held = (size + _PAYLOAD - 1) // _PAYLOAD
    state = np.empty((held + 1, 2 * _ABREAST), np.uint64)
    masks = np.empty(2 * _STEPS * _ABREAST, np.uint64)
    flat = state.ravel()
    for start in range(0, blocks, _ABREAST):
        state[:] = ZERO
        for b in range(min(_ABREAST, blocks - start)):
            for w in range(held):
                state[w, b] = word_at(words, (start + b) * size + _PAYLOAD * w)
        state[0, _ABREAST:] = ONE << SIXTY_THREE
        for seen in range(0, size, _STEPS):
            _decide(flat[: 4 * _ABREAST], lengths[start : start + _ABREAST], seen, size, masks)
            for w in range(1, (size - seen + _PAYLOAD - 1) // _PAYLOAD):
                _advance(flat[2 * _ABREAST * w : 2 * _ABREAST * (w + 2)], masks)
    return lengths[:blocks]


@njit(cache=True, nogil=True)
def _decide(state: np.ndarray, lengths: np.ndarray, seen: int, size: int, masks: np.ndarray) -> None:
    """Take the steps on the first words; sets new lengths, and the masks of the blocks that add and that replace."""
    for b in range(_ABREAST):
        word = (state[b] & ~BEHIND) | (state[2 * _ABREAST + b] >> PAYLOAD)
        other = (state[_ABREAST + b] & ~BEHIND) | (state[3 * _ABREAST + b] >> PAYLOAD)
        length = lengths[b]
        for i in range(_STEPS):
            add = (ZERO - (word >> SIXTY_THREE)) & (ZERO - np.uint64(seen + i < size))
            replace = add & (ZERO - np.uint64(2 * length <= seen + i))
            length = seen + i + 1 - length if replace else length
            masks[2 * _ABREAST * i + b], masks[2 * _ABREAST * i + _ABREAST + b] = add, replace
            word, other = (word ^ (other & add)) << ONE, other ^ ((other ^ word) & replace)
        lengths[b] = length
        state[b], state[_ABREAST + b] = word, other


@njit(cache=True, nogil=True)
def _advance(state: np.ndarray, masks: np.ndarray) -> None:
    """Take the same steps on another word of every block; the word behind it is still as it was."""
    for b in range(_ABREAST):
        word = (state[b] & ~BEHIND) | (state[2 * _ABREAST + b] >> PAYLOAD)
        other = (state[_ABREAST + b] & ~BEHIND) | (state[3 * _ABREAST + b] >> PAYLOAD)
        for i in range(_STEPS):
            add, replace = masks[2 * _ABREAST * i + b], masks[2 * _ABREAST * i + _ABREAST + b]
            word, other = (word ^ (other & add)) << ONE, other ^ ((other ^ word) & replace)
        state[b], state[_ABREAST + b] = word, other
