"""Halftones: black and white pictures whose local mean is the grey, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["error_diffused", "smoothed"]


@njit(cache=True, nogil=True)
def error_diffused(plane: Image) -> NDArray[np.bool_]:
    """White pixels of an (H, W) plane: Floyd and Steinberg's error diffusion, row by row, in integers.

    Shares 7, 3, 5 and 1 sixteenths of the error (Floyd and Steinberg 1976, Proc. SID 17:75), kept in sixteenths.
    """
    height, width = plane.shape
    white = np.empty((height, width), np.bool_)
    here, below = np.zeros(width + 2, np.int64), np.zeros(width + 2, np.int64)
    for i in range(height):
        for j in range(width):
            wanted = 16 * np.int64(plane[i, j]) + here[j + 1]
            white[i, j] = wanted >= 16 * 128
            error = (wanted - (16 * 255 if white[i, j] else 0)) // 16
            here[j + 2] += 7 * error
            below[j] += 3 * error
            below[j + 1] += 5 * error
            below[j + 2] += error
        for j in range(width + 2):
            here[j] = below[j]
            below[j] = 0
    return white


def smoothed(white: NDArray[np.bool_], sigma: float) -> NDArray[Any]:
    """Greys in [0, 1] of halftones, (..., H, W): means under a Gaussian of ``sigma`` pixels, as an eye takes them."""
    from scipy.ndimage import gaussian_filter

    sigmas = (0.0,) * (white.ndim - 2) + (sigma, sigma)
    grey: NDArray[Any] = gaussian_filter(white.astype(np.float32), sigmas, mode="nearest", truncate=3.0)
    return grey
