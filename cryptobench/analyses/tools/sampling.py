"""Draws from large populations in little memory."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["distinct"]

_FEW, _SMALL = 50, 10_000  # up to 1/50 of a population, NumPy draws without listing it; small ones are no matter
_ABREAST = 1 << 16


def distinct(generator: np.random.Generator, population: int, count: int) -> NDArray[np.integer]:
    """``generator.choice(population, count, replace=False)``, number for number, in half of the memory.

    The population is below 2^32. Where NumPy shuffles the tail of a list of all numbers, 8 bytes each, this list takes
    4 bytes each.
    """
    if population <= _SMALL or count <= population // _FEW or count == population:
        return generator.choice(population, count, replace=False)
    numbers = np.arange(population, dtype=np.uint32)
    first = population - count
    for end in range(population, first, -_ABREAST):
        others = generator.integers(0, np.arange(end - 1, max(first, end - _ABREAST) - 1, -1), endpoint=True)
        _swap(numbers, end - 1, others)
    return numbers[first:].copy()


@njit(cache=True, nogil=True)
def _swap(numbers: np.ndarray, last: int, others: np.ndarray) -> None:
    """Swap numbers[last] and numbers[others[0]], then the entries before last and at others[1], and so on."""
    for k in range(others.size):
        i, j = last - k, others[k]
        numbers[i], numbers[j] = numbers[j], numbers[i]
