"""The plaintext's shape in a header: for ciphers whose cipher image has another one."""

from __future__ import annotations

import struct

from cryptobench.cipher import CipherError, Image

__all__ = ["SHAPE_BYTES", "pack_shape", "unpack_shape"]

_SHAPE = struct.Struct("<III")
SHAPE_BYTES = _SHAPE.size


def pack_shape(image: Image) -> bytes:
    """Height, width and channels as three little-endian uint32; no channels, 0, for a 2-D image."""
    return _SHAPE.pack(*image.shape[:2], image.shape[2] if image.ndim == 3 else 0)


def unpack_shape(name: str, header: bytes) -> tuple[int, ...]:
    """The shape of a header of `pack_shape`; raises `CipherError` for a header of another length or an empty image."""
    if len(header) != SHAPE_BYTES:
        raise CipherError(f"{name}: header has {len(header)} bytes, wanted {SHAPE_BYTES}: height, width and channels")
    height, width, channels = _SHAPE.unpack(header)
    if not (height and width):
        raise CipherError(f"{name}: header is of an image of {height} x {width} pixels, wanted at least one")
    return (height, width, channels) if channels else (height, width)
