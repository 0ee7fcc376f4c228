"""The pictures in a run's folder, by names that its table has: nothing is read outside the folder."""

from __future__ import annotations

import io
import os
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray

from cryptobench.images.errors import ImageError
from cryptobench.images.files import decoding
from cryptobench.reading import LARGE
from cryptobench.results.folder import ReportError, source_in

__all__ = ["kept_pictures", "read_picture"]

_AGAIN = "run the benchmark again"


def read_picture(folder: Path, of: tuple[str, str], name: str) -> NDArray[np.uint8] | None:
    """A picture of a cipher and an image, (H, W) or (H, W, 3) uint8; None if the run kept none.

    ReportError for names that lead out of the folder of pictures, and for a file that does not decode.
    """
    from PIL import Image

    source = source_in(folder, str(_place(folder, *of, f"{name}.png")))
    if not source.exists():
        return None
    content = source.content(LARGE)
    try:
        with decoding(source.path), Image.open(io.BytesIO(content), formats=("PNG",)) as opened:
            grey = opened.mode in ("1", "L", "I", "I;16", "F")
            return np.asarray(opened.convert("L" if grey else "RGB"))
    except ImageError as error:
        raise ReportError(f"{source.path} cannot be read as a picture ({error}); {_AGAIN}") from error


def kept_pictures(folder: Path, of: tuple[str, str]) -> list[str]:
    """The names of all pictures of a cipher and an image."""
    source = source_in(folder, str(_place(folder, *of)))
    if not source.exists():
        return []
    source.require_home()
    with os.scandir(source.path) as entries:
        return sorted(entry.name[:-4] for entry in entries if entry.name.endswith(".png"))


def _place(folder: Path, *names: str) -> Path:
    """Where these names lead below the folder of pictures; ReportError if it is out of it."""
    for name in names:
        path = PurePath(name)
        if path.anchor or ".." in path.parts or "\0" in name:
            raise ReportError(
                f"{folder} names {name!r}, a path out of its folder of pictures, which is not followed; {_AGAIN}"
            )
    return Path("pictures", *names)
