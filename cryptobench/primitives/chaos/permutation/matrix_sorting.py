"""Stable argsort of every column, and then of every row, of a matrix of orbit states in [0, 1).

A state's rank is mostly settled by its leading bits. These are sorted as integers that carry the place of the state
along, columns by a sorting network and rows by digits; the exact states decide only where leading bits are equal. The
orders are those of numpy's ``argsort(kind="stable")``, several times faster.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.chaos.key_schedule.keystream import low_words
from cryptobench.primitives.chaos.permutation.radix import to_starts
from cryptobench.primitives.chaos.permutation.sorting import argsort

__all__ = ["STRIP", "SortedColumns", "argsort_sorted_rows", "merge_exchange", "sort_columns"]

Floats = NDArray[np.float64]
Words = NDArray[np.uint32]
Order = NDArray[Any]  # uint16 if that can number the rows and columns, else int32

STRIP = 32  # columns side by side; the compiler vectorises a loop of 32 words, and only unrolls shorter ones
_TALL = 1 << 14  # rows or columns up to which the leading bits pay: of 32 bits, 18 or more are left for the state
_DIGIT = 11  # bits of each of the two digits by which a row is sorted
_TIES = 8  # a row with more than one tie in so many states is sorted by the exact states


class SortedColumns(NamedTuple):
    """The stable order of each column of an (M, L) matrix, and the leading bits of the states in that order."""

    order: Order
    leading: Words


def sort_columns(s: Floats) -> SortedColumns:
    """The columns of an (M, L) matrix of states in [0, 1), sorted each for itself."""
    m, width = s.shape
    if width < STRIP:
        wider = sort_columns(np.pad(s, ((0, 0), (0, STRIP - width))))
        return SortedColumns(*(np.ascontiguousarray(part[:, :width]) for part in wider))
    columns = SortedColumns(_room(s.shape), np.empty(s.shape, np.uint32))
    if m > _TALL:
        for j in range(width):
            order = argsort(s[:, j].copy())
            columns.order[:, j] = order
            columns.leading[:, j] = s[order, j] * 2.0**32
    else:
        _sort_columns(s, *columns)
    return columns


def argsort_sorted_rows(s: Floats, columns: SortedColumns) -> Order:
    """Stable argsort of each row of ``s`` after its columns were sorted as ``columns``: the order as (M, L)."""
    order = _room(s.shape)
    if s.shape[1] > _TALL:
        for i, rows in enumerate(columns.order):
            order[i] = argsort(s[rows, np.arange(s.shape[1])])
    else:
        _argsort_rows(s, *columns, order)
    return order


def _room(shape: tuple[int, ...]) -> Order:
    return np.empty(shape, np.uint16 if max(shape) <= 1 << 16 else np.int32)


@njit(cache=True, nogil=True)
def _bits(n: int) -> int:
    """How many bits the numbers 0 to n-1 take, at least 1."""
    bits = 1
    while 1 << bits < n:
        bits += 1
    return bits


@njit(cache=True, nogil=True)
def _sort_columns(s: Floats, order: Order, leading: Words) -> None:
    """In strips of 32 columns, of which there are as many or more; the last strip may overlap the one before."""
    m, width = s.shape
    place = np.uint32((1 << _bits(m)) - 1)
    words, shifted, no_rows = np.empty((m, STRIP), np.uint32), np.empty(STRIP), np.zeros(m, order.dtype)
    for strip in range(-(-width // STRIP)):
        left = min(STRIP * strip, width - STRIP)
        for i in range(m):
            row = words[i]
            low_words(s[i, left : left + STRIP], 4294967296.0, shifted, row)
            for column in range(STRIP):
                row[column] = (row[column] & ~place) | np.uint32(i)
        merge_exchange(words)
        for i in range(m):
            row, places, states = words[i], order[i, left : left + STRIP], leading[i, left : left + STRIP]
            for column in range(STRIP):
                places[column] = row[column] & place
                states[column] = row[column] & ~place
        ties = _ties(words, place)
        for column in range(STRIP):
            if ties[column]:
                j = left + column
                _settle(s.T[j : j + 1], no_rows, words[:, column].copy(), place, ties[column], order[:, j])


@njit(cache=True, nogil=True)
def merge_exchange(words: Words) -> None:
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
def _exchange(a: Words, b: Words) -> None:
    """The smaller of each pair to ``a``, the larger to ``b``."""
    for column in range(STRIP):
        low, high = min(a[column], b[column]), max(a[column], b[column])
        a[column], b[column] = low, high


@njit(cache=True, nogil=True)
def _ties(words: Words, place: np.uint32) -> Words:
    """How often a column has two words one above the other that differ in no more than their places."""
    found = np.zeros(STRIP, np.uint32)
    for i in range(1, len(words)):
        above, row = words[i - 1], words[i]
        for column in range(STRIP):
            found[column] += np.uint32(row[column] ^ above[column] <= place)
    return found


@njit(cache=True, nogil=True)
def _argsort_rows(s: Floats, rows: Order, leading: Words, order: Order) -> None:
    m, width = s.shape
    bits = _bits(width)
    place, shift = np.uint32((1 << bits) - 1), np.uint32(bits)
    words, spare = np.empty((2, width), np.uint32)
    ends = np.empty((2, 1 << _DIGIT), np.uint16)
    for i in range(m):
        _row_words(leading[i], min(2 * _DIGIT, 32 - bits), shift, words)
        _sort_by_digits(words, shift, ends, spare)
        ties, out = np.uint32(0), order[i]
        for t in range(width):
            out[t] = words[t] & place
        for t in range(1, width):
            ties += np.uint32(words[t] ^ words[t - 1] <= place)
        if ties:
            _settle(s, rows[i], words, place, ties, out)


@njit(cache=True, nogil=True)
def _row_words(leading: Words, most: int, shift: Any, words: Words) -> None:
    """At most ``most`` bits of each state above the least one, followed by its column."""
    low, high = leading[0], leading[0]
    for j in range(len(leading)):
        low, high = min(low, leading[j]), max(high, leading[j])
    drop = 0
    while np.int64(high - low) >> drop >= 1 << most:
        drop += 1
    less = np.uint32(drop)
    for j in range(len(leading)):
        words[j] = (leading[j] - low) >> less << shift | np.uint32(j)


@njit(cache=True, nogil=True)
def _sort_by_digits(words: Words, shift: np.uint32, ends: NDArray[np.uint16], spare: Words) -> None:
    """Sort words, which come in the order of their lowest ``shift`` bits, by two digits above these."""
    next_digit, mask, one = shift + np.uint32(_DIGIT), np.uint32((1 << _DIGIT) - 1), np.uint16(1)
    ends[:] = 0
    first, second = ends[0], ends[1]
    for word in words:
        first[word >> shift & mask] += one
        second[word >> next_digit & mask] += one
    to_starts(first)
    to_starts(second)
    for word in words:
        end = first[word >> shift & mask]
        spare[end] = word
        first[word >> shift & mask] = end + one
    for word in spare:
        end = second[word >> next_digit & mask]
        words[end] = word
        second[word >> next_digit & mask] = end + one


@njit(cache=True, nogil=True)
def _settle(s: Floats, rows: Order, words: Words, place: np.uint32, ties: Any, out: Order) -> None:
    """Put places with equal leading bits in the order of their states: that of place j is s[rows[j], j]."""
    n = len(out)
    if ties * _TIES > n:
        states = np.empty(n)
        for j in range(n):
            states[j] = s[rows[j], j]
        out[:] = np.argsort(states, kind="mergesort")
        return
    for t in range(1, n):
        if words[t] ^ words[t - 1] > place:
            continue
        j, state, at = out[t], s[rows[out[t]], out[t]], t
        while at > 0 and words[at - 1] ^ words[t] <= place and s[rows[out[at - 1]], out[at - 1]] > state:
            out[at] = out[at - 1]
            at -= 1
        out[at] = j
