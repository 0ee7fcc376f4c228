"""What happens to a cipher image on its way: occlusion, noise, bit errors, lossy compression, lost rows."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image

__all__ = ["DAMAGES", "PLACED", "CannotDamage", "Damaged", "damage"]

Mask = NDArray[np.bool_]
_STRIP = 1 << 16


class CannotDamage(ValueError):
    """A damage that this cipher image cannot suffer; the message says why."""


@dataclass(frozen=True, eq=False)
class Damaged:
    """A damaged cipher image; ``mask``, (H, W), marks the damaged pixels where the damage has a place."""

    image: Image
    mask: Mask | None = None


def damage(kind: str, level: float, image: Image, generator: np.random.Generator) -> Damaged:
    """Damage a cipher image, (H, W) or (H, W, C) uint8, which is left as it is.

    Kinds of damage and what their level means:

    - "occlusion corner", "occlusion centre": a rectangle of this share of the area, of the image's own aspect
      ratio, is set to 0.
    - "lost rows": this share of the rows, at least one, at random places, is set to 0.
    - "bit flips": this many different bits of the image are flipped.
    - "salt and pepper": this share of the samples is set to 0 or 255, either with probability 1/2.
    - "gaussian": noise of this standard deviation, in grey levels, is added. (MATLAB's ``imnoise`` and
      scikit-image give the variance of the unit interval: (level / 255)^2.)
    - "speckle": every sample is multiplied by 1 + n, where n is normal of this standard deviation.
    - "jpeg": the image is compressed as baseline JPEG of this quality, without chroma subsampling.

    Noise is rounded and clipped to 0..255. Raises CannotDamage if the image cannot suffer it, and ValueError for
    an unknown kind or a level out of range.
    """
    if kind not in DAMAGES:
        raise ValueError(f"unknown damage {kind!r}, wanted one of: {', '.join(DAMAGES)}")
    return DAMAGES[kind](image, level, generator)


def _occlusion_corner(image: Image, level: float, generator: np.random.Generator) -> Damaged:
    return _occlusion(image, level, centred=False)


def _occlusion_centre(image: Image, level: float, generator: np.random.Generator) -> Damaged:
    return _occlusion(image, level, centred=True)


def _occlusion(image: Image, level: float, centred: bool) -> Damaged:
    _require_share("occlusion", level)
    height, width = image.shape[:2]
    rows = min(height, max(1, round(height * math.sqrt(level))))
    columns = min(width, max(1, round(height * width * level / rows)))
    top, left = ((height - rows) // 2, (width - columns) // 2) if centred else (0, 0)
    mask = np.zeros((height, width), np.bool_)
    mask[top : top + rows, left : left + columns] = True
    return _zeroed(image, mask)


def _lost_rows(image: Image, level: float, generator: np.random.Generator) -> Damaged:
    _require_share("lost rows", level)
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.bool_)
    mask[generator.choice(height, max(1, round(level * height)), replace=False)] = True
    return _zeroed(image, mask)


def _bit_flips(image: Image, level: float, generator: np.random.Generator) -> Damaged:
    flips = int(level)
    if flips != level or flips < 1:
        raise ValueError(f"bit flips: level {level:g}, wanted a whole number of at least 1")
    if flips > 8 * image.size:
        raise CannotDamage(f"{flips} bits cannot be flipped in a cipher image of {8 * image.size} bits")
    bits = generator.choice(8 * image.size, flips, replace=False)
    damaged = image.copy(order="C")
    np.bitwise_xor.at(damaged.reshape(-1), bits // 8, (1 << (bits % 8)).astype(np.uint8))
    changed = damaged != image
    return Damaged(damaged, changed.any(axis=2) if image.ndim == 3 else changed)


def _salt_and_pepper(image: Image, level: float, generator: np.random.Generator) -> Damaged:
    _require_share("salt and pepper", level)
    from cryptobench.analyses.tools.sampling import distinct  # compiled

    changed = distinct(generator, image.size, max(1, round(level * image.size)))
    damaged = image.copy(order="C")
    damaged.reshape(-1)[changed] = generator.integers(2, size=changed.size, dtype=np.uint8) * 255
    return Damaged(damaged)


def _gaussian(image: Image, level: float, generator: np.random.Generator) -> Damaged:
    return Damaged(_by_strips(image, lambda part: part + level * generator.standard_normal(part.shape)))


def _speckle(image: Image, level: float, generator: np.random.Generator) -> Damaged:
    return Damaged(_by_strips(image, lambda part: part * (1 + level * generator.standard_normal(part.shape))))


def _jpeg(image: Image, level: float, generator: np.random.Generator) -> Damaged:
    from PIL import Image as Pillow

    quality = int(level)
    if quality != level or not 1 <= quality <= 100:
        raise ValueError(f"jpeg: quality {level:g}, wanted a whole number from 1 to 100")
    channels = image.shape[2] if image.ndim == 3 else 1
    if channels not in (1, 3):
        raise CannotDamage(f"the cipher image has {channels} channels, JPEG takes 1 or 3")
    if max(image.shape[:2]) > 65535:
        raise CannotDamage(f"the cipher image is {image.shape[0]}x{image.shape[1]}, JPEG takes sides of at most 65535")
    file = io.BytesIO()
    Pillow.fromarray(image[..., 0] if image.ndim == 3 and channels == 1 else image).save(
        file, "jpeg", quality=quality, subsampling=0
    )
    return Damaged(np.asarray(Pillow.open(file), np.uint8).reshape(image.shape))


DAMAGES: dict[str, Callable[[Image, float, np.random.Generator], Damaged]] = {
    "occlusion corner": _occlusion_corner,
    "occlusion centre": _occlusion_centre,
    "lost rows": _lost_rows,
    "bit flips": _bit_flips,
    "salt and pepper": _salt_and_pepper,
    "gaussian": _gaussian,
    "speckle": _speckle,
    "jpeg": _jpeg,
}
PLACED = ("occlusion corner", "occlusion centre", "lost rows", "bit flips")


def _zeroed(image: Image, mask: Mask) -> Damaged:
    damaged = image.copy(order="C")
    damaged[mask] = 0
    return Damaged(damaged, mask)


def _by_strips(image: Image, change: Callable[[Image], NDArray[np.float64]]) -> Image:
    """What ``change`` makes of the samples, in raster order, rounded and clipped; a part at a time saves memory."""
    damaged = np.empty_like(image, order="C")
    samples, changed = image.reshape(-1), damaged.reshape(-1)
    for start in range(0, image.size, _STRIP):
        part = change(samples[start : start + _STRIP])
        changed[start : start + _STRIP] = np.clip(np.rint(part, out=part), 0, 255, out=part)
    return damaged


def _require_share(kind: str, level: float) -> None:
    if not 0 < level <= 1:
        raise ValueError(f"{kind}: level {level:g}, wanted a share above 0 and at most 1")
