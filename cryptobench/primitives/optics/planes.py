"""Between images and fields: colour channels as separate fields, and samples as amplitudes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["amplitudes", "as_image", "channels_first", "samples"]


def channels_first(image: Image) -> Image:
    """(C, H, W) contiguous, of an (H, W) or (H, W, C) image."""
    return np.ascontiguousarray(image[None] if image.ndim == 2 else np.moveaxis(image, 2, 0))


def as_image(channels: Image, axes: int) -> Image:
    """The (H, W) or (H, W, C) image, by its number of axes, of (C, H, W) channels."""
    return np.ascontiguousarray(channels[0] if axes == 2 else np.moveaxis(channels, 0, 2))


def amplitudes(image: Image) -> NDArray[np.float32]:
    """Amplitudes sample / 255 in [0, 1], (C, H, W)."""
    return channels_first(image).astype(np.float32) / np.float32(255)


def samples(values: NDArray[np.floating[Any]], axes: int) -> Image:
    """The uint8 image of amplitudes (C, H, W): 255 times the value, clipped and rounded."""
    return as_image(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8), axes)
