"""Change a picture's size with anti-aliasing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image
from cryptobench.images.errors import ImageError

__all__ = ["centre_square", "fit_longer_side", "fit_shorter_side", "require_size", "resized"]


def require_size(size: object) -> None:
    """Raise `ImageError` unless ``size`` is None (native) or a positive number of pixels."""
    if size is not None and (not isinstance(size, int | np.integer) or isinstance(size, bool) or size < 1):
        raise ImageError(f"size is {size!r}, wanted a positive number of pixels, or None for the native size")


def resized(image: Image, height: int, width: int) -> Image:
    """``image`` at ``height`` x ``width``: bilinear after a Gaussian against aliasing, rounded to uint8.

    An image that has the size already is returned as it is.
    """
    if image.shape[:2] == (height, width):
        return image
    from skimage.transform import resize

    shape = (height, width, *image.shape[2:])
    scaled: NDArray[np.float64] = resize(  # type: ignore[no-untyped-call]
        image, shape, order=1, mode="reflect", anti_aliasing=True
    )
    return (np.clip(scaled, 0.0, 1.0) * 255 + 0.5).astype(np.uint8)


def centre_square(image: Image) -> Image:
    """The largest centred square of ``image``."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return np.ascontiguousarray(image[top : top + side, left : left + side])


def fit_shorter_side(image: Image, size: int) -> Image:
    """``image`` with its shorter side ``size`` pixels long, aspect kept, made larger where it must be."""
    height, width = image.shape[:2]
    factor = size / min(height, width)
    return resized(image, round(height * factor), round(width * factor))


def fit_longer_side(image: Image, size: int) -> Image:
    """``image`` with its longer side at most ``size`` pixels long, aspect kept; it is never made larger."""
    height, width = image.shape[:2]
    factor = size / max(height, width)
    if factor >= 1:
        return image
    return resized(image, max(1, round(height * factor)), max(1, round(width * factor)))
