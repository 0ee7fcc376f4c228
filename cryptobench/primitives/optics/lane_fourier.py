"""The Fourier transform of sixteen lines at once, one in each lane of a vector, as compiled kernels.

Radix 4, forwards by decimation in frequency and back by decimation in time, so that nothing is put in order: what is
between them stands in the order of reversed digits. Nothing but + - * and multiply-adds, each rounded once: the same
bits on every machine. A line of n samples is 32 n numbers: sixteen real parts and sixteen imaginary ones for each.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numba.core import codegen, config
from numpy.typing import NDArray

from cryptobench.primitives.simd.float32 import WIDE, Floats, add, fma, load, load_wide, multiply, store, subtract

__all__ = ["BOTH", "back", "forward", "load_pair", "reversed_digits", "store_pair", "times", "turns_of"]

BOTH = 2 * WIDE  # numbers of a sample
_CODE: Any = codegen
_FEATURES = getattr(config, "CPU_FEATURES", None)  # what NUMBA_CPU_FEATURES says, if anything
_FEATURES = _CODE.get_host_cpu_features() if _FEATURES is None else _FEATURES
_LONG = "+avx512f" in _FEATURES.split(",")  # whether a register has room for sixteen numbers
_ROOM = WIDE if _LONG else WIDE // 2  # lanes that are transformed at a time, so that four samples stay in registers
_load_room: Any = load_wide if _LONG else load


def reversed_digits(n: int) -> NDArray[np.int64]:
    """Which frequency stands where after a forward transform of n numbers, a power of two."""
    if n == 1:
        return np.zeros(1, np.int64)
    radix = 4 if n % 4 == 0 else 2
    inner = reversed_digits(n // radix)
    return np.concatenate([radix * inner + digit for digit in range(radix)])


@lru_cache(maxsize=8)
def turns_of(n: int) -> Floats:
    """exp(-2 pi i k / n) for k = 0 ... n - 1: real parts, then imaginary ones, (2, n)."""
    circle = np.exp(-2j * np.pi * np.arange(n) / n)
    parts = np.stack([circle.real, circle.imag]).astype(np.float32)
    parts.flags.writeable = False
    return parts


@njit(nogil=True)
def times(re: Any, im: Any, c: Any, s: Any) -> Any:
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
def load_pair(line: Floats, at: int) -> Any:
    return load_wide(line, at), load_wide(line, at + WIDE)


@njit(nogil=True)
def store_pair(line: Floats, at: int, re: Any, im: Any) -> None:
    store(line, at, re)
    store(line, at + WIDE, im)


@njit(nogil=True)
def _load_part(line: Floats, at: int) -> Any:
    return _load_room(line, at), _load_room(line, at + WIDE)


@njit(nogil=True)
def forward(line: Floats, turn: Floats) -> None:
    """The transform of each lane of a line, in place, its frequencies in the order of reversed digits."""
    n = turn.shape[1]
    size = n
    while size >= 4:
        apart, hop = size // 4 * BOTH, n // size
        for k in range(size // 4):
            c1, s1, c2, s2 = turn[0, k * hop], turn[1, k * hop], turn[0, 2 * k * hop], turn[1, 2 * k * hop]
            c3, s3 = turn[0, 3 * k * hop], turn[1, 3 * k * hop]
            for sample in range(k * BOTH, n * BOTH, size * BOTH):
                for first in range(sample, sample + WIDE, _ROOM):
                    second, third, last = first + apart, first + 2 * apart, first + 3 * apart
                    (ar, ai), (br, bi), (cr, ci), (dr, di) = (
                        _load_part(line, first), _load_part(line, second), _load_part(line, third),
                        _load_part(line, last),
                    )  # fmt: skip
                    ar, ai, br, bi, cr, ci, dr, di = _fourth(ar, ai, br, bi, cr, ci, dr, di)
                    if k:
                        br, bi = times(br, bi, c1, s1)
                        cr, ci = times(cr, ci, c2, s2)
                        dr, di = times(dr, di, c3, s3)
                    store_pair(line, first, ar, ai)
                    store_pair(line, second, br, bi)
                    store_pair(line, third, cr, ci)
                    store_pair(line, last, dr, di)
        size //= 4
    if size == 2:
        _pairs(line, n)


@njit(nogil=True)
def back(line: Floats, turn: Floats) -> None:
    """n times the inverse of `forward`."""
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
        apart, hop = size // 4 * BOTH, n // size
        for k in range(size // 4):
            c1, s1, c2, s2 = turn[0, k * hop], turn[1, k * hop], turn[0, 2 * k * hop], turn[1, 2 * k * hop]
            c3, s3 = turn[0, 3 * k * hop], turn[1, 3 * k * hop]
            for sample in range(k * BOTH, n * BOTH, size * BOTH):
                for first in range(sample, sample + WIDE, _ROOM):
                    second, third, last = first + apart, first + 2 * apart, first + 3 * apart
                    (ar, ai), (br, bi), (cr, ci), (dr, di) = (
                        _load_part(line, first), _load_part(line, second), _load_part(line, third),
                        _load_part(line, last),
                    )  # fmt: skip
                    if k:
                        br, bi = times(br, bi, c1, -s1)
                        cr, ci = times(cr, ci, c2, -s2)
                        dr, di = times(dr, di, c3, -s3)
                    ar, ai, dr, di, cr, ci, br, bi = _fourth(ar, ai, br, bi, cr, ci, dr, di)
                    store_pair(line, first, ar, ai)
                    store_pair(line, second, br, bi)
                    store_pair(line, third, cr, ci)
                    store_pair(line, last, dr, di)
        size *= 4


@njit(nogil=True)
def _pairs(line: Floats, n: int) -> None:
    """Sums and differences of neighbours, in place."""
    for first in range(0, n * BOTH, 2 * BOTH):
        (ar, ai), (br, bi) = load_pair(line, first), load_pair(line, first + BOTH)
        store_pair(line, first, add(ar, br), add(ai, bi))
        store_pair(line, first + BOTH, subtract(ar, br), subtract(ai, bi))
