"""Stable argsort of 32-bit integers by digits: its time does not depend on how the values are spread.

`sorting.argsort` sorts float64 states that are spread almost evenly. Logistic states crowd at both ends; a scheme
that may sort floor(2^32 x) (`words.sort_keys`) instead of x can sort any of them here, and faster.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["argsort_words"]

Words = NDArray[np.uint32]
Order = NDArray[np.int32]
Pairs = NDArray[np.uint64]

_FEW = 8192  # up to here a merge sort is faster
_TOP, _DIGIT = 8, 12  # bits: one digit splits the keys into parts that stay in the cache, two sort each part
_PARTS, _VALUES = 1 << _TOP, 1 << _DIGIT
_LOW, _MIDDLE, _PLACE = np.uint64(32), np.uint64(32 + _DIGIT), np.uint64(0xFFFFFFFF)


@njit(cache=True, nogil=True)
def argsort_words(keys: Words) -> Order:
    """The order that sorts ``keys``, (n,) with n at most 2^31 - 1; equal keys keep their order."""
    n = len(keys)
    if n <= _FEW:
        return np.argsort(keys, kind="mergesort").astype(np.int32)
    pairs, bounds = _split(keys)
    order = np.empty(n, np.int32)
    spare = np.empty(np.max(bounds[1:] - bounds[:-1]), np.uint64)
    ends = np.empty((2, _VALUES), np.int64)
    for part in range(_PARTS):
        first, last = bounds[part], bounds[part + 1]
        if first < last:
            _sort_part(pairs[first:last], spare, ends, order[first:last])
    return order


@njit(cache=True, nogil=True)
def _split(keys: Words) -> tuple[Pairs, NDArray[np.int64]]:
    """Pairs (key, place), 32 bits each, in the order of the keys' top digits, and where each of these parts starts."""
    shift = np.uint32(32 - _TOP)
    bounds = np.zeros(_PARTS + 1, np.int64)
    for key in keys:
        bounds[(key >> shift) + 1] += 1
    for part in range(_PARTS):
        bounds[part + 1] += bounds[part]
    ends = bounds.copy()
    pairs = np.empty(len(keys), np.uint64)
    for place in range(len(keys)):
        part = keys[place] >> shift
        pairs[ends[part]] = np.uint64(keys[place]) << _LOW | np.uint64(place)
        ends[part] += 1
    return pairs, bounds


@njit(cache=True, nogil=True)
def _sort_part(pairs: Pairs, spare: Pairs, ends: NDArray[np.int64], order: Order) -> None:
    """Write the places of ``pairs`` to ``order``, sorted by the keys' low and then by their middle digit."""
    mask = np.uint64(_VALUES - 1)
    ends[:] = 0
    for pair in pairs:
        ends[0, pair >> _LOW & mask] += 1
        ends[1, pair >> _MIDDLE & mask] += 1
    start = np.zeros(2, np.int64)
    for value in range(_VALUES):
        for digit in range(2):
            count = ends[digit, value]
            ends[digit, value] = start[digit]
            start[digit] += count
    for pair in pairs:
        value = pair >> _LOW & mask
        spare[ends[0, value]] = pair
        ends[0, value] += 1
    for i in range(len(pairs)):
        value = spare[i] >> _MIDDLE & mask
        order[ends[1, value]] = np.int32(spare[i] & _PLACE)
        ends[1, value] += 1
