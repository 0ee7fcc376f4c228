"""Population count, leading and trailing zeros, and unaligned words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

__all__ = ["leading_zeros", "popcount", "top_mask", "trailing_zeros", "word_at"]

ONE, SIX, SIXTY_THREE, SIXTY_FOUR = np.uint64(1), np.uint64(6), np.uint64(63), np.uint64(64)


def _popcount(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


def _leading_zeros(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), generate


def _trailing_zeros(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), generate


# Of a 64-bit word: the number of ones; of zeros before the first and behind the last one, 64 for the zero word.
popcount: Any = intrinsic(_popcount)
leading_zeros: Any = intrinsic(_leading_zeros)
trailing_zeros: Any = intrinsic(_trailing_zeros)


@njit(cache=True, nogil=True)
def word_at(words: np.ndarray, position: int) -> Any:
    """The 64 bits from bit ``position`` on."""
    p = np.uint64(position)
    i, shift = p >> SIX, p & SIXTY_THREE
    return (words[i] << shift) | ((words[i + ONE] >> ONE) >> (SIXTY_THREE - shift))


@njit(cache=True, nogil=True)
def top_mask(bits: int) -> np.uint64:
    """A word whose first ``bits`` bits (1 to 64, more count as 64) are set."""
    return ~np.uint64(0) << np.uint64(64 - min(bits, 64))
