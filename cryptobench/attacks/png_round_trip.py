"""A cipher image decrypted from memory, and from the PNG file that it was written to."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from cryptobench.cipher import Cipher, CipherError, Encrypted, Image

__all__ = ["PngRoundTrip", "png_round_trip", "through_png"]


@dataclass(frozen=True)
class PngRoundTrip:
    """Mean squared errors, in grey levels, of the two decryptions; None where the receiver rejects. ``equal`` says
    whether the two are the same, ``reason`` why not."""

    equal: bool
    error_in_memory: float | None
    error_from_file: float | None
    reason: str = ""


def png_round_trip(cipher: Cipher, ciphertext: Encrypted, key: bytes, target: Image) -> PngRoundTrip:
    """Decrypt what `Cipher.encrypt` returned, and then what a PNG file and two byte strings can carry of it."""
    written = Encrypted(through_png(np.asarray(ciphertext.image)), bytes(ciphertext.header), bytes(ciphertext.secret))
    in_memory, why_memory = _decrypt(cipher, ciphertext, key)
    from_file, why_file = _decrypt(cipher, written, key)
    if in_memory is None or from_file is None:
        both_rejected = in_memory is None and from_file is None
        reason = f"from the file it is rejected: {why_file}" if from_file is None else why_memory
        return PngRoundTrip(both_rejected, _error(in_memory, target), _error(from_file, target), reason)
    equal = bool(np.array_equal(in_memory, from_file))
    reason = "" if equal else "the file decrypts to another image than the array in memory"
    return PngRoundTrip(equal, _error(in_memory, target), _error(from_file, target), reason)


def through_png(image: Image) -> Image:
    """The samples after being written to a PNG file and read again; channels unknown to PNG stand side by side."""
    from PIL import Image as Picture

    flat = image if image.ndim == 2 or image.shape[2] == 3 else image.reshape(image.shape[0], -1)
    file = io.BytesIO()
    Picture.fromarray(np.ascontiguousarray(flat)).save(file, "PNG")
    with Picture.open(file) as picture:
        read: Image = np.array(picture, np.uint8).reshape(image.shape)
    return read


def _decrypt(cipher: Cipher, ciphertext: Encrypted, key: bytes) -> tuple[Image | None, str]:
    try:
        return cipher.decrypt(ciphertext, key), ""
    except CipherError as error:
        return None, str(error)


def _error(image: Image | None, target: Image) -> float | None:
    if image is None or image.shape != target.shape:
        return None
    return float(np.mean((image.astype(np.float64) - target) ** 2))
