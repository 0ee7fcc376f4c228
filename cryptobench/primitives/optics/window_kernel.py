"""Light of many windows at once, from an object through a phase mask to a camera and back, as compiled kernels.

A round of ptychography sends every window through eight Fourier transforms of its own. Here the sixteen lanes of a
vector are sixteen windows, so that a transform along either axis is the same plain sequence of operations, nothing is
transposed, and a row is masked, or gets its measured amplitudes, while it is in the first cache. Radix 4, forwards by
decimation in frequency and back by decimation in time: what is between them stays in the order of reversed digits.
Nothing but + - * / and square roots, each rounded once: the same bits on every machine.

A line of n samples is 32 n numbers: sixteen real parts and sixteen imaginary ones for each sample.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

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
from cryptobench.primitives.simd.lanes import into_lanes, out_of_lanes

__all__ = ["WIDE", "Places", "Work", "detect", "improve", "reversed_digits", "work"]

_FEWEST = 16  # samples of a line
_BOTH = 2 * WIDE  # numbers of a sample
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
    room = [aligned(size) for size in (side * (side + 1) * _BOTH, side * _BOTH, side * _BOTH, side * _BOTH)]
    return Work(np.stack([both.real, both.imag], axis=1).astype(np.float32), _turns(side), *room)


def reversed_digits(n: int) -> NDArray[np.int64]:
    """Which frequency stands where after a forward transform of n numbers, a power of two."""
    if n == 1:
        return np.zeros(1, np.int64)
    radix = 4 if n % 4 == 0 else 2
    inner = reversed_digits(n // radix)
    return np.concatenate([radix * inner + digit for digit in range(radix)])


@lru_cache(maxsize=8)
def _turns(n: int) -> Floats:
    """exp(-2 pi i k / n) for k = 0 ... n - 1: real parts, then imaginary ones, (2, n)."""
    circle = np.exp(-2j * np.pi * np.arange(n) / n)
    parts = np.stack([circle.real, circle.imag]).astype(np.float32)
    parts.flags.writeable = False
    return parts


@njit(nogil=True)
def _times(re: Any, im: Any, c: Any, s: Any) -> Any:
    """(re + i im)(c + i s) of vectors, or of vectors and a number."""
    return subtract(multiply(re, c), multiply(im, s)), fma(re, s, multiply(im, c))


@njit(nogil=True)
def _fourth(ar: Any, ai: Any, br: Any, bi: Any, cr: Any, ci: Any, dr: Any, di: Any) -> Any:
    """The transform of four numbers; with the second and the fourth result exchanged, the one back."""
    pr, qr, rr, tr = add(ar, cr), subtract(ar, cr), add(br, dr), subtract(br, dr)
    pi, qi, ri, ti = add(ai, ci), subtract(ai, ci), add(bi, di), subtract(bi, di)
    return (
        add(pr, rr), add(pi, ri), add(qr, ti), subtract(qi, tr),
        subtract(pr, rr), subtract(pi, ri), subtract(qr, ti), add(qi, tr),
    )  # fmt: skip


@njit(nogil=True)
def _load(line: Floats, at: int) -> Any:
    return load_wide(line, at), load_wide(line, at + WIDE)


@njit(nogil=True)
def _store(line: Floats, at: int, re: Any, im: Any) -> None:
    store(line, at, re)
    store(line, at + WIDE, im)


@njit(nogil=True)
def _forward(line: Floats, turn: Floats) -> None:
    """The transform of each lane of a line, in place, its frequencies in the order of reversed digits."""
    n = turn.shape[1]
    size = n
    while size >= 4:
        apart, hop = size // 4 * _BOTH, n // size
        for k in range(size // 4):
            c1, s1, c2, s2 = turn[0, k * hop], turn[1, k * hop], turn[0, 2 * k * hop], turn[1, 2 * k * hop]
            c3, s3 = turn[0, 3 * k * hop], turn[1, 3 * k * hop]
            for first in range(k * _BOTH, n * _BOTH, size * _BOTH):
                second, third, last = first + apart, first + 2 * apart, first + 3 * apart
                (ar, ai), (br, bi), (cr, ci), (dr, di) = (
                    _load(line, first), _load(line, second), _load(line, third), _load(line, last),
                )  # fmt: skip
                ar, ai, br, bi, cr, ci, dr, di = _fourth(ar, ai, br, bi, cr, ci, dr, di)
                if k:
                    br, bi = _times(br, bi, c1, s1)
                    cr, ci = _times(cr, ci, c2, s2)
                    dr, di = _times(dr, di, c3, s3)
                _store(line, first, ar, ai)
                _store(line, second, br, bi)
                _store(line, third, cr, ci)
                _store(line, last, dr, di)
        size //= 4
    if size == 2:
        _pairs(line, n)


@njit(nogil=True)
def _back(line: Floats, turn: Floats) -> None:
    """n times the inverse of `_forward`."""
    n = turn.shape[1]
    size = 4
    while size < n:
        size *= 4
    if size > n:
        _pairs(line, n)
        size = 8
    else:
        size = 4
    while size <= n:
        apart, hop = size // 4 * _BOTH, n // size
        for k in range(size // 4):
            c1, s1, c2, s2 = turn[0, k * hop], turn[1, k * hop], turn[0, 2 * k * hop], turn[1, 2 * k * hop]
            c3, s3 = turn[0, 3 * k * hop], turn[1, 3 * k * hop]
            for first in range(k * _BOTH, n * _BOTH, size * _BOTH):
                second, third, last = first + apart, first + 2 * apart, first + 3 * apart
                (ar, ai), (br, bi), (cr, ci), (dr, di) = (
                    _load(line, first), _load(line, second), _load(line, third), _load(line, last),
                )  # fmt: skip
                if k:
                    br, bi = _times(br, bi, c1, -s1)
                    cr, ci = _times(cr, ci, c2, -s2)
                    dr, di = _times(dr, di, c3, -s3)
                ar, ai, dr, di, cr, ci, br, bi = _fourth(ar, ai, br, bi, cr, ci, dr, di)
                _store(line, first, ar, ai)
                _store(line, second, br, bi)
                _store(line, third, cr, ci)
                _store(line, last, dr, di)
        size *= 4


@njit(nogil=True)
def _pairs(line: Floats, n: int) -> None:
    """Sums and differences of neighbours, in place."""
    for first in range(0, n * _BOTH, 2 * _BOTH):
        (ar, ai), (br, bi) = _load(line, first), _load(line, first + _BOTH)
        _store(line, first, add(ar, br), add(ai, bi))
        _store(line, first + _BOTH, subtract(ar, br), subtract(ai, bi))


@njit(nogil=True)
def _moved(source: Floats, at: int, hop: int, target: Floats, place: int, stride: int, n: int) -> None:
    """n samples, ``hop`` samples apart from the sample ``at`` on, to where they are ``stride`` samples apart."""
    for k in range(n):
        re, im = _load(source, (at + k * hop) * _BOTH)
        _store(target, (place + k * stride) * _BOTH, re, im)


@njit(nogil=True)
def _down(field: Floats, line: Floats, transfer: Floats, turn: Floats, sense: Any) -> None:
    """Of spectra of rows: the transform along columns, times the transfer function, and back; -1: its conjugate."""
    n = turn.shape[1]
    for x in range(n):
        _moved(field, x, n + 1, line, 0, 1, n)
        _forward(line, turn)
        for y in range(n):
            re, im = _load(line, y * _BOTH)
            re, im = _times(re, im, transfer[0, y, x], sense * transfer[1, y, x])
            _store(line, y * _BOTH, re, im)
        _back(line, turn)
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
    for at in range(0, n * _BOTH, _BOTH):
        (re, im), (c, s) = _load(line, at), _load(values, at)
        re, im = _times(re, im, c, multiply(s, sense))
        _store(line, at, re, im)


@njit(nogil=True)
def _at_camera(plane: Floats, mask: Floats, stride: int, places: Places, probe: Floats, work: Work) -> None:
    """The spectra of rows at the camera, into ``work.field``."""
    line, turn, field, n = work.line, work.turns, work.field, len(probe)
    for y in range(n):
        _gathered(plane, places.plane, y * stride, line, 2 * n)
        for x in range(n):
            re, im = _load(line, x * _BOTH)
            _store(line, x * _BOTH, multiply(re, probe[y, x]), multiply(im, probe[y, x]))
        _forward(line, turn)
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
    _back(work.line, work.turns)
    _gathered(mask, places.mask, y * stride, work.values, 2 * n)
    _masked(work.line, work.values, n, sense)
    _forward(work.line, work.turns)
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
        _back(line, work.turns)
        for x in range(n):
            re, im = _load(line, x * _BOTH)
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
        _back(line, turn)
        _gathered(measured, places.patterns, y * n, values, n)
        for x in range(n):
            re, im = _load(line, x * _BOTH)
            found = square_root(fma(re, re, multiply(im, im)))
            scale = divide(load_wide(values, x * WIDE), maximum(found, _DARKEST))
            _store(line, x * _BOTH, multiply(re, scale), multiply(im, scale))
        _forward(line, turn)
        _moved(line, 0, 1, field, y * (n + 1), 1, n)
    _down(field, line, work.transfers[1], turn, np.float32(-1))
    for y in range(n):
        _through_mask(mask, stride, places, y, work, np.float32(-1))
    _down(field, line, work.transfers[0], turn, np.float32(-1))
    for y in range(n):
        _moved(field, y * (n + 1), 1, line, 0, 1, n)
        _back(line, turn)
        _scattered(line, rows, 2 * n)
        for lane in range(places.windows):
            start, within = places.plane[lane] + y * stride, places.mask[lane] + y * stride
            for k in range(2 * n):
                open_ = probe[y, k // 2]
                old = plane[start + k]
                plane[start + k] = old + open_ * inside[within + k] * (rows[2 * n * lane + k] - open_ * old)
