"""Fields from recordings, and masks and images from fields, for attacks on optical schemes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import CipherError, Encrypted
from cryptobench.primitives.optics.masks import Field
from cryptobench.primitives.optics.recording import read_field

__all__ = ["NotRecorded", "amplitude_image", "amplitudes_of", "phase_only", "recorded_bits", "recorded_field"]

_PLANES = {8: 2, 16: 4}  # of each channel


class NotRecorded(ValueError):
    """The ciphertext is not a recording of one field for each channel of the plaintext."""


def recorded_field(encrypted: Encrypted, shape: tuple[int, ...]) -> Field:
    """The field, (C, H, W) complex128, of a ciphertext of a plaintext of ``shape``, by its public header.

    Raises NotRecorded for any other ciphertext.
    """
    image, channels = encrypted.image, shape[2] if len(shape) == 3 else 1
    for bits, planes in _PLANES.items():
        if image.shape == (*shape[:2], planes * channels):
            try:
                return read_field("attack", image, encrypted.header, bits)[0].astype(np.complex128)
            except CipherError:
                break
    raise NotRecorded("the ciphertext is no recording of one field for each channel of the plaintext")


def recorded_bits(encrypted: Encrypted, shape: tuple[int, ...]) -> int:
    """How many bits each number of a recorded field has, 8 or 16; as `recorded_field`."""
    channels = shape[2] if len(shape) == 3 else 1
    for bits, planes in _PLANES.items():
        if encrypted.image.shape == (*shape[:2], planes * channels):
            return bits
    raise NotRecorded("the ciphertext is no recording of one field for each channel of the plaintext")


def phase_only(values: Field) -> Field:
    """z / |z|, and 1 for 0."""
    moduli = np.abs(values)
    dark = moduli == 0
    return np.where(dark, 1, values) / np.where(dark, 1, moduli)


def amplitude_image(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The image of ``shape`` with moduli (C, H, W) as amplitudes sample / 255."""
    levels = np.rint(255 * np.clip(np.abs(values), 0, 1)).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(levels, 0, 2)).reshape(shape)


def amplitudes_of(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Amplitudes sample / 255, (C, H, W)."""
    return np.moveaxis(np.atleast_3d(image), 2, 0) / 255
