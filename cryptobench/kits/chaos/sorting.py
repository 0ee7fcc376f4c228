"""Stable argsort of orbit states: of one sequence, and of every column or row of a matrix.

A state's rank is mostly settled by its leading bits. These are sorted as integers, by the means that the processor is
good at, and an insertion sort with the exact values finishes: the order is that of numpy's ``argsort(kind="stable")``,
several times faster. Where values crowd together so that leading bits say little, a merge sort takes over.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.kits.chaos.networks import LANES, merge_exchange
from cryptobench.kits.chaos.radix import argsort_words

__all__ = ["argsort", "argsort_rows", "sort_columns"]

Floats = NDArray[np.float64]
Order = NDArray[np.int32]
Counts = NDArray[np.uint32]
Words = NDArray[np.uint32]

_CROWD = 64  # a bucket with more values than this, and a column with more inversions, is sorted otherwise
_TALL = 1 << 14  # rows up to which a network pays: of 32 bits, a word has 18 or more for the value


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
        order = argsort_words(bucket)
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


@njit(cache=True, nogil=True)
def _words(values: Floats, bits: int, words: Words) -> None:
    """The leading bits of each of (n, 32) values above its column's least, followed by ``bits`` bits of its row."""
    n = len(values)
    low, high, scale = values[0].copy(), values[0].copy(), np.empty(LANES)
    for i in range(n):
        row = values[i]
        for lane in range(LANES):
            low[lane] = min(row[lane], low[lane])
            high[lane] = max(row[lane], high[lane])
    for lane in range(LANES):
        scale[lane] = _scale(low[lane], high[lane], bits)
    for i in range(n):
        row, out, place = values[i], words[i], np.uint32(i)
        for lane in range(LANES):
            out[lane] = np.uint32(np.int32((row[lane] - low[lane]) * scale[lane])) << np.uint32(bits) | place


@njit(cache=True, nogil=True)
def _bits(n: int) -> int:
    """How many bits the numbers 0 to n-1 take, at least 1."""
    bits = 1
    while 1 << bits < n:
        bits += 1
    return bits


@njit(cache=True, nogil=True)
def _settle(n: int, ranked: Floats, order: Order) -> None:
    """`_insert`, or a merge sort of the n values if that takes too long."""
    if not _insert(n, ranked, order):
        places = np.argsort(order[:n], kind="mergesort")  # back to the order that the values came in
        values = ranked[:n][places]
        order[:n] = _merged(values)
        ranked[:n] = values[order[:n]]


@njit(cache=True, nogil=True)
def sort_columns(s: Floats) -> Order:
    """Sort each column of an (M, L) matrix in place, and return the stable order that does it, (M, L)."""
    m, width = s.shape
    order = np.empty((m, width), np.int32)
    if m > _TALL:
        for j in range(width):
            column = s[:, j].copy()
            order[:, j] = argsort(column)
            s[:, j] = column[order[:, j]]
        return order
    bits = _bits(m)
    values, words = np.zeros((m, LANES)), np.empty((m, LANES), np.uint32)
    for left in range(0, width, LANES):
        right = min(left + LANES, width)
        _load(s[:, left:right], values)
        _words(values, bits, words)
        merge_exchange(words)
        _store(words, bits, values, order[:, left:right], s[:, left:right])
        for lane in np.flatnonzero(_descents(s[:, left:right])):
            at = int(left + lane)
            one, ranked = order[:, at].copy(), s[:, at].copy()
            _settle(m, ranked, one)
            order[:, at], s[:, at] = one, ranked
    return order


@njit(cache=True, nogil=True)
def _load(s: Floats, values: Floats) -> None:
    """Copy a strip of up to 32 columns."""
    for i in range(len(s)):
        for lane in range(s.shape[1]):
            values[i, lane] = s[i, lane]


@njit(cache=True, nogil=True)
def _store(words: Words, bits: int, values: Floats, order: Order, s: Floats) -> None:
    """The rows at the end of the sorted ``words``, and the values of these rows."""
    row_of = np.uint32((1 << bits) - 1)
    for i in range(len(s)):
        source, rows, ranked = words[i], order[i], s[i]
        for lane in range(s.shape[1]):
            rows[lane] = source[lane] & row_of
            ranked[lane] = values[source[lane] & row_of, lane]


@njit(cache=True, nogil=True)
def _descents(s: Floats) -> Counts:
    """How many values of each of up to 32 columns are less than the one above."""
    found = np.zeros(LANES, np.uint32)
    for i in range(1, len(s)):
        above, row = s[i - 1], s[i]
        for lane in range(s.shape[1]):
            found[lane] += np.uint32(above[lane] > row[lane])
    return found


@njit(cache=True, nogil=True)
def argsort_rows(s: Floats) -> Order:
    """Stable argsort of each row of an (M, L) matrix: the order as (M, L)."""
    m, width = s.shape
    order = np.empty((m, width), np.int32)
    if width > _TALL:
        for i in range(m):
            order[i] = argsort(s[i])
        return order
    bits = _bits(width)
    column_of = np.uint32((1 << bits) - 1)
    words, ranked = np.zeros((width, LANES), np.uint32), np.empty(width)
    for top in range(0, m, LANES):
        bottom = min(top + LANES, m)
        _row_words(s[top:bottom], bits, words)
        merge_exchange(words)
        for i in range(top, bottom):
            row, one = s[i], order[i]
            for j in range(width):
                one[j] = words[j, i - top] & column_of
                ranked[j] = row[words[j, i - top] & column_of]
            _settle(width, ranked, one)
    return order


@njit(cache=True, nogil=True)
def _row_words(s: Floats, bits: int, words: Words) -> None:
    """`_words` of up to 32 rows, each to its column of ``words``: a cache line of each row at a time."""
    low, scale = np.empty(LANES), np.empty(LANES)
    for lane in range(len(s)):
        low[lane] = s[lane].min()
        scale[lane] = _scale(low[lane], s[lane].max(), bits)
    for left in range(0, s.shape[1], 8):
        for lane in range(len(s)):
            row, least, gain = s[lane], low[lane], scale[lane]
            for j in range(left, min(left + 8, s.shape[1])):
                words[j, lane] = np.uint32(np.int32((row[j] - least) * gain)) << np.uint32(bits) | np.uint32(j)


@njit(cache=True, nogil=True)
def _scale(low: float, high: float, bits: int) -> float:
    """The factor that carries values from 0 to high - low to 32 - bits bits; 0 where they are too close or far."""
    span = high - low
    return ((1 << (32 - bits)) - 1) / span if 1e-300 < span < 1e300 else 0.0
