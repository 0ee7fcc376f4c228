"""The pixels of a planned image."""

from __future__ import annotations

import numpy as np

from cryptobench.cipher import Image
from cryptobench.images import load_image

__all__ = ["pixels"]

_LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def pixels(reference: str, size: int, grey: bool) -> Image:
    """The image at a size; of a colour image, its luminance if ``grey``."""
    image = load_image(reference, size)
    if not grey or image.ndim == 2:
        return image
    luminance: Image = (image @ _LUMINANCE + 0.5).astype(np.uint8) if image.shape[2] == 3 else image[..., 0].copy()
    return luminance
