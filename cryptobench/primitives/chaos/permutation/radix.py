"""Stable argsort of words of 32 bits by their digits: the top one splits them into parts that stay in the cache."""

from __future__ import annotations

import threading

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["argsort_words", "order_words", "to_starts"]

Words = NDArray[np.uint32]
Order = NDArray[np.int32]
Pairs = NDArray[np.uint64]
Counts = NDArray[np.uint32]
Short = NDArray[np.uint16]

_FEW = 8192  # up to here a merge sort is faster
_KEPT = 1 << 21  # keys for which room is kept, 16 MiB
_TOP = 8  # bits: this digit splits the keys into parts that stay in the cache
_MOST = 13  # bits of the digit that sorts a part, but for the few keys that share it
_HALF = 12  # bits of each of the two digits that sort a part which is too long or too crowded for that
_LONG, _CROWD = 1 << 13, 32  # keys of such a part, or with the same digit
_PARTS, _LOW, _PLACE, _ONE = 1 << _TOP, np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(1)


class _Room(threading.local):
    """Where a thread splits its keys: kept, since the system would clear fresh pages each time, for as long again."""

    pairs: Pairs = np.empty(0, np.uint64)

    def of(self, n: int) -> Pairs:
        if n > _KEPT:
            return np.empty(n, np.uint64)
        if n > len(self.pairs):
            self.pairs = np.empty(n, np.uint64)
        return self.pairs[:n]


_ROOM = _Room()


def argsort_words(keys: Words) -> Order:
    """The order that sorts ``keys``, (n,) with n at most 2^31 - 1; equal keys keep their order."""
    n = len(keys)
    if n <= _FEW:
        return np.argsort(keys, kind="stable").astype(np.int32)
    order = np.empty(n, np.int32)
    order_words(keys, _ROOM.of(n), order)
    return order


@njit(cache=True, nogil=True)
def order_words(keys: Words, pairs: Pairs, order: Order) -> None:
    """`argsort_words` for kernels, to ``order``; ``pairs`` is room for as many words of 64 bits."""
    bounds = _split(keys, pairs)
    spare = np.empty(np.max(bounds[1:] - bounds[:-1]), np.uint64)
    bits = 2
    while bits < _MOST and _PARTS << bits < 2 * len(keys):
        bits += 1
    short, ends = np.empty(1 << bits, np.uint16), np.empty((2, 1 << _HALF), np.uint32)
    for part in range(_PARTS):
        first, last = bounds[part], bounds[part + 1]
        if first < last and not _sort_even(pairs[first:last], spare, short, bits, order[first:last]):
            _sort_crowded(pairs[first:last], spare, ends, order[first:last])


@njit(cache=True, nogil=True)
def _split(keys: Words, pairs: Pairs) -> NDArray[np.int64]:
    """Fill ``pairs``, (key, place) of 32 bits each, in the order of the keys' top digits; where these parts start."""
    shift = np.uint32(32 - _TOP)
    bounds = np.zeros(_PARTS + 1, np.int64)
    for key in keys:
        bounds[(key >> shift) + np.uint32(1)] += 1
    for part in range(_PARTS):
        bounds[part + 1] += bounds[part]
    ends = bounds.astype(np.uint64)
    for place in range(len(keys)):
        part = keys[place] >> shift
        end = ends[part]
        pairs[end] = np.uint64(keys[place]) << _LOW | np.uint64(place)
        ends[part] = end + _ONE
    return bounds


@njit(cache=True, nogil=True)
def _sort_even(pairs: Pairs, spare: Pairs, ends: Short, bits: int, order: Order) -> bool:
    """Write the places of ``pairs`` to ``order``, sorted by a digit of ``bits`` bits and then by insertion.

    False, and nothing written, where the pairs are too many or too many share a digit.
    """
    if len(pairs) > _LONG:
        return False
    shift, mask = np.uint64(64 - _TOP - bits), np.uint64((1 << bits) - 1)
    ends[:] = 0
    for pair in pairs:
        ends[pair >> shift & mask] += np.uint16(1)
    crowd = np.uint16(0)
    for value in range(len(ends)):
        crowd = max(crowd, ends[value])
    if crowd > _CROWD:
        return False
    to_starts(ends)
    for pair in pairs:
        end = ends[pair >> shift & mask]
        spare[end] = pair
        ends[pair >> shift & mask] = end + np.uint16(1)
    last = spare[0]
    for t in range(1, len(pairs)):
        pair = spare[t]
        if pair >= last:
            last = pair
            continue
        place = np.uint64(t)
        while place > 0 and spare[place - _ONE] > pair:
            spare[place] = spare[place - _ONE]
            place -= _ONE
        spare[place] = pair
    for t in range(len(pairs)):
        order[t] = np.int32(spare[t] & _PLACE)
    return True


@njit(cache=True, nogil=True)
def _sort_crowded(pairs: Pairs, spare: Pairs, ends: Counts, order: Order) -> None:
    """Write the places of ``pairs`` to ``order``, sorted by the keys' low and then by their middle digit."""
    low, middle, mask = _LOW, np.uint64(32 + _HALF), np.uint64((1 << _HALF) - 1)
    ends[:] = 0
    for pair in pairs:
        ends[0, pair >> low & mask] += np.uint32(1)
        ends[1, pair >> middle & mask] += np.uint32(1)
    for digit in range(2):
        start = np.uint32(0)
        for value in range(1 << _HALF):
            count = ends[digit, value]
            ends[digit, value] = start
            start += count
    for pair in pairs:
        end = ends[0, pair >> low & mask]
        spare[end] = pair
        ends[0, pair >> low & mask] = end + np.uint32(1)
    for t in range(len(pairs)):
        pair = spare[t]
        end = ends[1, pair >> middle & mask]
        order[end] = np.int32(pair & _PLACE)
        ends[1, pair >> middle & mask] = end + np.uint32(1)


@njit(cache=True, nogil=True)
def to_starts(counts: Short) -> None:
    """Replace counts, a multiple of 4 in number, by the sums of all counts before them: four at once, in one word."""
    words, each = counts.view(np.uint64), np.uint64(0x0001000100010001)
    before = np.uint64(0)  # in each quarter of the word
    for t in range(len(words)):
        sums = words[t] * each
        words[t] = (sums << np.uint64(16)) + before
        before += (sums >> np.uint64(48)) * each
