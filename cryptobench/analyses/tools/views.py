"""Cipher images to look at, whatever their number of channels."""

from __future__ import annotations

import numpy as np

from cryptobench.cipher import Image

__all__ = ["viewable"]


def viewable(cipher_image: Image, plain: Image) -> Image:
    """The cipher image, (H, W), (H, W, 1) or (H, W, 3) as it is; with more channels, cut into pictures side by side.

    Each picture has as many channels as the plaintext, where that divides them and is 1 or 3, else one: (H, n W) or
    (H, n W, 3).
    """
    if cipher_image.ndim == 2 or cipher_image.shape[2] in (1, 3):
        return cipher_image
    channels = 3 if plain.ndim == 3 and plain.shape[2] == 3 and cipher_image.shape[2] % 3 == 0 else 1
    pictures = np.split(cipher_image, cipher_image.shape[2] // channels, axis=2)
    joined: Image = np.concatenate(pictures, axis=1)
    return joined if channels == 3 else joined[..., 0]
