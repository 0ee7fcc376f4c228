"""A colour image as one matrix, its planes side by side, and back."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["interleaved", "side_by_side"]

Bytes = NDArray[np.uint8]


def side_by_side(image: Bytes) -> Bytes:
    """The planes of an (H, W, C) image next to one another, (H, C W); a grey image, (H, W), as it is."""
    if image.ndim == 2:
        return np.ascontiguousarray(image)
    return np.ascontiguousarray(image.transpose(0, 2, 1)).reshape(len(image), -1)


def interleaved(planes: Bytes, shape: tuple[int, ...]) -> Bytes:
    """The inverse of `side_by_side`, for an image of ``shape``."""
    return planes if len(shape) == 2 else _merge(planes, shape[2])


@njit(cache=True, nogil=True)
def _merge(planes: Bytes, channels: int) -> Bytes:
    height, width = planes.shape[0], planes.shape[1] // channels
    out = np.empty((height, width, channels), np.uint8)
    for i in range(height):
        for k in range(channels):
            row = planes[i, k * width : (k + 1) * width]
            for j in range(width):
                out[i, j, k] = row[j]
    return out
