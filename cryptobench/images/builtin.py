"""Pictures that need no download: photographs from scikit-image's wheel, and stress images that are computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from cryptobench.cipher import Image
from cryptobench.images.errors import ImageError
from cryptobench.images.scale import centre_square, fit_shorter_side, resized

__all__ = ["PHOTOGRAPHS", "STRESS", "STRESS_SIDE", "Photograph", "builtin_image", "image_names"]

STRESS_SIDE = 256  # pixels a side where no size is asked for


@dataclass(frozen=True)
class Photograph:
    """A picture file in scikit-image's wheel; ``square`` ones are cropped to their centre before resizing."""

    file: str
    height: int
    width: int
    channels: int
    description: str
    square: bool = True


# Lossless files only, so that every decoder gives the same pixels.
PHOTOGRAPHS = {
    "astronaut": Photograph("astronaut.png", 512, 512, 3, "portrait of Eileen Collins, NASA"),
    "chelsea": Photograph("chelsea.png", 300, 451, 3, "a cat, close up"),
    "coffee": Photograph("coffee.png", 400, 600, 3, "a cup on a wooden table; keeps its 2:3 aspect", square=False),
    "ihc": Photograph("ihc.png", 512, 512, 3, "stained colon tissue under a microscope"),
    "motorcycle": Photograph("motorcycle_left.png", 500, 741, 3, "a motorcycle, Middlebury stereo 2014"),
    "brick": Photograph("brick.png", 512, 512, 1, "a brick wall"),
    "camera": Photograph("camera.png", 512, 512, 1, "a man with a camera"),
    "cell": Photograph("cell.png", 660, 550, 1, "a cell in saline, quantitative phase"),
    "clock": Photograph("clock_motion.png", 300, 400, 1, "a clock, blurred by motion"),
    "coins": Photograph("coins.png", 303, 384, 1, "Greek coins from Pompeii"),
    "grass": Photograph("grass.png", 512, 512, 1, "grass"),
    "gravel": Photograph("gravel.png", 512, 512, 1, "gravel"),
    "moon": Photograph("moon.png", 512, 512, 1, "the surface of the moon, low contrast"),
    "page": Photograph("page.png", 191, 384, 1, "a scanned page, uneven light"),
    "text": Photograph("text.png", 172, 448, 1, "text on paper"),
}


def _flat(side: int, value: int) -> Image:
    return np.full((side, side, 3), value, dtype=np.uint8)


def _gradient(side: int) -> Image:
    ramp = np.arange(side, dtype=np.int64)
    last = max(side - 1, 1)
    red = np.broadcast_to(ramp * 255 // last, (side, side))
    blue = (ramp[:, None] + ramp) * 255 // (2 * last)
    return np.stack([red, red.T, blue], axis=2).astype(np.uint8)


def _checkerboard(side: int) -> Image:
    field = np.arange(side) // max(side // 8, 1)
    white = (field[:, None] + field) % 2 == 0
    return np.repeat(white[..., None], 3, axis=2).astype(np.uint8) * np.uint8(255)


def _impulse(side: int) -> Image:
    image = _flat(side, 0)
    image[side // 2, side // 2] = 255
    return image


STRESS: dict[str, tuple[str, Callable[[int], Image]]] = {
    "flat-black": ("every pixel 0", lambda side: _flat(side, 0)),
    "flat-white": ("every pixel 255", lambda side: _flat(side, 255)),
    "gradient": ("ramps: red to the right, green downwards, blue along the diagonal", _gradient),
    "checkerboard": ("8 x 8 fields of 0 and 255", _checkerboard),
    "impulse": ("black with one white pixel at the centre", _impulse),
}


def image_names() -> tuple[tuple[str, str, str], ...]:
    """(name, kind, description) of every built-in image; kind is "photograph" or "stress"."""
    photographs = [
        (name, "photograph", f"{p.height}x{p.width} {'colour' if p.channels == 3 else 'grey'}: {p.description}")
        for name, p in PHOTOGRAPHS.items()
    ]
    return (*photographs, *((name, "stress", text) for name, (text, _) in STRESS.items()))


def builtin_image(name: str, size: int | None = None) -> Image:
    """A built-in image by name: (size, size) or (size, size, 3), uint8; the native size where ``size`` is None.

    Photographs are cropped to a centred square and resized, enlarged too where ``size`` asks for it; "coffee"
    keeps its aspect, its shorter side being ``size``. Raises `ImageError` if scikit-image's file is missing.
    """
    return _builtin(name, size).copy()


@lru_cache(maxsize=16)
def _builtin(name: str, size: int | None) -> Image:
    if name in STRESS:
        return STRESS[name][1](size or STRESS_SIDE)
    from cryptobench.images.files import read_image

    photograph = PHOTOGRAPHS[name]
    image = read_image(_wheel_folder() / photograph.file)
    if size is None:
        return image
    return resized(centre_square(image), size, size) if photograph.square else fit_shorter_side(image, size)


def _wheel_folder() -> Path:
    spec = find_spec("skimage")
    if spec is None or spec.origin is None:
        raise ImageError("the built-in photographs come with scikit-image, which is missing: pip install scikit-image")
    return Path(spec.origin).parent / "data"
