"""A DCT-II of order 9025 of 4096 numbers, and its transpose, as compiled kernels: layers of sorted DCT rows in lanes.

For an odd order N a DCT-II is a Fourier transform of real numbers but for the order and the signs of its inputs and
outputs (Heideman, IEEE Trans. Signal Process. 40 (1992) 54). With m = (2 i + 1) / 4 mod N for even i, and its negative
for odd i, u[m] = x[i], and the transform U of u is, number by number, the DCT: real parts where k is even, imaginary
ones where it is odd. The 4096 inputs lie side by side in u.

N = 95 x 95 and 95 = 19 x 5: columns of 95 are transformed, sixteen in the lanes of a vector, then turned and
transposed, and rows are transformed in the same way, half of them, since u is real. 19 and 5 have no common divisor,
and need no factors between them (Good, J. R. Stat. Soc. B 20 (1958) 361). Nothing but + - * and multiply-adds, each
rounded once: the same bits on every machine.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.simd.float32 import (
    WIDE,
    Floats,
    add,
    fma,
    load_wide,
    multiply,
    store,
    subtract,
)  # fmt: skip

__all__ = [
    "HALF", "INPUTS", "LINE", "NOTHING", "ORDER", "PAIRS", "PLANE", "SIDE", "VECTOR", "ZERO", "Tables", "columns",
    "columns_back", "tables", "transformed",
]  # fmt: skip

INPUTS, ORDER = 4096, 9025
# Numbers of a known type: numba would compile what is given a written number once more for each.
ZERO: Any = np.int64(0)
SIDE: Any = np.int64(95)  # rows and columns of u
LINE: Any = np.int64(96)  # numbers from one row of it to the next
HALF: Any = np.int64(48)  # rows of the transform that are not another's conjugate: three vectors
VECTOR: Any = np.int64(WIDE)
PLANE: Any = LINE * VECTOR  # numbers from the real parts of a line of vectors to the imaginary ones
PAIRS: Any = 18 * VECTOR  # numbers of the sums and differences of 19
NOTHING: Any = np.float32(0)
_C1, _C2 = np.cos(2 * np.pi / 5 * np.arange(1, 3)).astype(np.float32)
_S1, _S2 = np.sin(2 * np.pi / 5 * np.arange(1, 3)).astype(np.float32)
Places = NDArray[np.int64]


class Tables(NamedTuple):
    """What depends on the sizes alone; places are in numbers, not in bytes."""

    cosines: Floats  # (81,): cos(2 pi j k / 19) for j and k from 1 to 9
    sines: Floats
    sources: Places  # (95,): which of 95 numbers are those of the five transforms of 19
    targets: Places  # (95,): which result is that of frequency k1 of 19 and k2 of 5
    halves: Places  # (50,): the same of real numbers, for k1 to 9; its conjugate's, where that is in the kept half
    weights: Floats  # (2, 50): of real and imaginary parts there: -1 for a conjugate, 0 for one that is another's
    turns: Floats  # (3, 2, 96, 16): exp(-2 pi i m k / N) for 16 k, by m
    lanes: Places  # (6, 16): where the rows of spectra begin, real parts and imaginary ones in turn
    inputs: Places  # (4096,): where in u the inputs stand
    highest: Floats  # (95 * 96,): 1 where one stands, 0 elsewhere
    outputs: Places  # (3, 2, 96, 16): which number of the DCT stands where; any where ``scale`` is 0
    scale: Floats  # the same: its sign and length


@cache
def tables() -> Tables:
    """Made once."""
    nine = 2 * np.pi / 19 * np.outer(np.arange(1, 10), np.arange(1, 10))
    k1, k2 = np.arange(19)[:, None], np.arange(5)
    targets = (76 * k2 + 20 * k1) % SIDE  # 20 is 1 mod 19 and 0 mod 5, 76 the other way round
    kept = targets[:10] < HALF
    spare = (k1[:10] == 0) & (k2 > 2)
    halves = np.where(spare, HALF, np.where(kept, targets[:10], SIDE - targets[:10]))
    weights = np.where(spare, 0, np.stack([np.ones(kept.shape), np.where(kept, 1, -1)]))

    m, k = np.arange(LINE)[:, None], np.arange(HALF)
    angle = 2 * np.pi / ORDER * (m * k % ORDER)
    i = np.arange(INPUTS)
    place = pow(4, -1, ORDER) + np.where(i % 2, -(i + 1) // 2, i // 2)
    inputs = place // SIDE * LINE + place % SIDE
    highest = np.zeros(SIDE * LINE, np.float32)
    highest[inputs] = 1

    k = k + SIDE * m
    real, imaginary = np.where(k % 2, ORDER - k, k), np.where(k % 2, k, ORDER - k)
    length = np.sqrt(2 / ORDER) * (m < SIDE) * ((k % SIDE > 0) | (2 * k < ORDER))
    re = length * np.where(real % 4, -1, 1) * np.where(k, 1, np.sqrt(0.5))
    im = length * np.where((imaginary % 4 == 1) == (k % 2 == 1), 1, -1) * (k > 0)
    scale = _in_vectors(re, im)
    return Tables(
        np.cos(nine).astype(np.float32).ravel(), np.sin(nine).astype(np.float32).ravel(),
        ((5 * np.arange(19) + 19 * k2[:, None]) % SIDE).ravel(), targets.ravel(), halves.ravel(),
        weights.reshape(2, -1).astype(np.float32), _in_vectors(np.cos(angle), -np.sin(angle)).astype(np.float32),
        np.arange(2 * HALF).reshape(-1, WIDE, 2).transpose(0, 2, 1).reshape(-1, WIDE) * LINE, inputs, highest,
        np.where(scale, _in_vectors(real, imaginary), 0), scale.astype(np.float32),
    )  # fmt: skip


def _in_vectors(re: NDArray[Any], im: NDArray[Any]) -> NDArray[Any]:
    """Two of (96, 48), one of its rows a line of vectors, as (3, 2, 96, 16)."""
    both = np.stack([re, im]).reshape(2, LINE, HALF // WIDE, WIDE)
    return np.ascontiguousarray(both.transpose(2, 0, 1, 3))


@njit(nogil=True)
def _sum(start: Any, nine: Any, w: Floats, k: int) -> Any:
    """``start`` + nine[0] w[k] + nine[1] w[k + 1] + ..."""
    a, b, c, d, e, f, g, h, i = nine
    start = fma(c, w[k + 2], fma(b, w[k + 1], fma(a, w[k], start)))
    start = fma(f, w[k + 5], fma(e, w[k + 4], fma(d, w[k + 3], start)))
    return fma(i, w[k + 8], fma(h, w[k + 7], fma(g, w[k + 6], start)))


@njit(nogil=True)
def _nine(line: Floats, at: int, step: int) -> Any:
    """Nine vectors."""
    return (
        load_wide(line, at), load_wide(line, at + step), load_wide(line, at + 2 * step), load_wide(line, at + 3 * step),
        load_wide(line, at + 4 * step), load_wide(line, at + 5 * step), load_wide(line, at + 6 * step),
        load_wide(line, at + 7 * step), load_wide(line, at + 8 * step),
    )  # fmt: skip


@njit(nogil=True)
def _paired(source: Floats, at: int, step: int, places: Places, n2: int, target: Floats, to: int) -> Any:
    """Sums of what stands j and 19 - j places behind the first of 19, then differences, into ``target``.

    The first, and the total.
    """
    first = load_wide(source, at + step * places[19 * n2])
    total = first
    for j in range(1, 10):
        a = load_wide(source, at + step * places[19 * n2 + j])
        b = load_wide(source, at + step * places[19 * n2 + 19 - j])
        both = add(a, b)
        total = add(total, both)
        store(target, to + (j - 1) * VECTOR, both)
        store(target, to + (j + 8) * VECTOR, subtract(a, b))
    return first, total


@njit(nogil=True)
def _fifth(ar: Any, ai: Any, br: Any, bi: Any, cr: Any, ci: Any, dr: Any, di: Any, er: Any, ei: Any) -> Any:
    """The transform of five numbers; with real and imaginary parts exchanged, the one back."""
    pr, pi, qr, qi = add(br, er), add(bi, ei), add(cr, dr), add(ci, di)
    rr, ri, tr, ti = subtract(br, er), subtract(bi, ei), subtract(cr, dr), subtract(ci, di)
    ur, ui = fma(qr, _C2, fma(pr, _C1, ar)), fma(qi, _C2, fma(pi, _C1, ai))
    vr, vi = fma(qr, _C1, fma(pr, _C2, ar)), fma(qi, _C1, fma(pi, _C2, ai))
    fr, fi = fma(tr, _S2, multiply(rr, _S1)), fma(ti, _S2, multiply(ri, _S1))
    gr, gi = fma(tr, -_S1, multiply(rr, _S2)), fma(ti, -_S1, multiply(ri, _S2))
    return (
        add(ar, add(pr, qr)), add(ai, add(pi, qi)), add(ur, fi), subtract(ui, fr), add(vr, gi), subtract(vi, gr),
        subtract(vr, gi), add(vi, gr), subtract(ur, fi), add(ui, fr),
    )  # fmt: skip


@njit(nogil=True)
def _fifths(line: Floats, re: int, im: int, step: int) -> Any:
    """`_fifth` of five vectors that are so far apart."""
    return _fifth(
        load_wide(line, re), load_wide(line, im), load_wide(line, re + step), load_wide(line, im + step),
        load_wide(line, re + 2 * step), load_wide(line, im + 2 * step), load_wide(line, re + 3 * step),
        load_wide(line, im + 3 * step), load_wide(line, re + 4 * step), load_wide(line, im + 4 * step),
    )  # fmt: skip


@njit(nogil=True)
def transformed(line: Floats, room: Floats, pairs: Floats, re: int, im: int, t: Any) -> None:
    """The transform of each lane of a line of 95 vectors, in place; with ``re`` and ``im`` exchanged, the one back."""
    for n2 in range(5):
        to = 19 * n2 * VECTOR
        first_re, re_total = _paired(line, re, VECTOR, t.sources, n2, pairs, ZERO)
        first_im, im_total = _paired(line, im, VECTOR, t.sources, n2, pairs, PAIRS)
        store(room, to, re_total)
        store(room, to + PLANE, im_total)
        re_nine = _nine(pairs, ZERO, VECTOR)
        im_nine = _nine(pairs, PAIRS, VECTOR)
        for k in range(9):
            at = to + (k + 1) * VECTOR
            store(room, at, _sum(first_re, re_nine, t.cosines, 9 * k))
            store(room, at + PLANE, _sum(first_im, im_nine, t.cosines, 9 * k))
        re_nine = _nine(pairs, 9 * VECTOR, VECTOR)
        im_nine = _nine(pairs, PAIRS + 9 * VECTOR, VECTOR)
        for k in range(9):
            at, opposite = to + (k + 1) * VECTOR, to + (18 - k) * VECTOR
            ur, ui = load_wide(room, at), load_wide(room, at + PLANE)
            vr = _sum(NOTHING, re_nine, t.sines, 9 * k)
            vi = _sum(NOTHING, im_nine, t.sines, 9 * k)
            store(room, at, add(ur, vi))
            store(room, at + PLANE, subtract(ui, vr))
            store(room, opposite, subtract(ur, vi))
            store(room, opposite + PLANE, add(ui, vr))
    for k1 in range(19):
        at = k1 * VECTOR
        ar, ai, br, bi, cr, ci, dr, di, er, ei = _fifths(room, at, at + PLANE, 19 * VECTOR)
        _kept(line, re, im, t.targets[5 * k1], ar, ai)
        _kept(line, re, im, t.targets[5 * k1 + 1], br, bi)
        _kept(line, re, im, t.targets[5 * k1 + 2], cr, ci)
        _kept(line, re, im, t.targets[5 * k1 + 3], dr, di)
        _kept(line, re, im, t.targets[5 * k1 + 4], er, ei)


@njit(nogil=True)
def _kept(line: Floats, re: int, im: int, place: int, a: Any, b: Any) -> None:
    store(line, re + place * VECTOR, a)
    store(line, im + place * VECTOR, b)


@njit(nogil=True)
def columns(z: Floats, v: int, spectra: Floats, room: Floats, pairs: Floats, t: Any) -> None:
    """The transforms of the columns of u from 16 v on: the half that is kept, two rows of ``spectra`` for each."""
    for n2 in range(5):
        to = 10 * n2 * VECTOR
        first, total = _paired(z, v * VECTOR, LINE, t.sources, n2, pairs, ZERO)
        nothing = subtract(first, first)
        store(room, to, total)
        store(room, to + PLANE, nothing)
        re_nine = _nine(pairs, ZERO, VECTOR)
        for k in range(9):
            store(room, to + (k + 1) * VECTOR, _sum(first, re_nine, t.cosines, 9 * k))
        re_nine = _nine(pairs, 9 * VECTOR, VECTOR)
        for k in range(9):
            found = _sum(NOTHING, re_nine, t.sines, 9 * k)
            store(room, to + (k + 1) * VECTOR + PLANE, subtract(nothing, found))
    for k1 in range(10):
        at = k1 * VECTOR
        ar, ai, br, bi, cr, ci, dr, di, er, ei = _fifths(room, at, at + PLANE, 10 * VECTOR)
        _half_kept(spectra, v, t, 5 * k1, ar, ai)
        _half_kept(spectra, v, t, 5 * k1 + 1, br, bi)
        _half_kept(spectra, v, t, 5 * k1 + 2, cr, ci)
        _half_kept(spectra, v, t, 5 * k1 + 3, dr, di)
        _half_kept(spectra, v, t, 5 * k1 + 4, er, ei)


@njit(nogil=True)
def _half_kept(spectra: Floats, v: int, t: Any, k: int, re: Any, im: Any) -> None:
    at = 2 * LINE * t.halves[k] + v * VECTOR
    store(spectra, at, multiply(re, t.weights[0, k]))
    store(spectra, at + LINE, multiply(im, t.weights[1, k]))


@njit(nogil=True)
def _half_read(spectra: Floats, v: int, t: Any, k: int) -> Any:
    """The imaginary part, and the real one."""
    at = 2 * LINE * t.halves[k] + v * VECTOR
    re, im = load_wide(spectra, at), load_wide(spectra, at + LINE)
    return multiply(im, t.weights[1, k]), multiply(re, t.weights[0, k])


@njit(nogil=True)
def columns_back(spectra: Floats, v: int, gradient: Floats, room: Floats, t: Any) -> None:
    """The transpose of `columns`."""
    for k1 in range(10):
        at, k = k1 * VECTOR, 5 * k1
        ai, ar = _half_read(spectra, v, t, k)
        bi, br = _half_read(spectra, v, t, k + 1)
        ci, cr = _half_read(spectra, v, t, k + 2)
        di, dr = _half_read(spectra, v, t, k + 3)
        ei, er = _half_read(spectra, v, t, k + 4)
        ai, ar, bi, br, ci, cr, di, dr, ei, er = _fifth(ai, ar, bi, br, ci, cr, di, dr, ei, er)
        _kept(room, ZERO, PLANE, k1, ar, ai)
        _kept(room, ZERO, PLANE, k1 + 10, br, bi)
        _kept(room, ZERO, PLANE, k1 + 20, cr, ci)
        _kept(room, ZERO, PLANE, k1 + 30, dr, di)
        _kept(room, ZERO, PLANE, k1 + 40, er, ei)
    for n2 in range(5):
        at = 10 * n2 * VECTOR
        first = load_wide(room, at)
        re_nine = _nine(room, at + VECTOR, VECTOR)
        im_nine = _nine(room, at + VECTOR + PLANE, VECTOR)
        a, b, c, d, e, f, g, h, i = re_nine
        total = add(add(add(a, b), add(c, d)), add(add(e, f), add(g, h)))
        store(gradient, t.sources[19 * n2] * LINE + v * VECTOR, add(first, add(total, i)))
        for k in range(9):
            u = _sum(first, re_nine, t.cosines, 9 * k)
            w = _sum(NOTHING, im_nine, t.sines, 9 * k)
            store(gradient, t.sources[19 * n2 + k + 1] * LINE + v * VECTOR, subtract(u, w))
            store(gradient, t.sources[19 * n2 + 18 - k] * LINE + v * VECTOR, add(u, w))
