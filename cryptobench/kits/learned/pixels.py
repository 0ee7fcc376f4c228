"""Between uint8 images and network tensors: scaling, rounding that gradients pass, padding to whole blocks."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from cryptobench.cipher import Image

__all__ = ["crop_to", "pad_to_multiple", "round_through", "to_image", "to_tensor"]

HALF = 127.5  # x = u / 127.5 - 1 carries a byte u to [-1, 1]


def to_tensor(images: Image) -> Tensor:
    """(H, W, 3) or (N, H, W, 3) uint8 to (N, 3, H, W) float32 in [-1, 1], channels last in memory."""
    stacked = images if images.ndim == 4 else images[None]
    # The permuted view of (N, H, W, C) memory is what torch calls channels_last: nothing is moved.
    return (torch.from_numpy(stacked.astype(np.float32)) / HALF - 1).permute(0, 3, 1, 2)


def to_image(batch: Tensor) -> Image:
    """(1, 3, H, W) in [-1, 1] to (H, W, 3) uint8, rounded to the nearest byte."""
    levels = ((batch[0].detach() + 1) * HALF).round_().clamp_(0, 255)
    return np.ascontiguousarray(levels.permute(1, 2, 0).to(torch.uint8).cpu().numpy())


def round_through(y: Tensor) -> Tensor:
    """``y`` rounded to the 256 levels of a byte; the gradient passes as if it were not (straight-through)."""
    levels = ((y + 1) * HALF).round().clamp(0, 255) / HALF - 1
    return y + (levels - y).detach()


def pad_to_multiple(image: Image, multiple: int) -> Image:
    """(H, W, C) mirrored at the bottom and the right edge up to the next multiple of ``multiple``."""
    height, width = image.shape[:2]
    down, right = -height % multiple, -width % multiple
    if not (down or right):
        return image
    return np.pad(image, ((0, down), (0, right), (0, 0)), mode="symmetric")


def crop_to(image: Image, height: int, width: int) -> Image:
    """The upper left (height, width) part."""
    return np.ascontiguousarray(image[:height, :width])
