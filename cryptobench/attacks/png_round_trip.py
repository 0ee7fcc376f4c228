"""What the receiver makes of a cipher image as it was in memory, and as a picture file keeps it."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from cryptobench.cipher import Cipher, CipherError, Encrypted, Image

__all__ = ["Reread", "reread", "through_png"]


@dataclass(frozen=True)
class Reread:
    """Mean squared errors, in grey levels, of the two decryptions; None where the receiver rejects. ``equal`` says
    whether they are the same, ``complaint`` why not."""

    equal: bool
    error_in_memory: float | None
    error_from_file: float | None
    complaint: str = ""


def reread(cipher: Cipher, sealed: Encrypted, key: bytes, target: Image) -> Reread:
    """Decrypt what `Cipher.encrypt` returned, and then what of it a PNG file and two byte strings can carry."""
    written = Encrypted(through_png(np.asarray(sealed.image)), bytes(sealed.header), bytes(sealed.secret))
    in_memory, why_memory = _decrypt(cipher, sealed, key)
    from_file, why_file = _decrypt(cipher, written, key)
    if in_memory is None or from_file is None:
        alike = in_memory is None and from_file is None
        complaint = f"from the file it is rejected: {why_file}" if from_file is None else why_memory
        return Reread(alike, _error(in_memory, target), _error(from_file, target), complaint)
    equal = bool(np.array_equal(in_memory, from_file))
    complaint = "" if equal else "the file decrypts to another image than the array in memory"
    return Reread(equal, _error(in_memory, target), _error(from_file, target), complaint)


def through_png(image: Image) -> Image:
    """The samples after being written to a PNG file and read again; channels that PNG has no name for side by side."""
    from PIL import Image as Picture

    flat = image if image.ndim == 2 or image.shape[2] == 3 else image.reshape(image.shape[0], -1)
    file = io.BytesIO()
    Picture.fromarray(np.ascontiguousarray(flat)).save(file, "PNG")
    with Picture.open(file) as picture:
        read: Image = np.array(picture, np.uint8).reshape(image.shape)
    return read


def _decrypt(cipher: Cipher, sealed: Encrypted, key: bytes) -> tuple[Image | None, str]:
    try:
        return cipher.decrypt(sealed, key), ""
    except CipherError as error:
        return None, str(error)


def _error(image: Image | None, target: Image) -> float | None:
    if image is None or image.shape != target.shape:
        return None
    return float(np.mean((image.astype(np.float64) - target) ** 2))
