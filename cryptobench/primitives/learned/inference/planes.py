"""What layers read and write in inference: the channels of a pixel side by side, a border of zeros around them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from cryptobench.cipher import Image
from cryptobench.primitives.learned.inference.products import ROWS, multiply_add
from cryptobench.primitives.learned.inference.winograd import TILE, convolve
from cryptobench.primitives.simd.float32 import (
    SIMD_WIDTH,
    Floats,
    add,
    aligned,
    divide,
    fma,
    load,
    maximum,
    minimum,
    multiply,
    store,
)

__all__ = ["Plane", "image_of", "mix", "plane_of", "whole"]

_SPARE = 4 * ROWS  # pixels behind a plane's last that `multiply_add` may read, also with a stride of two
_LEVELS = np.arange(256, dtype=np.float32) / np.float32(127.5) - np.float32(1)


def whole(count: int, unit: int = SIMD_WIDTH) -> int:
    """``count`` rounded up to a multiple of ``unit``."""
    return -(-count // unit) * unit


class Plane(NamedTuple):
    """A (height, width, channels) feature map within zeros.

    ``border`` of them are above and left; below and right they fill up to whole tiles, and then are as many again.
    ``values`` has some pixels more than those: rows of `multiply_add` that are read and whose products are dropped.
    """

    values: Floats
    height: int
    width: int
    channels: int
    border: int

    @classmethod
    def empty(cls, height: int, width: int, channels: int, border: int = 1) -> Plane:
        """A plane that is not filled, but for zeros behind it: denormal numbers there would be multiplied slowly."""
        pixels = (whole(height, TILE) + 2 * border) * (whole(width, TILE) + 2 * border)
        values = aligned((whole(pixels, ROWS) + _SPARE) * channels)
        values[pixels * channels :] = 0
        return cls(values, height, width, channels, border)

    @property
    def rows(self) -> int:
        """Pixels from top to bottom, with the border."""
        return self.frame[0]

    @property
    def columns(self) -> int:
        """Pixels from left to right, with the border."""
        return self.frame[1]

    @property
    def frame(self) -> tuple[int, int, int]:
        """Rows, columns and channels with the border; written out, for every layer of a small image asks for it."""
        _, height, width, channels, border = self
        twice = 2 * border
        return -(-height // TILE) * TILE + twice, -(-width // TILE) * TILE + twice, channels

    @property
    def framed(self) -> Floats:
        """(rows, columns, channels): the feature map and the zeros around it."""
        rows, columns, channels = shape = self.frame
        return self.values[: rows * columns * channels].reshape(shape)

    @property
    def inner(self) -> Floats:
        """(height, width, channels): the feature map itself."""
        return self.framed[self.border : self.height + self.border, self.border : self.width + self.border]

    def clear(self, start: int, count: int) -> None:
        """Zeros around the feature map in ``count`` channels from ``start``."""
        rows, columns, channels = self.frame
        _clear(self.values, self.height, self.width, rows, columns, channels, self.border, start, count)

    def convolve(self, inputs: int, weights: Floats, bias: Floats, slope: float, out: Plane, at: int = 0) -> None:
        """The 3x3 convolution of the first ``inputs`` channels into channels of ``out`` from ``at``: see `convolve`."""
        convolve(self.framed, inputs, weights, bias, slope, out.framed, at)
        out.clear(at, len(bias))


def mix(source: Plane, inputs: int, weights: Floats, bias: Floats | None, out: Plane) -> None:
    """The 1x1 convolution of the first ``inputs`` channels into the first ones of ``out``, or without a bias onto them.

    ``weights`` are (inputs, outputs).
    """
    rows, columns, _ = source.frame
    pixels, outputs = whole(rows * columns, ROWS), weights.shape[1]
    first, step = (out.values, out.channels) if bias is None else (bias, 0)
    multiply_add(
        source.values, 0, source.channels, pixels, inputs, weights.reshape(-1), 0, outputs,
        first, 0, step, out.values, 0, out.channels,
    )  # fmt: skip
    out.clear(0, outputs)


def plane_of(image: Image, factor: int, channels: int, border: int = 1) -> Plane:
    """(H, W, 3) bytes u as u / 127.5 - 1, each ``factor`` x ``factor`` samples of a channel in a pixel's channels.

    More ``channels`` than these are zero.
    """
    height, width = image.shape[0] // factor, image.shape[1] // factor
    plane = Plane.empty(height, width, channels, border)
    _unshuffle(np.ascontiguousarray(image), factor, _LEVELS, plane.inner)
    plane.clear(0, plane.channels)
    return plane


def image_of(plane: Plane, factor: int, *, squash: bool = True) -> Image:
    """The inverse of `plane_of` for bytes, of the plane's hyperbolic tangent or of what is cut to [-1, 1], rounded."""
    image = np.empty((plane.height * factor, plane.width * factor, 3), np.uint8)
    _shuffle(
        plane.framed[plane.border :],
        plane.border,
        factor,
        squash,
        np.empty(whole(plane.width * plane.channels), np.float32),
        image,
    )
    return image


@njit(cache=True, nogil=True)
def _clear(
    values: Floats, height: int, width: int, rows: int, columns: int, channels: int, border: int, start: int, count: int
) -> None:
    for y in range(rows):
        left = border if border <= y < height + border else columns
        for x in range(left):
            at = (y * columns + x) * channels + start
            values[at : at + count] = 0
        for x in range(left + width, columns):
            at = (y * columns + x) * channels + start
            values[at : at + count] = 0


@njit(cache=True, nogil=True)
def _unshuffle(image: Image, factor: int, levels: Floats, inner: Floats) -> None:
    height, width, channels = inner.shape
    samples = factor * factor
    for y in range(height):
        for x in range(width):
            for dy in range(factor):
                for dx in range(factor):
                    for c in range(3):
                        value = levels[image[y * factor + dy, x * factor + dx, c]]
                        inner[y, x, c * samples + dy * factor + dx] = value
            for c in range(3 * samples, channels):
                inner[y, x, c] = 0.0


@njit(cache=True, nogil=True)
def _shuffle(framed: Floats, border: int, factor: int, squash: bool, row: Floats, image: Image) -> None:
    channels, samples = framed.shape[2], factor * factor
    height, width = image.shape[0] // factor, image.shape[1] // factor
    for y in range(height):
        line = framed[y].reshape(-1)[channels * border :]
        for i in range(0, width * channels, SIMD_WIDTH):
            x = load(line, i)
            store(row, i, _level(x) if squash else _level_of_cut(x))
        for x in range(width):
            for dy in range(factor):
                for dx in range(factor):
                    for c in range(3):
                        level = row[x * channels + c * samples + dy * factor + dx]
                        image[y * factor + dy, x * factor + dx, c] = np.uint8(np.int32(level))


@njit(inline="always")
def _level(x):  # type: ignore[no-untyped-def]
    """127.5 (1 + tanh x) + 0.5, to be cut to a whole byte, by Lambert's continued fraction of tanh to its 7th term.

    Nowhere further than 0.001 levels from it. A library's tanh would differ between machines.
    """
    x = minimum(maximum(x, -4.0), 4.0)
    s = multiply(x, x)
    above = multiply(x, fma(s, fma(s, add(s, 378.0), 17325.0), 135135.0))
    below = fma(s, fma(s, fma(s, 28.0, 3150.0), 62370.0), 135135.0)
    return fma(divide(above, below), 127.5, 128.0)


@njit(inline="always")
def _level_of_cut(x):  # type: ignore[no-untyped-def]
    """127.5 (1 + x) + 0.5 for x cut to [-1, 1]."""
    return fma(minimum(maximum(x, -1.0), 1.0), 127.5, 128.0)
