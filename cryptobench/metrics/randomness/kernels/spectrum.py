"""The spectrum of the bits as signs, in two passes of short transforms that stay in the cache.

With z_k = x_2k + i x_2k+1, k = B k1 + k2 and j = j1 + A j2, the transform of the N = A B values z is
Z_j = sum_k2 w_N^(j1 k2) w_B^(j2 k2) sum_k1 w_A^(j1 k1) z_k (Cooley and Tukey 1965); that of the 2 N real values x is
X_j = (Z_j + conj Z_N-j) / 2 - i w_2N^j (Z_j - conj Z_N-j) / 2.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["TABLE", "count_below", "count_below_folded", "roots", "signs", "twiddle"]

TABLE = 1024


@njit(cache=True, nogil=True)
def signs(words: np.ndarray, n: int) -> np.ndarray:
    """The bits as -1 and +1: (n,) float64."""
    out = np.empty(n)
    for i in range(0, n, 64):
        word = words[i >> 6]
        for j in range(min(64, n - i)):
            out[i + j] = 2.0 * np.int64((word >> np.uint64(63 - j)) & np.uint64(1)) - 1.0
    return out


def roots(order: int, step: int, count: int) -> NDArray[np.complex128]:
    """exp(-2 pi i step k / order) for k = 0..count - 1."""
    found: NDArray[np.complex128] = np.exp(-2j * np.pi / order * step * np.arange(count))
    return found


@njit(cache=True, nogil=True)
def twiddle(rows: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    """Multiply value k2 of row j1 by w^(j1 k2), w^t being low[t % TABLE] high[t // TABLE]."""
    for j in range(1, rows.shape[0]):
        for k in range(1, rows.shape[1]):
            power = j * k
            rows[j, k] *= low[power % TABLE] * high[power // TABLE]


@njit(cache=True, nogil=True)
def count_below(spectrum: np.ndarray, count: int, squared: float) -> int:
    """How many of the first ``count`` values have a squared modulus below ``squared``."""
    below = 0
    for i in range(count):
        value = spectrum[i]
        below += value.real * value.real + value.imag * value.imag < squared
    return below


@njit(cache=True, nogil=True)
def count_below_folded(z: np.ndarray, inner: np.ndarray, outer: np.ndarray, squared: float) -> int:
    """`count_below` of X_0..X_N-1 from Z_(j1 + A j2) at z[j1, j2]; w_2N^j is inner[j1] outer[j2]."""
    rows, columns = z.shape
    below = 0
    for j in range(rows):
        for k in range(columns):
            mirror = z[0, (columns - k) % columns] if j == 0 else z[rows - j, columns - 1 - k]
            value, turned = z[j, k], inner[j] * outer[k]
            even = complex(value.real + mirror.real, value.imag - mirror.imag)
            odd = turned * complex(value.imag + mirror.imag, mirror.real - value.real)
            real, imag = even.real + odd.real, even.imag + odd.imag
            below += real * real + imag * imag < 4 * squared
    return below
