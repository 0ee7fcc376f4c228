"""Lossless lifting in whole numbers: the same bytes on every machine, and an inverse whatever the weights are.

A picture's pixels are taken two by two; the first half is the two on the falling diagonal, the second the other two.
With bytes y as v = y - 128, coupling i adds to half i mod 2 what block i makes of the other half, mod 256. In a block,

    s = sum w q + b                     w integers from -127 to 127, q from -128 to 127, b an integer
    q = floor(min(max(s, s / 4), 127 * 64) / 64), at least -128      a layer's next inputs
    d = floor(s gain / 64)              of the last sum, to be added mod 256

A sum of n products is at most 128 * 127 n + |b|; `quantised` refuses weights with which one could reach 2^24. So all
numbers are whole (or multiples of 1/256 below 2^15 before a floor) and float32, in whose registers they are, holds each
of them exactly: sums are those of int8 products in int32, in any order, with or without fused multiply-adds, and floors
are the arithmetic shifts. Kernels of float32 are what every processor has, at the speed of its widest registers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Image, keep_freed_memory
from cryptobench.primitives.learned.inference.network import disturbed
from cryptobench.primitives.learned.sizes import (
    ACTIVATION_LEAK,
    BIAS_UNIT,
    WEIGHT_UNIT,
    LiftingSize,
    lifting_shapes,
)  # fmt: skip
from cryptobench.primitives.simd.float32 import (
    SIMD_WIDTH,
    Floats,
    add,
    aligned,
    fma,
    load,
    maximum,
    minimum,
    multiply,
    splat,
    store,
    subtract,
)

__all__ = ["EXACT", "Lifting", "quantised"]

EXACT = 1 << 24  # float32 holds every whole number up to this one
ROWS: Any = np.int64(8)  # positions at a time
_ROUNDER = 12582912.0  # 1.5 * 2^23: adding and subtracting it rounds to a whole number
_HALF_BELOW = 0.498046875  # 1/2 - 1/512: less this, rounding to nearest is the floor of a multiple of 1/256

Whole = NDArray[np.int32]


class _Layer(NamedTuple):
    """Weights (kernel rows, kernel columns, inputs, 8) and bias (8) in float32, of whole numbers."""

    weights: Floats
    bias: Floats


def quantised(arrays: Mapping[str, NDArray[np.floating]], size: LiftingSize) -> dict[str, Whole]:
    """The arrays of `lifting_shapes` in whole numbers: weights times 64 from -127 to 127, biases times 8192.

    ValueError for arrays that are missing or of another shape, or biases with which a sum could reach 2^24. Scaling by
    a power of two and rounding are exact, so that one file gives the same numbers everywhere.
    """
    wanted, found = lifting_shapes(size), {name: array.shape for name, array in arrays.items()}
    for name in sorted(wanted.keys() | found.keys()):
        if found.get(name) != wanted.get(name):
            raise ValueError(f"{name} is {found.get(name, 'missing')}, wanted {wanted.get(name, 'none')}")
    whole = {}
    for name, array in arrays.items():
        exact = array.astype(np.float64)
        if not np.isfinite(exact).all():
            raise ValueError(f"{name} has a number that is not finite")
        if name.endswith(".weight"):
            whole[name] = np.clip(np.rint(exact * WEIGHT_UNIT), -127, 127).astype(np.int32)
        else:
            whole[name] = np.clip(np.rint(exact * BIAS_UNIT), -EXACT, EXACT).astype(np.int32)
    for name, bias in whole.items():
        if name.endswith(".bias"):
            weights = whole[name.removesuffix("bias") + "weight"]
            largest = 128 * np.abs(weights).sum((1, 2, 3)).max() + np.abs(bias).max()
            if largest >= EXACT:
                raise ValueError(f"a sum with {name} could be {largest}, wanted below {EXACT}")
    return whole


class Lifting:
    """The network or, where its size says ``backwards``, its inverse: (H, W, C) uint8 to the same shape, any sides."""

    def __init__(self, size: LiftingSize, arrays: Mapping[str, NDArray[np.floating]]) -> None:
        self.size, self.arrays = size, arrays
        whole = quantised(arrays, size)
        order = range(size.couplings)
        self._blocks = [
            (i % 2, *self._block(whole, f"blocks.{i}")) for i in (reversed(order) if size.backwards else order)
        ]

    def __call__(self, image: Image) -> Image:
        """The image's bytes through the network; ValueError for another number of channels."""
        if image.ndim != 3 or image.shape[2] != self.size.channels:
            raise ValueError(f"image is {image.shape}, wanted (H, W, {self.size.channels})")
        keep_freed_memory()
        height, width, channels = image.shape
        rows, columns = -(-height // 2), -(-width // 2)
        half, depth = 2 * channels, 2 * channels + self.size.layers * self.size.growth
        line = -(-columns // int(ROWS)) * int(ROWS) + 2
        # The border stays zero; behind the last position there is room for what is read and not used.
        planes = [aligned(((rows + 2) * line + 2 * int(ROWS)) * depth) for _ in range(2)]
        for plane in planes:
            plane[:] = 0
        _split(np.ascontiguousarray(image), planes[0], planes[1], line, depth)
        change = aligned(line * SIMD_WIDTH)
        for target, layers, merge in self._blocks:
            read = planes[1 - target]
            for i, layer in enumerate(layers):
                _convolve(
                    read, rows, columns, line, depth, half + i * self.size.growth, layer.weights.reshape(-1), layer.bias
                )
            sign = -1 if self.size.backwards else 1
            _add_mod_256(
                read, planes[target], rows, columns, line, depth, half, merge.weights.reshape(-1), merge.bias,
                self.size.gain, sign, change,
            )  # fmt: skip
            _clear_missing(planes[target], height, width, target, line, depth, channels)
        out = np.empty(image.shape, np.uint8)
        _join(planes[0], planes[1], line, depth, out)
        return out

    def disturbed(self, relative: float, seed: int) -> Lifting:
        """A network with every weight w changed to w (1 + relative z), z standard normal, before it is made whole."""
        return Lifting(self.size, disturbed(dict(self.arrays), relative, seed))

    def _block(self, whole: Mapping[str, Whole], name: str) -> tuple[list[_Layer], _Layer]:
        names = [f"{name}.layers.{i}" for i in range(self.size.layers)]
        return [_packed(whole, one) for one in names], _packed(whole, f"{name}.merge")


def _packed(whole: Mapping[str, Whole], name: str) -> _Layer:
    weights = whole[f"{name}.weight"]
    outputs, inputs, height, width = weights.shape
    packed = aligned(height, width, inputs, SIMD_WIDTH)
    packed[...] = 0
    packed[..., :outputs] = weights.transpose(2, 3, 1, 0)
    bias = aligned(SIMD_WIDTH)
    bias[:] = 0
    bias[:outputs] = whole[f"{name}.bias"]
    return _Layer(packed, bias)


@njit(cache=True, nogil=True)
def _sums(a: Floats, at: int, depth: int, line: int, side: int, inputs: int, weights: Floats, bias: Floats):  # type: ignore[no-untyped-def]
    """Eight sums at each of eight positions in a row, of a kernel of ``side`` rows and columns from ``at`` on."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = load(bias, 0)
    w = 0
    for ky in range(side):
        for kx in range(side):
            start = at + (ky * line + kx) * depth
            for k in range(start, start + inputs):
                u = load(weights, w)
                s0 = fma(splat(a, k), u, s0)
                s1 = fma(splat(a, k + depth), u, s1)
                s2 = fma(splat(a, k + 2 * depth), u, s2)
                s3 = fma(splat(a, k + 3 * depth), u, s3)
                s4 = fma(splat(a, k + 4 * depth), u, s4)
                s5 = fma(splat(a, k + 5 * depth), u, s5)
                s6 = fma(splat(a, k + 6 * depth), u, s6)
                s7 = fma(splat(a, k + 7 * depth), u, s7)
                w += 8
    return s0, s1, s2, s3, s4, s5, s6, s7


@njit(inline="always")
def _activated(s):  # type: ignore[no-untyped-def]
    """floor(max(s, s/4) / 64) cut to a signed byte: cut first, which is the same since the ends are whole."""
    x = multiply(maximum(s, multiply(s, 1 / ACTIVATION_LEAK)), 1 / WEIGHT_UNIT)
    x = subtract(minimum(maximum(x, -128.0), 127.0), _HALF_BELOW)
    return subtract(add(x, _ROUNDER), _ROUNDER)


@njit(cache=True, nogil=True)
def _convolve(
    plane: Floats, rows: int, columns: int, line: int, depth: int, inputs: int, weights: Floats, bias: Floats
) -> None:
    """The 3x3 convolution of the first ``inputs`` channels into the eight behind them, activated."""
    for y in range(rows):
        for x in range(0, columns, ROWS):
            s = _sums(plane, (y * line + x) * depth, depth, line, 3, inputs, weights, bias)
            o = ((y + 1) * line + x + 1) * depth + inputs
            store(plane, o, _activated(s[0])), store(plane, o + depth, _activated(s[1]))
            store(plane, o + 2 * depth, _activated(s[2])), store(plane, o + 3 * depth, _activated(s[3]))
            store(plane, o + 4 * depth, _activated(s[4])), store(plane, o + 5 * depth, _activated(s[5]))
            store(plane, o + 6 * depth, _activated(s[6])), store(plane, o + 7 * depth, _activated(s[7]))
        end = ((y + 1) * line + columns + 1) * depth
        for x in range(line - columns - 1):
            for c in range(inputs, inputs + 8):
                plane[end + x * depth + c] = 0.0


@njit(cache=True, nogil=True)
def _add_mod_256(
    read: Floats, target: Floats, rows: int, columns: int, line: int, depth: int, half: int, weights: Floats,
    bias: Floats, gain: int, sign: int, change: Floats,
) -> None:  # fmt: skip
    """The 1x1 convolution of all channels of ``read``, times gain / 64, floored, added to ``target`` mod 256."""
    for y in range(rows):
        row = ((y + 1) * line + 1) * depth
        for x in range(0, columns, ROWS):
            s = _sums(read, row + x * depth, depth, line, 1, depth, weights, bias)
            o = x * 8
            store(change, o, s[0]), store(change, o + 8, s[1]), store(change, o + 16, s[2])
            store(change, o + 24, s[3]), store(change, o + 32, s[4]), store(change, o + 40, s[5])
            store(change, o + 48, s[6]), store(change, o + 56, s[7])
        for x in range(columns):
            for c in range(half):
                added = np.int32(change[x * 8 + c]) * np.int32(gain) >> np.int32(6)
                value = np.int32(target[row + x * depth + c]) + np.int32(sign) * added
                target[row + x * depth + c] = np.float32((value + 128 & 255) - 128)


@njit(cache=True, nogil=True)
def _clear_missing(plane: Floats, height: int, width: int, which: int, line: int, depth: int, channels: int) -> None:
    """Positions outside of a picture with an odd side count as 0 for both networks' inputs, before and after."""
    rows, columns = (height + 1) // 2, (width + 1) // 2
    if height % 2:  # the lower of the half's two pixels is in the second row
        for x in range(columns):
            for c in range(channels):
                plane[(rows * line + x + 1) * depth + channels + c] = 0.0
    if width % 2:  # the right one is the lower one in the first half, the upper one in the second
        first = channels * (1 - which)
        for y in range(rows):
            for c in range(channels):
                plane[((y + 1) * line + columns) * depth + first + c] = 0.0


@njit(cache=True, nogil=True)
def _split(image: Image, first: Floats, second: Floats, line: int, depth: int) -> None:
    """Upper pixels' channels, then lower ones', of each half, as y - 128."""
    height, width, channels = image.shape
    for y in range(height):
        for x in range(width):
            at = ((y // 2 + 1) * line + x // 2 + 1) * depth + y % 2 * channels
            for c in range(channels):
                value = np.float32(image[y, x, c]) - np.float32(128)
                if (y + x) % 2:
                    second[at + c] = value
                else:
                    first[at + c] = value


@njit(cache=True, nogil=True)
def _join(first: Floats, second: Floats, line: int, depth: int, image: Image) -> None:
    height, width, channels = image.shape
    for y in range(height):
        for x in range(width):
            at = ((y // 2 + 1) * line + x // 2 + 1) * depth + y % 2 * channels
            for c in range(channels):
                value = second[at + c] if (y + x) % 2 else first[at + c]
                image[y, x, c] = np.uint8(np.int32(value) + 128)
