"""How far an image is from another: squared and absolute error, PSNR, SSIM. No null distribution."""

from __future__ import annotations

from math import inf, log10
from typing import Any

import numpy as np
from numba import njit

from cryptobench.metrics import _kernels
from cryptobench.metrics._arrays import Bytes, pair
from cryptobench.metrics.result import Result

__all__ = [
    "mean_absolute_error",
    "mean_squared_error",
    "peak_signal_noise_ratio",
    "similarity_sum",
    "structural_similarity",
]

WINDOW = 7  # pixels
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # Wang's constants


def mean_squared_error(first: Any, second: Any) -> Result:
    """Mean of (first - second)^2."""
    one, two = pair(first, second)
    return Result(squared_error_of(one, two))


def squared_error_of(first: Bytes, second: Bytes) -> float:
    """`mean_squared_error` of checked images."""
    return float(_kernels.squared_sum(first.ravel(), second.ravel()) / first.size)


def mean_absolute_error(first: Any, second: Any) -> Result:
    """Mean of |first - second|."""
    one, two = pair(first, second)
    return Result(_kernels.absolute_sum(one.ravel(), two.ravel()) / one.size)


def peak_signal_noise_ratio(first: Any, second: Any) -> Result:
    """10 log10(255^2 / mean squared error), in dB; inf for identical images.

    >>> import numpy as np
    >>> black, white = np.zeros((8, 8), np.uint8), np.full((8, 8), 255, np.uint8)
    >>> peak_signal_noise_ratio(black, white).value, peak_signal_noise_ratio(black, black).value
    (0.0, inf)
    """
    return psnr_of(squared_error_of(*pair(first, second)))


def psnr_of(squared_error: float) -> Result:
    """`peak_signal_noise_ratio` from the mean squared error."""
    return Result(inf if squared_error == 0 else 10 * log10(255**2 / squared_error))


def structural_similarity(first: Any, second: Any) -> Result:
    """Mean structural similarity (Wang et al. 2004), uniform 7x7 window, sample covariance, by channel and averaged.

    Equal to scikit-image's with ``data_range=255, channel_axis=-1`` and its other defaults. Images with a side below 7
    are measured with the largest odd window that fits; at 1 (a side of 1 or 2 pixels) variances
    vanish and only luminance is compared.
    """
    one, two = pair(first, second)
    return ssim_of(one, two)


def ssim_of(first: Bytes, second: Bytes) -> Result:
    """`structural_similarity` of checked images."""
    height, width = first.shape[:2]
    channels = 1 if first.ndim == 2 else first.shape[2]
    side = min(height, width)
    window = min(WINDOW, side - 1 + side % 2)
    rows = (height, width * channels)
    total = similarity_sum(first.reshape(rows), second.reshape(rows), channels, window, C1, C2)
    return Result(total / ((height - window + 1) * (width - window + 1) * channels))


# Every intermediate below is cast back to int32, else numba widens it to 64 bits and half of the vector width is lost.
# error_model="numpy": the check for a zero divisor (there is none: c1, c2 > 0) would stop the loop from vectorising.
@njit(cache=True, nogil=True, error_model="numpy")
def similarity_sum(x: Bytes, y: Bytes, step: int, window: int, c1: float, c2: float) -> float:
    """Sum over all full windows of two (H, W * step) arrays, ``step`` being the number of interleaved channels.

    ``window`` is at most 7: sums of x and of y fit 16 bits, everything else 31 bits. Variances are sample
    variances; a window of one sample has variance zero.
    """
    height, width = x.shape
    n = np.int32(window * window)
    of_means = 1.0 / (n * n)
    of_variances = 1.0 / (n * (n - 1)) if n > 1 else 0.0
    columns = np.zeros((3, width), np.int32)
    sums = np.zeros((3, width - (window - 1) * step), np.int32)
    values, squares, products = sums[0], sums[1], sums[2]
    total = np.zeros(values.size)
    nothing = np.zeros(width, np.uint8)
    for r in range(height):
        if r < window:
            _advance((x[r], y[r]), (nothing, nothing), columns)
        else:
            _advance((x[r], y[r]), (x[r - window], y[r - window]), columns)
        if r < window - 1:
            continue
        for k in range(3):
            _slide(columns[k], step, window, sums[k])
        for i in range(values.size):
            a, b = np.int32(values[i] & 0xFFFF), np.int32(values[i] >> 16)
            cross = np.int32(a * b)
            means = np.int32(np.int32(a * a) + np.int32(b * b))
            covariance = np.int32(np.int32(n * products[i]) - cross)
            variances = np.int32(np.int32(n * squares[i]) - means)
            above = (2 * of_means * cross + c1) * (2 * of_variances * covariance + c2)
            below = (of_means * means + c1) * (of_variances * variances + c2)
            total[i] += above / below
    return float(total.sum())


@njit(cache=True, nogil=True)
def _advance(new: tuple[Bytes, Bytes], old: tuple[Bytes, Bytes], columns: np.ndarray) -> None:
    """Add a row to the column sums of x + 65536 y, x^2 + y^2 and xy, and take another one off."""
    (x, y), (u, v) = new, old
    values, squares, products = columns[0], columns[1], columns[2]
    for i in range(x.size):
        right = np.int32(np.int32(y[i]) - np.int32(v[i]))
        values[i] = np.int32(values[i] + np.int32(np.int32(x[i]) - np.int32(u[i])) + np.int32(right << 16))
    for i in range(x.size):
        a, b, c, d = np.int32(x[i]), np.int32(y[i]), np.int32(u[i]), np.int32(v[i])
        added, removed = np.int32(np.int32(a * a) + np.int32(b * b)), np.int32(np.int32(c * c) + np.int32(d * d))
        squares[i] = np.int32(squares[i] + np.int32(added - removed))
    for i in range(x.size):
        added, removed = np.int32(np.int32(x[i]) * np.int32(y[i])), np.int32(np.int32(u[i]) * np.int32(v[i]))
        products[i] = np.int32(products[i] + np.int32(added - removed))


@njit(cache=True, nogil=True)
def _slide(columns: np.ndarray, step: int, window: int, out: np.ndarray) -> None:
    """Sums of ``window`` entries that lie ``step`` apart."""
    if window == 7:
        b, c, d = columns[step:], columns[2 * step :], columns[3 * step :]
        e, f, g = columns[4 * step :], columns[5 * step :], columns[6 * step :]
        for i in range(out.size):
            left = np.int32(columns[i] + np.int32(b[i] + c[i]))
            out[i] = np.int32(np.int32(left + np.int32(d[i] + e[i])) + np.int32(f[i] + g[i]))
        return
    for i in range(out.size):  # a loop: numba takes two seconds to compile an assignment that may not fit
        out[i] = columns[i]
    for k in range(1, window):
        shifted = columns[k * step :]
        for i in range(out.size):
            out[i] = np.int32(out[i] + shifted[i])
