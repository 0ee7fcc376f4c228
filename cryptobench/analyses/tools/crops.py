"""Parts of images."""

from __future__ import annotations

import numpy as np

from cryptobench.cipher import Image

__all__ = ["central_part"]


def central_part(image: Image, height: int, width: int) -> Image:
    """The central ``height`` x ``width`` pixels, of an image that has as many, as an array of its own."""
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return np.ascontiguousarray(image[top : top + height, left : left + width])
