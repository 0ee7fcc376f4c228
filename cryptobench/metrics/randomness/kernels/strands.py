"""The spectrum of a long sequence one residue class of frequencies at a time, so that memory stays a few bytes a bit.

Decimation in frequency: with n = R m, value X_(r + R t) is value t of the transform of length m of
y_j = w_n^(r j) sum_q w_R^(r q) x_(j + m q) (Gentleman and Sande 1966). For real x, class R - r holds the conjugates of
class r.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["count_strided_below", "strand"]


@njit(cache=True, nogil=True)
def strand(words: np.ndarray, n: int, ways: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """y of class r, (n / R,) complex128, from the bits as -1 and +1.

    ``ways`` is w_R^(r q) for q = 0..R - 1; w_n^(r j) is low[j % T] high[j // T] with T the length of ``low``.
    """
    m, table = n // len(ways), len(low)
    y = np.empty(m, np.complex128)
    for j in range(m):
        real = imag = 0.0
        for q in range(len(ways)):
            i = j + m * q
            sign = 2.0 * np.int64((words[i >> 6] >> np.uint64(63 - (i & 63))) & np.uint64(1)) - 1.0
            real += sign * ways[q].real
            imag += sign * ways[q].imag
        y[j] = complex(real, imag) * low[j % table] * high[j // table]
    return y


@njit(cache=True, nogil=True)
def count_strided_below(spectrum: np.ndarray, first: int, step: int, half: int, both: bool, squared: float) -> int:
    """How many values have a squared modulus below ``squared``; value t has frequency first + step t.

    Frequencies from ``half`` on are left out, unless ``both``: then they stand for their mirror images.
    """
    below = 0
    for t in range(len(spectrum)):
        if both or first + step * t < half:
            value = spectrum[t]
            below += value.real * value.real + value.imag * value.imag < squared
    return below
