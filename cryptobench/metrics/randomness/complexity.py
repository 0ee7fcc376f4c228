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
    """From the first words: the masks of blocks that add ``previous`` and of blocks that replace it; new lengths."""
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
