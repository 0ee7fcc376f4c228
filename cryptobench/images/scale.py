"""Change a picture's size with anti-aliasing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image
from cryptobench.images.errors import ImageError

__all__ = ["centre_square", "fit_longer_side", "fit_shorter_side", "require_size", "resized"]

_LARGE = 1 << 20  # pixels; below it, as for all built-in images, scikit-image itself is quick
_SMOOTHED = 1.25  # a factor from which there is a Gaussian, without which values lie halfway between two integers
_COLUMNS = 4096  # at a time, for the sake of memory


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
    tall, wide = image.shape[:2]
    if tall * wide > _LARGE and tall > _SMOOTHED * height and wide > _SMOOTHED * width:
        shrunk = _shrunk(_shrunk(image, height).swapaxes(0, 1), width).swapaxes(0, 1)
        quick: Image = np.ascontiguousarray(np.clip(shrunk, 0.0, 255.0) + 0.5).astype(np.uint8)
        return quick
    from skimage.transform import resize

    shape = (height, width, *image.shape[2:])
    scaled: NDArray[np.float64] = resize(  # type: ignore[no-untyped-call]
        image, shape, order=1, mode="reflect", anti_aliasing=True
    )
    np.clip(scaled, 0.0, 1.0, out=scaled)  # in place, for the sake of memory
    scaled *= 255
    scaled += 0.5
    return scaled.astype(np.uint8)


def _shrunk(values: NDArray[np.generic], count: int) -> NDArray[np.float64]:
    """What scikit-image's `resize` makes of the first axis, as a product with a sparse matrix, in one thread."""
    weights, columns = _weights(len(values), count), values.reshape(len(values), -1)
    result = np.empty((count, columns.shape[1]))
    for start in range(0, columns.shape[1], _COLUMNS):
        block = slice(start, start + _COLUMNS)
        result[:, block] = weights @ columns[:, block].astype(np.float64)
    return result.reshape(count, *values.shape[1:])


def _weights(length: int, count: int) -> Any:
    """The (count, length) sparse matrix of the weights of samples in each result.

    A Gaussian of standard deviation (factor - 1) / 2, cut off at 4 of them and mirrored at the ends, read between its
    two nearest samples at the centres of ``count`` equal parts.
    """
    from scipy.sparse import csr_matrix

    factor = length / count
    deviation = (factor - 1) / 2
    radius = int(4 * deviation + 0.5)
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (offsets / deviation) ** 2) if radius else np.ones(1)
    kernel /= kernel.sum()
    centres = (np.arange(count) + 0.5) * factor - 0.5
    below = np.floor(centres).astype(np.intp)
    places = np.abs(np.stack([below, below + 1], axis=1)[..., None] + offsets) % max(2 * length - 2, 1)
    places = np.minimum(places, max(2 * length - 2, 1) - places) if length > 1 else 0 * places
    shares = np.stack([below + 1 - centres, centres - below], axis=1)[..., None] * kernel
    rows = np.broadcast_to(np.arange(count)[:, None, None], places.shape)
    return csr_matrix((shares.ravel(), (rows.ravel(), places.ravel())), shape=(count, length))


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
