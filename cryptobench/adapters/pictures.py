"""Pictures on their way to a program and back: PNG for grey and RGB, .npy for any other shape; nothing is lost.

What comes back is somebody else's: it is looked at before it is unpacked, and refused in one line.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from cryptobench.cipher import Image
from cryptobench.reading import LARGE, Source, uint8_array

__all__ = ["PictureError", "ending", "read_picture", "write_picture"]

_OTHERS = {b"\xff\xd8": "a JPEG, which loses samples", b"BM": "a BMP", b"GIF8": "a GIF", b"II*\0": "a TIFF",
           b"MM\0*": "a TIFF", b"P5": "a PGM", b"P6": "a PPM"}  # fmt: skip
_MODES = {"LA": "an alpha channel", "RGBA": "an alpha channel", "I;16": "16 bits a sample", "I": "16 bits a sample"}


class PictureError(ValueError):
    """A file is no picture that a cipher may return; the message says what it is and what is wanted."""


def ending(shape: tuple[int, ...], pictures: str) -> str:
    """The ending of the file in which an image of this shape travels: .png or .npy, as the program wants it."""
    fits = len(shape) == 2 or shape[2] in (1, 3)
    return ".png" if pictures == "png" and fits else ".npy"


def write_picture(path: Path, image: Image) -> None:
    """Write a uint8 image, (H, W) or (H, W, C), in the format that the path's ending says."""
    if path.suffix == ".npy":
        np.save(path, image, allow_pickle=False)
        return
    from PIL import Image as pillow

    samples = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    pillow.fromarray(np.ascontiguousarray(samples)).save(path, "PNG", compress_level=1)


def read_picture(path: Path, partner: tuple[int, ...], changes_size: bool) -> Image:
    """The image that a program has written, as it goes with one of shape ``partner``, uint8.

    A grey picture is (H, W), or (H, W, 1), or one of three equal channels, as its partner is: libraries write a colour
    image whose channels are equal as a grey one. PictureError for whatever is no such image, and for one of other sides
    unless it ``changes_size``; FileNotFoundError if there is none.
    """
    try:
        content = Source(path, PictureError, "write one picture there").content(LARGE)
    except PictureError as error:
        raise PictureError(f"wrote no picture: {str(error).replace(str(path), path.name)}") from None
    if content.startswith(b"\x93NUMPY"):
        try:
            image = uint8_array(content)
        except ValueError as error:
            raise PictureError(f"wrote a .npy that is no uint8 array ({error})") from None
        if image.ndim not in (2, 3):
            raise PictureError(f"wrote an array of shape {image.shape}, wanted (H, W) or (H, W, C)")
    else:
        image = _png(content, partner, changes_size)
    image = _as_partner(image, partner)
    _require_size(image.shape, partner, changes_size)
    return np.ascontiguousarray(image)


def _png(content: bytes, partner: tuple[int, ...], changes_size: bool) -> Image:
    if not content.startswith(b"\x89PNG"):
        kind = next((name for start, name in _OTHERS.items() if content.startswith(start)), "")
        what = kind or (f"{len(content)} bytes that are no picture" if content else "an empty file")
        raise PictureError(f"wrote {what}, wanted a PNG or a .npy")
    from PIL import Image as pillow

    try:
        picture: Any = pillow.open(io.BytesIO(content), formats=["PNG"])
        _require_size((picture.height, picture.width), partner[:2], changes_size)
        if picture.mode in _MODES:
            raise PictureError(f"wrote a PNG with {_MODES[picture.mode]}, wanted 8 bits, grey or RGB")
        picture = picture.convert("RGB") if picture.mode == "P" else picture
        picture = picture.convert("L") if picture.mode == "1" else picture
        if picture.mode not in ("L", "RGB"):
            raise PictureError(f"wrote a PNG of mode {picture.mode}, wanted 8 bits, grey or RGB")
        return np.array(picture)
    except PictureError:
        raise
    except Exception as error:  # Pillow raises what its decoders raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PictureError(f"wrote a PNG that cannot be read ({reason[:100]})") from None


def _as_partner(image: Image, partner: tuple[int, ...]) -> Image:
    """The same samples in the partner's number of channels, where they are equal or there is one."""
    if image.ndim == 2 and len(partner) == 3 and image.shape == partner[:2] and partner[2] in (1, 3):
        return np.repeat(image[..., None], partner[2], axis=2)
    grey = image.shape[:2] == partner[:2] and (len(partner) == 2 or partner[2] == 1)
    if image.ndim == 3 and grey and image.shape[2] == 3 and (image == image[..., :1]).all():
        return image[..., 0] if len(partner) == 2 else image[..., :1]
    return image


def _require_size(shape: tuple[int, ...], partner: tuple[int, ...], changes_size: bool) -> None:
    if changes_size or shape == partner or (len(shape) != len(partner) and (*shape, 1) == partner):
        return
    given, wanted = ("x".join(map(str, one)) for one in (shape, partner))
    raise PictureError(
        f"wrote a picture of {given}, wanted {wanted} like the one that it was given; do not resize it, or set "
        "changes_size = true if the scheme does so"
    )
