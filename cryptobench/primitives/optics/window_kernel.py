"""Light of many windows at once, from an object through a phase mask to a camera and back, as compiled kernels.

A round of ptychography sends every window through eight Fourier transforms of its own. Here the sixteen lanes of a
vector are sixteen windows, so that a transform along either axis is the same plain sequence of operations, nothing is
transposed, and a row is masked, or gets its measured amplitudes, while it is in the first cache.
Nothing but + - * / and square roots, each rounded once: the same bits on every machine. Lines are those of
`lane_fourier`.
"""

from __future__ import annotations

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
    aligned,
    divide,
    fma,
    load_wide,
    maximum,
    multiply,
    square_root,
    store,
)  # fmt: skip
from cryptobench.primitives.simd.lanes import into_lanes, out_of_lanes

__all__ = ["WIDE", "Places", "Work", "detect", "improve", "work"]

_FEWEST = 16  # samples of a line
_DARKEST = np.float32(1e-12)


class Places(NamedTuple):
    """Where up to 16 windows lie: the first number of each in the plane, in the mask and in the patterns, (16,)."""

    plane: NDArray[np.int64]
    mask: NDArray[np.int64]
    patterns: NDArray[np.int64]
    windows: int


class Work(NamedTuple):
    """What the kernels work with for windows of one side: transfer functions, turns, and room.

    ``transfers``, (2, 2, w, w): of the way to the mask and of that on to the camera, real and imaginary parts, over
    w^2, in the order of reversed digits.
    """

    transfers: Floats
    turns: Floats
    field: Floats
    line: Floats
    values: Floats
    rows: Floats


def work(to_mask: Field, to_camera: Field) -> Work:
    """For transfer functions (w, w) of a side w that is a power of two from 16; ValueError for another."""
    side = len(to_mask)
    if side < _FEWEST or side & (side - 1):
        raise ValueError(f"windows have {side} samples a side, wanted a power of two from {_FEWEST}")
    order = reversed_digits(side)
    both = np.stack([to_mask, to_camera])[:, order][:, :, order] / side**2
    room = [aligned(size) for size in (side * (side + 1) * BOTH, side * BOTH, side * BOTH, side * BOTH)]
    return Work(np.stack([both.real, both.imag], axis=1).astype(np.float32), turns_of(side), *room)


@njit(nogil=True)
def _moved(source: Floats, at: int, hop: int, target: Floats, place: int, stride: int, n: int) -> None:
    """n samples, ``hop`` samples apart from the sample ``at`` on, to where they are ``stride`` samples apart."""
    for k in range(n):
        re, im = load_pair(source, (at + k * hop) * BOTH)
        store_pair(target, (place + k * stride) * BOTH, re, im)


@njit(nogil=True)
def _down(field: Floats, line: Floats, transfer: Floats, turn: Floats, sense: Any) -> None:
    """Of spectra of rows: the transform along columns, times the transfer function, and back; -1: its conjugate."""
    n = turn.shape[1]
    for x in range(n):
        _moved(field, x, n + 1, line, 0, 1, n)
        forward(line, turn)
        for y in range(n):
            re, im = load_pair(line, y * BOTH)
            re, im = times(re, im, transfer[0, y, x], sense * transfer[1, y, x])
            store_pair(line, y * BOTH, re, im)
        back(line, turn)
        _moved(line, 0, 1, field, x, n + 1, n)


@njit(nogil=True)
def _gathered(source: Floats, starts: NDArray[np.int64], first: int, target: Floats, count: int) -> None:
    """``count`` numbers of each window, from ``first`` after its start on, one window a lane."""
    for k in range(0, count, WIDE):
        into_lanes(source, starts, first + k, target, k * WIDE)


@njit(nogil=True)
def _scattered(source: Floats, rows: Floats, count: int) -> None:
    """Undo `_gathered`: the numbers of a lane beside one another in ``rows``, (16, count) flat."""
    for k in range(0, count, WIDE):
        out_of_lanes(source, k * WIDE, rows, k, count)


@njit(nogil=True)
def _masked(line: Floats, values: Floats, n: int, sense: Any) -> None:
    """Times the mask, or where ``sense`` is -1 its conjugate."""
    for at in range(0, n * BOTH, BOTH):
        (re, im), (c, s) = load_pair(line, at), load_pair(values, at)
        re, im = times(re, im, c, multiply(s, sense))
        store_pair(line, at, re, im)


@njit(nogil=True)
def _at_camera(plane: Floats, mask: Floats, stride: int, places: Places, probe: Floats, work: Work) -> None:
    """The spectra of rows at the camera, into ``work.field``."""
    line, turn, field, n = work.line, work.turns, work.field, len(probe)
    for y in range(n):
        _gathered(plane, places.plane, y * stride, line, 2 * n)
        for x in range(n):
            re, im = load_pair(line, x * BOTH)
            store_pair(line, x * BOTH, multiply(re, probe[y, x]), multiply(im, probe[y, x]))
        forward(line, turn)
        _moved(line, 0, 1, field, y * (n + 1), 1, n)
    _down(field, line, work.transfers[0], turn, np.float32(1))
    for y in range(n):
        _through_mask(mask, stride, places, y, work, np.float32(1))
    _down(field, line, work.transfers[1], turn, np.float32(1))


@njit(nogil=True)
def _through_mask(mask: Floats, stride: int, places: Places, y: int, work: Work, sense: Any) -> None:
    """Row y of the spectra at the mask: back, times the mask or its conjugate, and transformed again."""
    n = work.turns.shape[1]
    _moved(work.field, y * (n + 1), 1, work.line, 0, 1, n)
    back(work.line, work.turns)
    _gathered(mask, places.mask, y * stride, work.values, 2 * n)
    _masked(work.line, work.values, n, sense)
    forward(work.line, work.turns)
    _moved(work.line, 0, 1, work.field, y * (n + 1), 1, n)


@njit(cache=True, nogil=True)
def detect(
    plane: Floats, mask: Floats, stride: int, places: Places, probe: Floats, work: Work, patterns: Floats
) -> None:
    """Intensities at the camera, into ``patterns``, flat, of windows of ``plane``.

    Plane and mask are flat, real and imaginary parts in turn, and have rows of ``stride`` numbers.
    """
    line, n = work.line, len(probe)
    _at_camera(plane, mask, stride, places, probe, work)
    for y in range(n):
        _moved(work.field, y * (n + 1), 1, line, 0, 1, n)
        back(line, work.turns)
        for x in range(n):
            re, im = load_pair(line, x * BOTH)
            store(work.values, x * WIDE, fma(re, re, multiply(im, im)))
        _scattered(work.values, work.rows, n)
        for lane in range(places.windows):
            start = places.patterns[lane] + y * n
            for x in range(n):
                patterns[start + x] = work.rows[lane * n + x]


@njit(cache=True, nogil=True)
def improve(
    plane: Floats, mask: Floats, stride: int, places: Places, probe: Floats, work: Work, measured: Floats,
    inside: Floats,
) -> None:  # fmt: skip
    """plane += conj(p) (u' - u) ``inside`` for windows that do not overlap, as for `detect`.

    u' has the ``measured`` amplitudes, laid out as patterns are; ``inside`` is as flat as plane, 0 where nothing
    changes.
    """
    line, values, rows, field, turn, n = work.line, work.values, work.rows, work.field, work.turns, len(probe)
    _at_camera(plane, mask, stride, places, probe, work)
    for y in range(n):
        _moved(field, y * (n + 1), 1, line, 0, 1, n)
        back(line, turn)
        _gathered(measured, places.patterns, y * n, values, n)
        for x in range(n):
            re, im = load_pair(line, x * BOTH)
            found = square_root(fma(re, re, multiply(im, im)))
            scale = divide(load_wide(values, x * WIDE), maximum(found, _DARKEST))
            store_pair(line, x * BOTH, multiply(re, scale), multiply(im, scale))
        forward(line, turn)
        _moved(line, 0, 1, field, y * (n + 1), 1, n)
    _down(field, line, work.transfers[1], turn, np.float32(-1))
    for y in range(n):
        _through_mask(mask, stride, places, y, work, np.float32(-1))
    _down(field, line, work.transfers[0], turn, np.float32(-1))
    for y in range(n):
        _moved(field, y * (n + 1), 1, line, 0, 1, n)
        back(line, turn)
        _scattered(line, rows, 2 * n)
        for lane in range(places.windows):
            start, within = places.plane[lane] + y * stride, places.mask[lane] + y * stride
            for k in range(2 * n):
                open_ = probe[y, k // 2]
                old = plane[start + k]
                plane[start + k] = old + open_ * inside[within + k] * (rows[2 * n * lane + k] - open_ * old)
