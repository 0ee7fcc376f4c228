"""Light of windows, from an object through a phase mask to a camera and back, as compiled kernels.

A round of ptychography sends every window through eight Fourier transforms. Here the sixteen lanes of a vector are
sixteen rows of a window, or sixteen columns, so that a transform along either axis is the same plain sequence of
operations. A window is turned between the two, is masked or gets its measured amplitudes where it lies in rows, and
stays in the nearest caches.
Nothing but + - * / and square roots, each rounded once: the same bits on every machine. Lines are those of
`lane_fourier`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.optics.lane_fourier import (
    BOTH,
    back,
    forward,
    load_pair,
    reversed_digits,
    store_pair,
    times,
    turns_of,
)  # fmt: skip
from cryptobench.primitives.optics.masks import Field
from cryptobench.primitives.simd.float32 import (
    WIDE,
    Floats,
    add,
    aligned,
    divide,
    fma,
    load_wide,
    maximum,
    multiply,
    square_root,
    store,
    subtract,
)  # fmt: skip
from cryptobench.primitives.simd.lanes import into_lanes, out_of_lanes, turned

__all__ = ["Inside", "Places", "Work", "detect", "improve", "work"]

_FEWEST = 16  # samples of a line
_DARKEST = np.float32(1e-12)


class Places(NamedTuple):
    """Where windows lie: the first number of each in the plane, in the mask and in the patterns, (count,)."""

    plane: NDArray[np.int64]
    mask: NDArray[np.int64]
    patterns: NDArray[np.int64]


class Inside(NamedTuple):
    """Which rows of the plane, (rows,), and which numbers of a row, (stride,), belong to the object: 1, elsewhere 0."""

    rows: NDArray[np.uint8]
    numbers: Floats


class Work(NamedTuple):
    """What the kernels work with for windows of one side: transfer functions, turns, and room.

    ``transfers``, (2, 2, w^2): of the way to the mask and of that on to the camera, real and imaginary parts, over
    w^2, in the order of reversed digits. ``rows``, (w / 16, 32 w): a window, sixteen of its rows as a line.
    ``columns``: sixteen of its columns. ``mask``: as rows, of the window's part of the mask. ``aperture``: as it is in
    rows of lanes, and each number twice, row by row. ``open_from_to``, (w, 2): the numbers of such a row from the first
    vector on that is not black throughout to behind the last one.
    """

    transfers: Floats
    turns: Floats
    rows: Floats
    columns: Floats
    mask: Floats
    values: Floats
    aperture: tuple[Floats, Floats]
    open_from_to: NDArray[np.int64]
    starts: NDArray[np.int64]


def work(to_mask: Field, to_camera: Field) -> Work:
    """For transfer functions (w, w) of a side w that is a power of two from 16; ValueError for another."""
    side = len(to_mask)
    if side < _FEWEST or side & (side - 1):
        raise ValueError(f"windows have {side} samples a side, wanted a power of two from {_FEWEST}")
    rows, columns = aligned(side // WIDE, side * BOTH), aligned(side * BOTH)
    transfers = np.stack([_ordered(_Same(to_mask)), _ordered(_Same(to_camera))])
    aperture = aligned(side**2), aligned(2 * side**2)
    return Work(
        transfers, turns_of(side), rows, columns, aligned(side // WIDE, side * BOTH), aligned(side * BOTH), aperture,
        np.zeros((side, 2), np.int64), np.empty(WIDE, np.int64),
    )  # fmt: skip


class _Same:
    """A transfer function, which nobody changes, as an argument that is known again."""

    def __init__(self, transfer: Field) -> None:
        self.transfer = transfer

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.transfer is other.transfer and not self.transfer.flags.writeable

    def __hash__(self) -> int:
        return id(self.transfer)


@lru_cache(maxsize=8)
def _ordered(same: _Same) -> Floats:
    """(2, w^2): real and imaginary parts over w^2, in the order of reversed digits."""
    transfer, order = same.transfer, reversed_digits(len(same.transfer))
    ordered = transfer[order][:, order] / len(order) ** 2
    return np.stack([ordered.real, ordered.imag]).astype(np.float32).reshape(2, -1)


@njit(nogil=True)
def _gathered(source: Floats, first: int, stride: int, starts: NDArray[np.int64], target: Floats, count: int) -> None:
    """``count`` numbers of sixteen rows that are ``stride`` numbers apart, one row a lane."""
    for lane in range(WIDE):
        starts[lane] = first + lane * stride
    for k in range(0, count, WIDE):
        into_lanes(source, starts, k, target, k * WIDE)


@njit(nogil=True)
def _scattered(source: Floats, target: Floats, first: int, stride: int, count: int) -> None:
    """Undo `_gathered`."""
    for k in range(0, count, WIDE):
        out_of_lanes(source, k * WIDE, target, first + k, stride)


@njit(nogil=True)
def _down(way: int, sense: Any, work: Work) -> None:
    """Of spectra of rows: the transform along columns, times the transfer function, and back; -1: its conjugate."""
    line, turn, groups, square = work.columns, work.turns, len(work.rows), WIDE * BOTH
    re_transfer, im_transfer = work.transfers[way, 0], work.transfers[way, 1]
    n = turn.shape[1]
    for h in range(groups):
        for g in range(groups):
            turned(work.rows[g], h * square, line, g * square, BOTH)
            turned(work.rows[g], h * square + WIDE, line, g * square + WIDE, BOTH)
        forward(line, turn)
        for y in range(n):
            at = y * n + h * WIDE
            re, im = load_pair(line, y * BOTH)
            re, im = times(re, im, load_wide(re_transfer, at), multiply(load_wide(im_transfer, at), sense))
            store_pair(line, y * BOTH, re, im)
        back(line, turn)
        for g in range(groups):
            turned(line, g * square, work.rows[g], h * square, BOTH)
            turned(line, g * square + WIDE, work.rows[g], h * square + WIDE, BOTH)


@njit(nogil=True)
def _masked(line: Floats, values: Floats, n: int, sense: Any) -> None:
    """Times the mask, or where ``sense`` is -1 its conjugate."""
    for at in range(0, n * BOTH, BOTH):
        (re, im), (c, s) = load_pair(line, at), load_pair(values, at)
        re, im = times(re, im, c, multiply(s, sense))
        store_pair(line, at, re, im)


@njit(nogil=True)
def _set_mask(mask: Floats, first: int, stride: int, work: Work) -> None:
    for g in range(len(work.rows)):
        _gathered(mask, first + g * WIDE * stride, stride, work.starts, work.mask[g], 2 * work.turns.shape[1])


@njit(nogil=True)
def _through_mask(work: Work, sense: Any) -> None:
    """Spectra of rows at the mask: back, times the mask or its conjugate, and transformed again."""
    for g in range(len(work.rows)):
        line = work.rows[g]
        back(line, work.turns)
        _masked(line, work.mask[g], work.turns.shape[1], sense)
        forward(line, work.turns)


@njit(nogil=True)
def _at_camera(plane: Floats, first: int, stride: int, work: Work) -> None:
    """The spectra of rows at the camera, into ``work.rows``."""
    n = work.turns.shape[1]
    for g in range(len(work.rows)):
        line = work.rows[g]
        _gathered(plane, first + g * WIDE * stride, stride, work.starts, line, 2 * n)
        for x in range(n):
            (re, im), open_ = load_pair(line, x * BOTH), load_wide(work.aperture[0], (g * n + x) * WIDE)
            store_pair(line, x * BOTH, multiply(re, open_), multiply(im, open_))
        forward(line, work.turns)
    _down(0, np.float32(1), work)
    _through_mask(work, np.float32(1))
    _down(1, np.float32(1), work)


@njit(nogil=True)
def _set_aperture(probe: Floats, work: Work) -> None:
    n, (lanes, doubled) = len(probe), work.aperture
    for y in range(n):
        for x in range(n):
            lanes[(y // WIDE * n + x) * WIDE + y % WIDE] = probe[y, x]
            doubled[2 * (y * n + x)] = doubled[2 * (y * n + x) + 1] = probe[y, x]
    for y in range(n):
        start, stop = 2 * n, 0
        for x in range(n):
            if probe[y, x] != 0:
                start, stop = min(start, 2 * x // WIDE * WIDE), (2 * x // WIDE + 1) * WIDE
        work.open_from_to[y, 0], work.open_from_to[y, 1] = start, stop


@njit(cache=True, nogil=True)
def detect(
    plane: Floats, mask: Floats, stride: int, places: Places, probe: Floats, work: Work, patterns: Floats
) -> None:
    """Intensities at the camera, into ``patterns``, flat, of windows of ``plane``.

    Plane and mask are flat, real and imaginary parts in turn, and have rows of ``stride`` numbers. Windows at one place
    of the mask are done fastest one after the other.
    """
    n, known = len(probe), -1
    _set_aperture(probe, work)
    for window in range(len(places.plane)):
        if places.mask[window] != known:
            known = places.mask[window]
            _set_mask(mask, known, stride, work)
        _at_camera(plane, places.plane[window], stride, work)
        for g in range(len(work.rows)):
            line = work.rows[g]
            back(line, work.turns)
            for x in range(n):
                re, im = load_pair(line, x * BOTH)
                store(work.values, x * WIDE, fma(re, re, multiply(im, im)))
            _scattered(work.values, patterns, places.patterns[window] + g * WIDE * n, n, n)


@njit(cache=True, nogil=True)
def improve(
    plane: Floats, mask: Floats, stride: int, places: Places, probe: Floats, work: Work, measured: Floats,
    inside: Inside,
) -> None:  # fmt: skip
    """plane += conj(p) (u' - u) ``inside`` for windows, one after the other, as for `detect`.

    u' has the ``measured`` amplitudes, laid out as patterns are.
    """
    values, turn, n, known = work.values, work.turns, len(probe), -1
    _set_aperture(probe, work)
    for window in range(len(places.plane)):
        first = places.plane[window]
        if places.mask[window] != known:
            known = places.mask[window]
            _set_mask(mask, known, stride, work)
        top, left = divmod(known, stride)
        _at_camera(plane, first, stride, work)
        for g in range(len(work.rows)):
            line = work.rows[g]
            back(line, turn)
            _gathered(measured, places.patterns[window] + g * WIDE * n, n, work.starts, values, n)
            for x in range(n):
                re, im = load_pair(line, x * BOTH)
                found = square_root(fma(re, re, multiply(im, im)))
                scale = divide(load_wide(values, x * WIDE), maximum(found, _DARKEST))
                store_pair(line, x * BOTH, multiply(re, scale), multiply(im, scale))
            forward(line, turn)
        _down(1, np.float32(-1), work)
        _through_mask(work, np.float32(-1))
        _down(0, np.float32(-1), work)
        for g in range(len(work.rows)):
            back(work.rows[g], turn)
            _scattered(work.rows[g], values, 0, 2 * n, 2 * n)
            for lane in range(WIDE):
                y = g * WIDE + lane
                if inside.rows[top + y]:
                    _moved(plane, first + y * stride, inside.numbers, left, work, y, 2 * n * lane)


@njit(nogil=True)
def _moved(plane: Floats, start: int, inside: Floats, left: int, work: Work, y: int, at: int) -> None:
    """Row y of a window, to ``values`` from ``at`` on; what the aperture hides stays as it is."""
    count = 2 * work.turns.shape[1]
    for k in range(work.open_from_to[y, 0], work.open_from_to[y, 1], WIDE):
        old, open_ = load_wide(plane, start + k), load_wide(work.aperture[1], y * count + k)
        missed = subtract(load_wide(work.values, at + k), multiply(open_, old))
        moved = multiply(multiply(open_, load_wide(inside, left + k)), missed)
        store(plane, start + k, add(old, moved))
