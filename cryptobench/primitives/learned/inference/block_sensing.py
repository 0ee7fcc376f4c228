"""`EncoderSize` and `DecoderSize` for inference: many blocks at once, in one tall plane with rows of zeros between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Image
from cryptobench.primitives.learned.inference.direct import convolve_patches, kernel_rows
from cryptobench.primitives.learned.inference.packing import (
    Arrays,
    Packed,
    layer_of,
    matrix_of,
    padded_bias,
    three_by_three,
)  # fmt: skip
from cryptobench.primitives.learned.inference.planes import Plane, mix, whole
from cryptobench.primitives.learned.inference.products import ROWS, multiply_add
from cryptobench.primitives.learned.sizes import BLOCK_SIDE, GAIN, DecoderSize, EncoderSize
from cryptobench.primitives.simd.float32 import Floats

__all__ = ["FastBlockDecoder", "FastBlockEncoder", "resized"]

_BATCH = 64  # blocks that are handled at a time, which bounds the memory
_HALF = np.float32(127.5)
_Blocks = NDArray[np.float32]  # (blocks, height, width, channels)


class FastBlockEncoder:
    """Weights in the form that `__call__` needs."""

    def __init__(self, size: EncoderSize, arrays: Arrays) -> None:
        self.size = size
        self.merge = _Chain(arrays, "merge", size.rows, size.columns)

    def __call__(self, image: Image) -> Image:
        """(33 h, 33 w, 3) uint8 to the codes of its blocks side by side, (a h, b w, 1) uint8; (a, b) = the size."""
        codes = [self._sense(part) for part in _parts(_cut(image, BLOCK_SIDE, BLOCK_SIDE))]
        return _tile(np.concatenate(codes), image.shape[0] // BLOCK_SIDE, image.shape[1] // BLOCK_SIDE)

    def _sense(self, blocks: Image) -> Image:
        small = resized(_reals(blocks), self.size.rows, self.size.columns)
        return _levels(_sigmoid(self.merge(small)))


class FastBlockDecoder:
    """Weights in the form that `__call__` needs."""

    def __init__(self, size: DecoderSize, arrays: Arrays) -> None:
        self.size = size
        self.contours = _Chain(arrays, "contours", BLOCK_SIDE, BLOCK_SIDE)
        matrix = arrays["colours.weight"]
        self.colours = np.zeros((whole(len(matrix), ROWS), matrix.shape[1]), np.float32)
        self.colours[: len(matrix)] = matrix

    def __call__(self, codes: Image) -> Image:
        """The blocks of such codes, (a h, b w, 1) uint8 to (33 h, 33 w, 3) uint8."""
        a, b = self.size
        blocks = [self._rebuild(part) for part in _parts(_cut(codes, a, b))]
        return _tile(np.concatenate(blocks), codes.shape[0] // a, codes.shape[1] // b)

    def _rebuild(self, codes: Image) -> Image:
        given = _reals(codes)
        contours = self.contours(resized(given, BLOCK_SIDE, BLOCK_SIDE))
        return _levels(contours + np.float32(GAIN) * self._colours(given))

    def _colours(self, codes: _Blocks) -> _Blocks:
        """The matrix applied to each code: its rows are the pixels of `multiply_add`, the codes the weights."""
        rows, depth = self.colours.shape
        n = whole(len(codes))
        weights, nothing, out = (
            np.zeros((depth, n), np.float32),
            np.zeros(n, np.float32),
            np.empty(rows * n, np.float32),
        )
        weights[:, : len(codes)] = codes.reshape(len(codes), depth).T
        values = self.colours.reshape(-1)
        multiply_add(values, 0, depth, rows, depth, weights.reshape(-1), 0, n, nothing, 0, 0, out, 0, n)
        flat = out.reshape(rows, n)[: 3 * BLOCK_SIDE**2, : len(codes)]
        return flat.reshape(3, BLOCK_SIDE, BLOCK_SIDE, len(codes)).transpose(3, 1, 2, 0)


class _Chain:
    """Four convolutions of blocks of one size with ReLU between them: a large kernel, 3, 3, and 1 pixel."""

    def __init__(self, arrays: Arrays, name: str, height: int, width: int) -> None:
        first, second, third, last = (layer_of(arrays, f"{name}.{place}") for place in (0, 2, 4, 6))
        self.inputs, self.border = first.weight.shape[1], first.weight.shape[2] // 2
        n = whole(len(first.bias))
        self.first = kernel_rows(first.weight, self.inputs, n), padded_bias(first.bias, n)
        self.middle: list[Packed] = [three_by_three(layer) for layer in (second, third)]
        self.outputs = len(last.bias)
        self.last: tuple[Floats, Floats] = matrix_of(last, whole(last.weight.shape[1]), whole(self.outputs))
        self.height, self.width = height, width
        self.pitch = height + self.border  # rows from one block to the next

    def __call__(self, blocks: _Blocks) -> _Blocks:
        """(blocks, height, width, inputs) to (blocks, height, width, outputs)."""
        x = Plane.empty(len(blocks) * self.pitch, self.width, self.inputs, self.border)
        x.values[:] = 0
        self._rows(x)[:, : self.height] = blocks
        out = Plane.empty(x.height, x.width, len(self.first[1]))
        convolve_patches(x, *self.first, out, self.height, self.pitch)
        x = out
        for place, packed in enumerate(self.middle):
            if place:
                self._rows(x)[:, self.height :] = 0
            out = Plane.empty(x.height, x.width, len(packed.bias))
            x.convolve(*packed, 0.0, out)
            x = out
        out = Plane.empty(x.height, x.width, len(self.last[1]))
        mix(x, x.channels, *self.last, out)
        return np.ascontiguousarray(self._rows(out)[:, : self.height, :, : self.outputs])

    def _rows(self, plane: Plane) -> _Blocks:
        return plane.inner.reshape(-1, self.pitch, self.width, plane.channels)


def _reals(blocks: Image) -> _Blocks:
    """Bytes u as u / 127.5 - 1."""
    return blocks.astype(np.float32) / _HALF - np.float32(1)


def _levels(values: _Blocks) -> Image:
    """The nearest bytes."""
    levels: Image = np.rint((values + np.float32(1)) * _HALF).clip(0, 255).astype(np.uint8)
    return levels


def _sigmoid(x: _Blocks) -> _Blocks:
    """2 / (1 + exp(-x)) - 1, the hyperbolic tangent of x / 2, by Lambert's continued fraction to its 7th term.

    Nowhere further than 0.001 levels from it. A library's exponential would differ between machines.
    """
    half = np.clip(x.astype(np.float64) / 2, -4, 4)
    s = half * half
    above = half * (135135 + s * (17325 + s * (378 + s)))
    tangent = above / (135135 + s * (62370 + s * (3150 + 28 * s)))
    return tangent.astype(np.float32)


def resized(blocks: _Blocks, height: int, width: int) -> _Blocks:
    """By bilinear interpolation between the centres of pixels, as torch's ``interpolate`` does it."""
    for axis, length in ((2, width), (1, height)):
        before, after, share = _neighbours(blocks.shape[axis], length)
        share = share.reshape(-1, *(1,) * (3 - axis))
        blocks = blocks.take(before, axis) * (1 - share) + blocks.take(after, axis) * share
    return blocks


def _neighbours(given: int, wanted: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """The two places that each wanted place lies between, and how far on the way to the second."""
    places = np.maximum((np.arange(wanted) + 0.5) * (given / wanted) - 0.5, 0)
    before = places.astype(np.intp)
    return before, np.minimum(before + 1, given - 1), (places - before).astype(np.float32)


def _parts(blocks: Image) -> list[Image]:
    return [blocks[start : start + _BATCH] for start in range(0, len(blocks), _BATCH)]


def _cut(image: Image, height: int, width: int) -> Image:
    """(height h, width w, C) to its blocks in reading order, (h w, height, width, C)."""
    rows, columns, channels = image.shape
    split = image.reshape(rows // height, height, columns // width, width, channels)
    return split.transpose(0, 2, 1, 3, 4).reshape(-1, height, width, channels)


def _tile(blocks: Image, down: int, right: int) -> Image:
    """The inverse of `_cut`, for so many blocks down and to the right."""
    _, height, width, channels = blocks.shape
    split = blocks.reshape(down, right, height, width, channels).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(split).reshape(down * height, right * width, channels)
