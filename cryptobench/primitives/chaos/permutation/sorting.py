"""Stable argsorts of orbit states, on numpy's sort of integers, which uses the vector instructions of the processor.

A state's rank is mostly settled by its leading bits. Words that have these above the state's place are sorted; where
two have the same leading bits, which is rare, the exact states decide. The orders are those of numpy's
``argsort(kind="stable")``, several times faster.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["argsort", "argsort_columns", "argsort_sorted_rows"]

Floats = NDArray[np.float64]
Words = NDArray[np.uint32]
Order = NDArray[Any]  # of a matrix: uint16 if that can number the rows and columns, else int32

_TILE = 16  # words that a transposition takes at once, a cache line
_CACHED = 1 << 16  # words that stay in the cache
_LONG = 1 << 14  # states in a column or row up to which 32 bits leave enough for the state: 18 or more
_MAGNITUDE = np.int64(2**63 - 1)  # the bits of a float64 below its sign


def argsort(values: Floats) -> NDArray[np.int32]:
    """The order that sorts ``values``, (n,), of any distribution; equal values keep their order, and NaN come last."""
    place = np.int64(_places(len(values)))
    words = (values + 0.0).view(np.int64)  # -0.0 becomes 0.0, and what is not negative is in the order of its bits
    if len(words) and words.min() < 0:
        words ^= (words >> 63) & _MAGNITUDE
    words &= ~place
    words |= np.arange(len(words))
    words.sort()
    order = (words & place).astype(np.int32)
    if np.isnan(values[order[:1]]).any() or np.isnan(values[order[-1:]]).any():
        return np.argsort(values, kind="stable").astype(np.int32)
    tied = np.flatnonzero((words[1:] ^ words[:-1]) <= place)
    if len(tied):
        tied = np.union1d(tied, tied + 1)
        among = order[tied]
        order[tied] = among[np.argsort(values[among], kind="stable")]
    return order


def argsort_columns(s: Floats) -> Order:
    """Stable argsort of each column of an (M, L) matrix of states in [0, 1): the order as (M, L)."""
    m, width = s.shape
    order = _room(s.shape)
    if m > _LONG:
        for j in range(width):
            order[:, j] = argsort(s[:, j].copy())
        return order
    place = np.uint32(_places(m))
    for strip in _strips(width, m):
        part = s[:, strip]
        words = np.empty(part.shape[::-1], np.uint32)
        _put_columns(part, place, words)
        tied = _sort(words, place)
        if len(tied):
            _settle(words, tied, place, part[words.ravel()[tied] & place, tied // m])
        _put_order(words, place, order[:, strip])
    return order


def argsort_sorted_rows(s: Floats, columns: Order) -> Order:
    """Stable argsort of each row of ``s`` after its columns were sorted by their orders ``columns``, as (M, L)."""
    m, width = s.shape
    order = _room(s.shape)
    if width > _LONG:
        for i, rows in enumerate(columns):
            order[i] = argsort(s[rows, np.arange(width)])
        return order
    place, ranked = np.uint32(_places(width)), np.empty(s.shape, np.uint32)
    _put_ranked(s, columns, ranked)
    for strip in _strips(m, width):
        words, rows = ranked[strip], columns[strip]
        _number_rows(words, place)
        tied = _sort(words, place)
        if len(tied):
            among = words.ravel()[tied] & place
            _settle(words, tied, place, s[rows[tied // width, among], among])
        order[strip] = words & place
    return order


def _places(n: int) -> int:
    """A mask of the bits, at least 1, that the numbers 0 to n-1 take."""
    return (1 << max(1, (n - 1).bit_length())) - 1


def _room(shape: tuple[int, ...]) -> Order:
    return np.empty(shape, np.uint16 if max(shape) <= 1 << 16 else np.int32)


def _strips(count: int, length: int) -> list[slice]:
    """Of ``count`` rows of ``length`` words, as many together as the cache holds, in whole cache lines."""
    rows = max(_TILE, _CACHED // length // _TILE * _TILE)
    return [slice(first, min(first + rows, count)) for first in range(0, count, rows)]


def _sort(words: Words, place: np.uint32) -> NDArray[np.int64]:
    """Sort each row in place; which words, counted along the rows, have the leading bits of a neighbour."""
    words.sort(axis=1)
    flat = words.ravel()
    tied = np.flatnonzero((flat[1:] ^ flat[:-1]) <= place)
    return np.union1d(tied, tied + 1) if len(tied) else tied


def _settle(words: Words, tied: NDArray[np.int64], place: np.uint32, states: Floats) -> None:
    """Put what `_sort` found in the order of the exact ``states``, with which the leading bits agree in each row."""
    flat = words.ravel()
    order = np.lexsort((states, tied // words.shape[1]))
    flat[tied] = flat[tied] & ~place | (flat[tied] & place)[order]


@njit(cache=True, nogil=True)
def _put_columns(s: Floats, place: np.uint32, words: Words) -> None:
    """words[j, i]: the leading bits of s[i, j], and i in the bits of ``place``."""
    m, width = s.shape
    for left in range(0, width, _TILE):
        for i in range(m):
            for j in range(left, min(left + _TILE, width)):
                words[j, i] = np.uint32(np.int64(s[i, j] * 4294967296.0)) & ~place | np.uint32(i)


@njit(cache=True, nogil=True)
def _put_order(words: Words, place: np.uint32, order: Order) -> None:
    """order[i, j]: the place in words[j, i]."""
    width, m = words.shape
    for left in range(0, width, _TILE):
        for i in range(m):
            for j in range(left, min(left + _TILE, width)):
                order[i, j] = words[j, i] & place


@njit(cache=True, nogil=True)
def _put_ranked(s: Floats, order: Order, ranked: Words) -> None:
    """ranked[i, j]: the leading bits of s[order[i, j], j]."""
    m, width = s.shape
    tile = np.empty(m * _TILE, np.uint32)
    for left in range(0, width, _TILE):
        count = min(_TILE, width - left)
        for i in range(m):
            for j in range(count):
                tile[i * _TILE + j] = np.uint32(np.int64(s[i, left + j] * 4294967296.0))
        for i in range(m):
            for j in range(count):
                ranked[i, left + j] = tile[np.uint32(order[i, left + j]) * np.uint32(_TILE) + np.uint32(j)]


@njit(cache=True, nogil=True)
def _number_rows(words: Words, place: np.uint32) -> None:
    """Keep as many bits of each word, above its row's least, as those of ``place`` leave; there put its column."""
    bits = np.uint32(0)
    while place >> bits:
        bits += np.uint32(1)
    for i in range(len(words)):
        row = words[i]
        low, high = row[0], row[0]
        for j in range(len(row)):
            low, high = min(low, row[j]), max(high, row[j])
        drop = np.uint32(0)
        while np.int64(high - low) >> drop << bits >= 1 << 32:
            drop += np.uint32(1)
        for j in range(len(row)):
            row[j] = (row[j] - low) >> drop << bits | np.uint32(j)
