"""Read and write picture files, 8 bits a channel, refusing whatever would change pixels unseen."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cryptobench.cipher import Image
from cryptobench.files import replacing
from cryptobench.images.errors import ImageError
from cryptobench.images.stored import require_eight_bits, require_no_dicom, require_plain_tiff
from cryptobench.metrics._given import advice, described, is_array

if TYPE_CHECKING:
    from PIL import Image as Pillow

__all__ = [
    "READABLE",
    "WRITABLE",
    "decoding",
    "is_picture",
    "picture_files",
    "read_image",
    "require_lossless",
    "require_writable",
    "save_image",
    "write_image",
]

_FORMATS = {
    ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP", ".ppm": "PPM", ".pgm": "PPM", ".pnm": "PPM",
}  # fmt: skip
WRITABLE = (".png", ".tif", ".tiff", ".bmp", ".ppm", ".pgm")
READABLE = (*_FORMATS, ".jpg", ".jpeg", ".gif", ".webp")
_DICOM = (".dcm", ".dicom")
_LOSSY = (".jpg", ".jpeg", ".jpe", ".webp", ".avif", ".heic", ".jp2")
_OPENED = ("PNG", "TIFF", "BMP", "DIB", "PPM", "JPEG", "GIF", "WEBP")


def is_picture(path: Path) -> bool:
    """Whether the file name ends like a picture that `read_image` takes."""
    return path.suffix.lower() in READABLE


def picture_files(folder: Path) -> list[Path]:
    """The pictures directly inside ``folder``, sorted by name, hidden files left out; `ImageError` if there is none.

    Links that lead nowhere and DICOM files are among them, so that whoever reads them hears of it.
    """
    try:
        found = sorted(
            file
            for file in folder.iterdir()
            if file.suffix.lower() in (*READABLE, *_DICOM) and not file.name.startswith(".") and not file.is_dir()
        )
    except OSError as error:
        raise ImageError(f"cannot read folder {folder}: {error.strerror}") from None
    if not found:
        raise ImageError(f"folder {folder} holds no picture, wanted files ending in {_listed(READABLE)}")
    return found


def read_image(path: str | Path) -> Image:
    """The picture as (H, W) or (H, W, 3) uint8: grey stays grey, a palette becomes RGB, EXIF orientation is applied.

    A GIF whose colours are all grey is grey. A fully opaque alpha channel is dropped. `ImageError` for a file that is
    missing, damaged, not a picture, deeper than 8 bits, in another colour space than grey or RGB, or holding
    transparency, several frames, signed samples or more samples than its colour has.
    """
    path = Path(path)
    if path.is_dir():
        raise ImageError(f"{path} is a folder, wanted one picture file")
    if path.is_symlink() and not path.exists():
        raise ImageError(f"{path} is a link to a file that is not there, wanted one picture file")
    if not path.exists():
        raise ImageError(f"{path} does not exist, wanted a picture file ending in {_listed(READABLE)}")
    if not path.is_file():
        raise ImageError(f"{path} is a pipe or a device, wanted one picture file")
    from PIL import Image

    with decoding(path):
        require_no_dicom(path)
        require_plain_tiff(path)
        with Image.open(path, formats=_OPENED) as picture:
            require_eight_bits(picture, path)
            picture.load()
            return _pixels(picture, path)


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """`ImageError` in place of whatever a decoder raises in this block about a file that it cannot decode.

    Decoders meet bytes that nobody foresaw, and raise what their authors did not foresee either: any exception counts.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ImageError:
        raise
    except UnidentifiedImageError:
        what = "is empty" if path.stat().st_size == 0 else "is no picture in a format that can be read"
        raise ImageError(f"{path} {what}, wanted PNG, TIFF, BMP, PPM, PGM, JPEG, GIF or WebP") from None
    except Image.DecompressionBombError as error:
        raise ImageError(f"cannot read {path}: {_one_line(error)}; wanted a smaller picture") from None
    except Exception as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ImageError(f"cannot read {path}: {_one_line(reason)}{_remedy(error)}") from None


def _remedy(error: Exception) -> str:
    """What to do next about a file that is there and may be opened, but does not decode."""
    if isinstance(error, OSError) and error.errno is not None:
        return ""
    return "; the file is incomplete or damaged: copy or download it again, or save it anew with an image editor"


def _pixels(picture: Pillow.Image, path: Path) -> Image:
    from PIL import ImageOps

    if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
        raise ImageError(f"{path} holds {picture.n_frames} frames, wanted one picture; save one of them on its own")  # type: ignore[attr-defined]
    transparent = "transparency" in picture.info or picture.mode in ("LA", "PA", "RGBA", "La", "RGBa")
    grey, gif = picture.mode in ("1", "L", "LA", "La"), picture.format == "GIF"
    if not transparent and picture.mode not in ("1", "L", "P", "RGB"):
        raise ImageError(f"{path} has colour mode {picture.mode}, wanted grey or RGB; convert it to 8-bit RGB first")
    picture = ImageOps.exif_transpose(picture)
    if transparent:
        picture = picture.convert("RGBA")
        if picture.getchannel("A").getextrema() != (255, 255):
            raise ImageError(f"{path} has transparent pixels, wanted an opaque picture; flatten it first")
        picture = picture.convert("RGB")
        if grey:
            picture = picture.getchannel("R")
    elif picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode == "P":
        picture = picture.convert("RGB")
    image = np.array(picture, dtype=np.uint8)
    if gif and image.ndim == 3 and (image == image[..., :1]).all():
        return np.ascontiguousarray(image[..., 0])
    return image


def require_lossless(path: str | Path, what: str = "a cipher image") -> None:
    """Raise `ImageError` unless the file name ends in a lossless format that can be written."""
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in WRITABLE:
        return
    reason = "is lossy and would destroy it" if suffix in _LOSSY else "is no format that can be written"
    given = suffix or "a name without an ending"
    raise ImageError(f"cannot write {what} to {path}: {given} {reason}; use a name ending in {_listed(WRITABLE)}")


def require_writable(path: Path, image: Image) -> None:
    """Raise `ImageError` unless the picture format that ``path`` ends in holds ``image`` without loss."""
    require_lossless(path, "an image")
    if not is_array(image):
        raise ImageError(f"cannot write {path}: it holds uint8 arrays, not {described(image)}; {advice(image)}")
    channels = image.shape[2] if image.ndim == 3 else 1
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.size == 0 or channels not in (1, 3):
        raise ImageError(
            f"cannot write {path}: {path.suffix} holds (H, W) or (H, W, 3) uint8, "
            f"the image is {image.dtype} of shape {image.shape}"
        )
    if path.suffix.lower() == ".pgm" and channels == 3:
        raise ImageError(f"cannot write {path}: .pgm holds grey only; use a name ending in .ppm or .png")


def save_image(path: Path, image: Image) -> None:
    """Write ``image`` in place; `write_image` is the safe way. OSError if it cannot be written."""
    from PIL import Image as Pillow

    pixels = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
    Pillow.fromarray(np.ascontiguousarray(pixels)).save(path, format=_FORMATS[path.suffix.lower()])


def write_image(path: str | Path, image: Image) -> None:
    """Write (H, W), (H, W, 1) or (H, W, 3) uint8 losslessly; an existing file is replaced, whole or not at all.

    `ImageError` for a lossy or unknown ending, another dtype or channel count, or a place that cannot be written.
    """
    path = Path(path)
    require_writable(path, image)
    try:
        with replacing(path) as temporary:
            save_image(temporary, image)
    except OSError as error:
        raise ImageError(f"cannot write {path}: {_one_line(error.strerror or str(error))}") from None


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _listed(endings: Iterable[str]) -> str:
    return " ".join(endings)
