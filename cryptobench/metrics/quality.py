"""How far an image is from another: squared and absolute error, PSNR, SSIM. No null distribution."""

from __future__ import annotations

from math import inf, log10
from typing import Any

from cryptobench.metrics import _kernels
from cryptobench.metrics._arrays import Bytes, pair
from cryptobench.metrics._ssim import similarity_sum
from cryptobench.metrics.result import Result

__all__ = ["mean_absolute_error", "mean_squared_error", "peak_signal_noise_ratio", "structural_similarity"]

WINDOW = 7
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def mean_squared_error(first: Any, second: Any) -> Result:
    """Mean of (first - second)^2."""
    one, two = pair(first, second)
    return Result(squared_error_of(one, two))


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


def structural_similarity(first: Any, second: Any) -> Result:
    """Mean structural similarity (Wang et al. 2004), uniform 7x7 window, sample covariance, by channel and averaged.

    Equal to scikit-image's with ``data_range=255, channel_axis=-1`` and its other defaults. Images with a side below 7
    are measured with the largest odd window that fits; at 1 (a side of 1 or 2 pixels) variances
    vanish and only luminance is compared.
    """
    one, two = pair(first, second)
    return ssim_of(one, two)


def squared_error_of(first: Bytes, second: Bytes) -> float:
    """`mean_squared_error` of checked images."""
    return float(_kernels.squared_sum(first.ravel(), second.ravel()) / first.size)


def psnr_of(squared_error: float) -> Result:
    """`peak_signal_noise_ratio` from the mean squared error."""
    return Result(inf if squared_error == 0 else 10 * log10(255**2 / squared_error))


def ssim_of(first: Bytes, second: Bytes) -> Result:
    """`structural_similarity` of checked images."""
    height, width = first.shape[:2]
    channels = 1 if first.ndim == 2 else first.shape[2]
    side = min(height, width)
    window = min(WINDOW, side - 1 + side % 2)
    rows = (height, width * channels)
    total = similarity_sum(first.reshape(rows), second.reshape(rows), channels, window, C1, C2)
    return Result(total / ((height - window + 1) * (width - window + 1) * channels))
