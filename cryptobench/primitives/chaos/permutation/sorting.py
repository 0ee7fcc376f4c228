"""Stable argsort of a sequence of orbit states.

A state's rank is mostly settled by its leading bits. These are sorted as integers, by the means that the processor is
good at, and an insertion sort with the exact values finishes: the order is that of numpy's ``argsort(kind="stable")``,
several times faster. Where values crowd together so that leading bits say little, a merge sort takes over.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, njit, types
from numpy.typing import NDArray

__all__ = ["LANES", "argsort", "argsort_words", "merge_exchange", "order_words", "prefetch", "to_starts"]

LANES = 32  # columns side by side; the compiler vectorises a loop of 32 words, and only unrolls shorter ones


@njit(cache=True, nogil=True)
def merge_exchange(words: NDArray[np.uint32]) -> None:
    """Sort each of the 32 columns of an (n, 32) matrix in place, in about n (log2 n)^2 / 4 exchanges a column."""
    n = len(words)
    top = 1
    while 2 * top < n:
        top *= 2
    p = top
    while p > 0:
        q, r, distance = top, 0, p
        while True:
            for first in range(r, n - distance, 2 * p):
                for i in range(first, min(first + p, n - distance)):
                    _exchange(words[i], words[i + distance])
            if q == p:
                break
            distance = q - p
            q //= 2
            r = p
        p //= 2


@njit(cache=True, nogil=True, inline="always")
def _exchange(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> None:
    """The smaller of each pair to ``a``, the larger to ``b``."""
    for lane in range(LANES):
        low, high = min(a[lane], b[lane]), max(a[lane], b[lane])
        a[lane], b[lane] = low, high


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
_LONG, _RADIX_CROWD = 1 << 13, 32  # keys of such a part, or with the same digit
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
    if crowd > _RADIX_CROWD:
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
def to_starts(counts: Short) -> None:
    """Replace counts, a multiple of 4 in number, by the sums of those before: four at once, in one word."""
    words, each = counts.view(np.uint64), np.uint64(0x0001000100010001)
    before = np.uint64(0)  # in each quarter of the word
    for t in range(len(words)):
        sums = words[t] * each
        words[t] = (sums << np.uint64(16)) + before
        before += (sums >> np.uint64(48)) * each


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


_intrinsic: Any = extending.intrinsic


@_intrinsic
def prefetch(typing: Any, array: Any, index: Any) -> Any:
    """Have the cache line of array[index] fetched for writing, inside a compiled kernel; nothing waits for it.

    ``array`` is flat and C-contiguous, ``index`` is not checked. For places spread over more than the second-level
    cache holds, where a kernel knows them a hundred or so accesses ahead.
    """
    if not (isinstance(array, types.Array) and array.ndim == 1 and isinstance(index, types.Integer)):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.gep(context.make_array(array)(context, builder, args[0]).data, [args[1]])
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        for_writing, keep, data = word(1), word(3), word(1)
        call = builder.module.declare_intrinsic("llvm.prefetch", (byte,), fnty=kind)
        builder.call(call, [builder.bitcast(place, byte), for_writing, keep, data])
        return context.get_dummy_value()

    return types.void(array, index), code


Floats = NDArray[np.float64]

_CROWD = 64  # a bucket with more values than this, and a sequence with more inversions a value, is sorted otherwise


@njit(cache=True, nogil=True)
def argsort(values: Floats) -> Order:
    """The order that sorts ``values``, finite and of any distribution; equal values keep their order."""
    n = len(values)
    order = np.empty(n, np.int32)
    if not n:
        return order
    low, high = values.min(), values.max()
    if not 1e-300 < high - low < 1e300:
        return _merged(values)
    bucket, ends = np.empty(n, np.uint32), np.empty(n, np.uint32)
    if _fill_buckets(values, low, high, bucket, ends) <= _CROWD:
        for t in range(n):
            place = ends[bucket[t]]
            ends[bucket[t]] = place + np.uint32(1)
            order[place] = t
    else:
        scale = 4294967295.0 / (high - low)
        for t in range(n):
            bucket[t] = np.uint32(np.int64((values[t] - low) * scale))
        order_words(bucket, np.empty(n, np.uint64), order)
    ranked = values[order]
    return order if _insert(n, ranked, order) else _merged(values)


@njit(cache=True, nogil=True)
def _merged(values: Floats) -> Order:
    return np.argsort(values, kind="mergesort").astype(np.int32)


@njit(cache=True, nogil=True)
def _fill_buckets(values: Floats, low: float, high: float, bucket: Counts, ends: Counts) -> int:
    """The bucket of each of n values, 0 to n-1, and where each bucket starts; returns the largest bucket's size."""
    n = len(values)
    scale = (n - 1) / (high - low)
    for t in range(n):
        bucket[t] = np.uint32(np.int32((values[t] - low) * scale))
    ends[:] = 0
    for t in range(n):
        ends[bucket[t]] += np.uint32(1)
    start, crowd = np.uint32(0), np.uint32(0)
    for b in range(n):
        size = ends[b]
        ends[b] = start
        start += size
        crowd = max(crowd, size)
    return int(crowd)


@njit(cache=True, nogil=True)
def _insert(n: int, ranked: Floats, order: Order) -> bool:
    """Finish an order that is almost right, and the values in this order; False if it takes more than 64 n moves."""
    left = _CROWD * n
    for t in range(1, n):
        if ranked[t - 1] <= ranked[t]:
            continue
        value, source, place = ranked[t], order[t], t
        while place > 0 and ranked[place - 1] > value:
            ranked[place] = ranked[place - 1]
            order[place] = order[place - 1]
            place -= 1
        ranked[place] = value
        order[place] = source
        left -= t - place
        if left < 0:
            return False
    return True
