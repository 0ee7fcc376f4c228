"""Stable argsort of a sequence of orbit states.

A state's rank is mostly settled by its leading bits. These are sorted as integers, by the means that the processor is
good at, and an insertion sort with the exact values finishes: the order is that of numpy's ``argsort(kind="stable")``,
several times faster. Where values crowd together so that leading bits say little, a merge sort takes over.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.chaos.permutation.radix import order_words

__all__ = ["argsort"]

Floats = NDArray[np.float64]
Order = NDArray[np.int32]
Counts = NDArray[np.uint32]

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
