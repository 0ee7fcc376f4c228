"""Training data: random crops of pictures in memory, every batch a pure function of seed and step."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cryptobench.cipher import Image

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["PictureSet", "PicturesError", "crop_batch"]


_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


class PicturesError(ValueError):
    """There are no pictures to train on, or they cannot be used; the message says what is wanted."""


class PictureSet:
    """Colour pictures in memory, (H, W, 3) uint8 each, and a hash of their pixels in order.

    Grey ones, (H, W) or (H, W, 1), get three equal channels; PicturesError for other shapes, and for none at all.
    """

    def __init__(self, images: Sequence[Image], source: str = "memory") -> None:
        if not images:
            raise PicturesError(f"{source}: no pictures, wanted at least one")
        self.images = [_as_colour(image, source) for image in images]
        self.source = source
        digest = hashlib.sha256()
        for image in self.images:
            digest.update(repr(image.shape).encode() + image.tobytes())
        self.sha256 = digest.hexdigest()

    def __len__(self) -> int:
        return len(self.images)


def crop_batch(pictures: PictureSet, seed: int, step: int, count: int, side: int, grey: float = 0.0) -> Tensor:
    """(count, 3, side, side), flipped and transposed at random, in [-1, 1] but for a uniform dither of half a level.

    The share ``grey`` of them, drawn at random, has three equal channels: the luma of ITU-R BT.601, rounded.
    The dither makes every crop new: without it flat regions would show the network the same input again and again.
    Pictures with a side below ``side`` are mirrored at their edges until they are large enough.
    """
    import torch

    generator = np.random.default_rng([seed, step])
    batch = np.empty((count, side, side, 3), np.float32)
    for crop in batch:
        crop[...] = _random_crop(pictures, generator, side)
        if grey and generator.random() < grey:
            crop[...] = np.rint(crop @ _LUMA)[..., None]
    batch += generator.random(batch.shape, dtype=np.float32) - 0.5
    return torch.from_numpy(batch / 127.5 - 1).permute(0, 3, 1, 2)


def _random_crop(pictures: PictureSet, generator: np.random.Generator, side: int) -> Image:
    image = pictures.images[generator.integers(len(pictures))]
    height, width = image.shape[:2]
    if min(height, width) < side:
        image = np.pad(image, ((0, max(0, side - height)), (0, max(0, side - width)), (0, 0)), mode="symmetric")
    top = generator.integers(image.shape[0] - side + 1)
    left = generator.integers(image.shape[1] - side + 1)
    crop = image[top : top + side, left : left + side]
    if generator.random() < 0.5:
        crop = crop[::-1]
    if generator.random() < 0.5:
        crop = crop[:, ::-1]
    if generator.random() < 0.5:
        crop = crop.transpose(1, 0, 2)
    return crop


def _as_colour(image: Image, source: str) -> Image:
    if image.dtype == np.uint8 and image.size:
        if image.ndim == 3 and image.shape[2] == 3:
            return image
        if image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 1):
            return np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    raise PicturesError(
        f"{source}: a picture is {image.dtype} of shape {image.shape}, wanted (H, W) or (H, W, 3) uint8"
    )
