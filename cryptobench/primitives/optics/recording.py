"""What a camera and a file make of a field: integers of 8 or 16 bits in uint8 planes, their scale in the header."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import CipherError, Image
from cryptobench.primitives.optics.masks import Field

__all__ = [
    "Recorded",
    "read_codes",
    "read_field",
    "read_header",
    "record_field",
    "require_bits",
    "signed_codes",
    "signed_values",
    "write_codes",
]

_LAYOUT = ">BBIId"
_LARGEST_SIDE = 1 << 16
Codes = NDArray[np.uint16]
Reals = NDArray[Any]


class Recorded(NamedTuple):
    """A header of 18 bytes, public: bits of a number, axes and sides of the plaintext, and the largest number."""

    bits: int
    axes: int
    height: int
    width: int
    scale: float

    def pack(self) -> bytes:
        return struct.pack(_LAYOUT, *self)


def read_header(name: str, header: bytes, bits: int) -> Recorded:
    """The header's content; CipherError if it is no header that ``name`` writes with ``bits`` bits a number."""
    if len(header) != struct.calcsize(_LAYOUT):
        raise CipherError(f"{name}: header has {len(header)} bytes, wanted the {struct.calcsize(_LAYOUT)} of encrypt")
    recorded = Recorded(*struct.unpack(_LAYOUT, header))
    if recorded.bits != bits:
        raise CipherError(
            f"{name}: header is of a recording with {recorded.bits} bits, wanted {bits}; construct the cipher with "
            "the bits that encrypted"
        )
    if recorded.axes not in (2, 3) or not (
        0 < recorded.height <= _LARGEST_SIDE and 0 < recorded.width <= _LARGEST_SIDE
    ):
        shape = f"{recorded.height}x{recorded.width} with {recorded.axes} axes"
        raise CipherError(f"{name}: header says the image is {shape}, wanted 1 to {_LARGEST_SIDE} a side and 2 or 3")
    if not 0 <= recorded.scale <= 1e9:  # also catches NaN
        raise CipherError(f"{name}: header has the scale {recorded.scale:g}, wanted a finite one of at least 0")
    return recorded


def require_bits(name: str, bits: int) -> int:
    """``bits`` if it is 8 or 16, else CipherError."""
    if bits not in (8, 16) or isinstance(bits, bool):
        raise CipherError(f"{name}: bits is {bits!r}, wanted 8 or 16")
    return bits


def signed_codes(values: Reals, scale: float, bits: int) -> Codes:
    """Integers 1 ... 2^bits - 1 of reals from -scale to scale: 2^(bits - 1) is zero, and 0 is left free."""
    steps = (1 << bits - 1) - 1
    scaled = np.rint(values * (steps / scale if scale else 0.0))
    scaled += 1 << bits - 1
    codes: Codes = scaled.astype(np.uint16)
    return codes


def signed_values(codes: Codes, scale: float, bits: int) -> NDArray[np.float32]:
    """Undo `signed_codes`; 0, which it never gives, stands for a pixel that was not recorded and is read as zero."""
    steps = (1 << bits - 1) - 1
    values = (codes.astype(np.float32) - np.float32(1 << bits - 1)) * np.float32(scale / steps)
    values[codes == 0] = 0
    return values


def record_field(field: Field, axes: int, bits: int) -> tuple[Image, bytes]:
    """Cipher image and header of a field, (C, H, W): (H, W, 2 C) at 8 bits, (H, W, 4 C) at 16.

    The planes are the real parts of all channels, then the imaginary ones; at 16 bits first the higher bytes of all
    these, then the lower ones. All are divided by the largest absolute value of any, which goes into the header.
    """
    _, height, width = field.shape
    parts = np.concatenate([np.moveaxis(field.real, 0, 2), np.moveaxis(field.imag, 0, 2)], axis=2)
    scale = float(np.abs(parts).max())
    header = Recorded(bits, axes, height, width, scale).pack()
    return write_codes(signed_codes(parts, scale, bits), bits), header


def read_field(name: str, image: Image, header: bytes, bits: int) -> tuple[Field, int]:
    """The field, (C, H, W) complex64, and the plaintext's number of axes; CipherError if image and header disagree.

    A number whose bytes are all 0 was never recorded (an occluded pixel is black) and is read as zero.
    """
    recorded = read_header(name, header, bits)
    planes = 2 * bits // 8
    if image.ndim != 3 or image.shape[:2] != (recorded.height, recorded.width) or image.shape[2] % planes:
        wanted = f"{recorded.height}x{recorded.width} with {planes} planes for each channel"
        raise CipherError(f"{name}: cipher image has shape {image.shape}, wanted {wanted}, as its header says")
    channels = image.shape[2] // planes
    if recorded.axes == 2 and channels != 1:
        raise CipherError(f"{name}: cipher image has {channels} channels, wanted 1: its header says that it is grey")
    parts = signed_values(read_codes(image, bits), recorded.scale, bits)
    field: Field = np.empty((channels, *image.shape[:2]), np.complex64)
    field.real, field.imag = np.moveaxis(parts[..., :channels], 2, 0), np.moveaxis(parts[..., channels:], 2, 0)
    return field, recorded.axes


def write_codes(codes: Codes, bits: int) -> Image:
    """Bytes of integers (..., n): (..., n), or at 16 bits (..., 2 n), the higher bytes of all, then the lower ones."""
    if bits == 8:
        return codes.astype(np.uint8)
    return np.concatenate([codes >> 8, codes & 255], axis=-1).astype(np.uint8)


def read_codes(image: Image, bits: int) -> Codes:
    """Undo `write_codes`."""
    codes = image.astype(np.uint16)
    if bits == 8:
        return codes
    half = image.shape[-1] // 2
    return np.asarray(codes[..., :half] << 8 | codes[..., half:], np.uint16)
