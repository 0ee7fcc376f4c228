"""Low peaks of the spectrum of a long sequence: counted in single precision, those near the threshold in double."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import fft

from cryptobench.metrics.randomness.bits import Bits

__all__ = ["TABLE", "count_folded", "count_low_peaks", "float_signs", "roots", "squared_peak", "twiddle"]

TABLE = 1024  # roots of unity in the finer of the two tables whose products are all
# Squared moduli so near the threshold, relative to it, are computed anew. Errors of single precision are 1.7e-7 of the
# root mean square of the spectrum, which is sqrt(n) for any sequence, and 8e-7 at most, where this is 66e-7.
NEAR = 2.0**-17
LOUD = 256.0  # squared moduli over n from which on errors may be larger: the sequence is no case for single precision
MOST_NEAR = 64
_ABREAST = 32
_I32, _F32, ONE, BYTE = np.int32, np.float32, np.uint64(1), np.uint64(0xFF)


def roots(order: int, step: int, count: int) -> NDArray[np.complex128]:
    """exp(-2 pi i step k / order) for k = 0..count - 1."""
    found: NDArray[np.complex128] = np.exp(-2j * np.pi / order * step * np.arange(count))
    return found


def count_low_peaks(bits: Bits, rows: int, squared: float) -> int:
    """How many of the first n / 2 values of the spectrum have a squared modulus below ``squared``; n is even.

    ``rows``, at least 2, divides n / 2: the transform is two passes of short ones. A sequence with peaks so high, or so
    many near the threshold, that single precision does not do is transformed again in double.
    """
    edges = np.array([squared * (1 - NEAR), squared * (1 + NEAR), bits.n * LOUD], np.float32)
    below, near = _count_by(bits, rows, edges)
    if near is None:
        return _count_by(bits, rows, np.array([squared, squared, np.inf]))[0]
    return below + sum(squared_peak(bits.words, bits.n, frequency) < squared for frequency in near)


def _count_by(
    bits: Bits, rows: int, edges: NDArray[np.float32] | NDArray[np.float64]
) -> tuple[int, NDArray[np.int64] | None]:
    """`count_folded` in the precision of the edges; None for frequencies that are too many or a peak that is too high.

    A spectrum in single precision takes four bytes a bit.
    """
    half, kind = bits.n // 2, np.dtype(np.complex64 if edges.dtype == np.float32 else np.complex128)
    z = float_signs(bits.words, np.empty(bits.n, edges.dtype)).view(kind).reshape(rows, half // rows)
    z = fft.fft(z, axis=0, overwrite_x=True)
    twiddle(z, roots(half, 1, TABLE), roots(half, TABLE, half // TABLE + 1))
    z = fft.fft(z, axis=1, overwrite_x=True)
    inner, outer = roots(bits.n, 1, rows).astype(kind), roots(bits.n, rows, half // rows).astype(kind)
    found = np.empty(MOST_NEAR, np.int64)
    below, near = count_folded(z, inner, outer, edges, found)
    return int(below), found[:near] if near >= 0 else None


@njit(cache=True, nogil=True)
def float_signs(words: np.ndarray, out: np.ndarray) -> np.ndarray:
    """The first bits as -1 and +1, written to the floats ``out``."""
    for i in range(out.size // 64):
        word, row = words[i], out[64 * i : 64 * i + 64]
        for j in range(64):
            row[j] = _F32(2.0) * _F32((word >> np.uint64(63 - j)) & ONE) - _F32(1.0)
    for i in range(out.size // 64 * 64, out.size):
        out[i] = _F32(2.0) * _F32((words[i >> 6] >> np.uint64(63 - (i & 63))) & ONE) - _F32(1.0)
    return out


@njit(cache=True, nogil=True)
def twiddle(z: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    """Multiply value k of row j by w^(j k), w^t being low[t % TABLE] high[t // TABLE], in the precision of z."""
    fine, coarse = np.empty(_ABREAST, z.dtype), np.empty(1, z.dtype)
    for j in range(1, z.shape[0]):
        for k in range(_ABREAST):
            fine[k] = low[j * k % TABLE] * high[j * k // TABLE]
        for start in range(0, z.shape[1], _ABREAST):
            power, part = j * start, z[j, start : start + _ABREAST]
            coarse[0] = low[power % TABLE] * high[power // TABLE]
            turn = coarse[0]
            for k in range(part.size):
                part[k] = part[k] * (fine[k] * turn)


@njit(cache=True, nogil=True, inline="always")
def _squares(value: Any, mirror: Any, turned: Any) -> Any:
    """Squared moduli of X_f and of X_(N - f), from Z_f, Z_(N - f) and w_2N^f."""
    even_real, even_imag = value.real + mirror.real, value.imag - mirror.imag
    a, b = value.imag + mirror.imag, mirror.real - value.real
    odd_real, odd_imag = turned.real * a - turned.imag * b, turned.real * b + turned.imag * a
    real, imag, other_real, other_imag = (
        even_real + odd_real, even_imag + odd_imag, even_real - odd_real, even_imag - odd_imag,
    )  # fmt: skip
    quarter = _F32(0.25)
    return quarter * (real * real + imag * imag), quarter * (other_real * other_real + other_imag * other_imag)


@njit(cache=True, nogil=True)
def _count(row: np.ndarray, mirror: np.ndarray, inner: Any, outer: np.ndarray, edges: np.ndarray) -> Any:
    """Of the pairs of ``row`` and reversed ``mirror``: how many squared moduli are below each of the three edges."""
    low, high, loud = edges[0], edges[1], edges[2]
    below, up_to, quiet, last = _I32(0), _I32(0), _I32(0), mirror.size - 1
    for k in range(row.size):
        one, other = _squares(row[k], mirror[last - k], inner * outer[k])
        below = _I32(below + _I32(_I32(one < low) + _I32(other < low)))
        up_to = _I32(up_to + _I32(_I32(one < high) + _I32(other < high)))
        quiet = _I32(quiet + _I32(_I32(one < loud) + _I32(other < loud)))
    return below, up_to, quiet


@njit(cache=True, nogil=True)
def count_folded(
    z: np.ndarray, inner: np.ndarray, outer: np.ndarray, edges: np.ndarray, found: np.ndarray
) -> tuple[int, int]:
    """Of X_0..X_N-1, how many squared moduli are below edges[0], and how many from there to edges[1].

    Z_(j + A k) stands at z[j, k]; w_2N^(j + A k) is inner[j] outer[k]. The frequencies of the second kind are written
    to ``found``; their number is -1 where it is too small, or where a squared modulus reaches edges[2].
    """
    rows, columns = z.shape
    total, below, near = rows * columns, 0, 0
    for j in range(rows // 2 + 1):
        first, last = 0, columns
        if j == 0:  # mirrored within itself, X_0 alone
            first, last = 1, (columns + 1) // 2
            mirror = z[0, columns - last + 1 :]
        elif 2 * j == rows:
            last = columns // 2
            mirror = z[j, columns - last :]
        elif 2 * j < rows:
            mirror = z[rows - j]
        else:
            continue
        row, turned = z[j, first:last], outer[first:last]
        low, up_to, quiet = _count(row, mirror, inner[j], turned, edges)
        below += low
        if quiet < 2 * row.size:
            return below, -1
        if up_to == low:
            continue
        for k in range(row.size):
            one, other = _squares(row[k], mirror[row.size - 1 - k], inner[j] * turned[k])
            frequency = j + rows * (first + k)
            for value, place in ((one, frequency), (other, total - frequency)):
                if edges[0] <= value < edges[1]:
                    if near == found.size:
                        return below, -1
                    found[near] = place
                    near += 1
    for frequency in range(0, total, (total + 1) // 2):  # 0 and, where total is even, the middle: without mirror image
        if frequency and total % 2:
            continue
        j, k = frequency % rows, frequency // rows
        value = _squares(z[j, k], z[j, k], inner[j] * outer[k])[0]
        if value >= edges[2] or (edges[0] <= value < edges[1] and near == found.size):
            return below, -1
        below += value < edges[0]
        if edges[0] <= value < edges[1]:
            found[near] = frequency
            near += 1
    return below, near


@njit(cache=True, nogil=True)
def squared_peak(words: np.ndarray, n: int, frequency: int) -> float:
    """|X_f|^2 in double precision, by Horner's rule on every fourth byte; to 1e-11 of its value or of n."""
    turn = -2 * np.pi / n
    table = np.empty(256, np.complex128)
    for byte in range(256):
        total = 0j
        for j in range(8):
            angle = turn * (frequency * j % n)
            total += (2.0 * ((byte >> (7 - j)) & 1) - 1.0) * complex(np.cos(angle), np.sin(angle))
        table[byte] = total
    angle = turn * (frequency * 32 % n)
    step = complex(np.cos(angle), np.sin(angle))
    a = b = c = d = 0j
    for i in range(n // 32 - 1, -1, -1):
        word = words[i >> 1] >> np.uint64(32 * (1 - (i & 1)))
        a = a * step + table[(word >> np.uint64(24)) & BYTE]
        b = b * step + table[(word >> np.uint64(16)) & BYTE]
        c = c * step + table[(word >> np.uint64(8)) & BYTE]
        d = d * step + table[word & BYTE]
    angle = turn * (frequency * 8 % n)
    step = complex(np.cos(angle), np.sin(angle))
    total = a + step * (b + step * (c + step * d))
    for i in range(n // 32 * 32, n):
        sign = 2.0 * np.int64((words[i >> 6] >> np.uint64(63 - (i & 63))) & ONE) - 1.0
        angle = turn * (frequency * i % n)
        total += sign * complex(np.cos(angle), np.sin(angle))
    return float(total.real * total.real + total.imag * total.imag)
