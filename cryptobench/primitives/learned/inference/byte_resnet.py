"""`ByteResNetSize` for inference: 1x1 convolutions as matrix products, 3x3 ones by Winograd, onto one plane."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cryptobench.cipher import Image
from cryptobench.primitives.learned.inference.cyclegan import leak
from cryptobench.primitives.learned.inference.packing import Arrays, Packed, layer_of, matrix_of, three_by_three
from cryptobench.primitives.learned.inference.planes import Plane, mix, plane_of, whole
from cryptobench.primitives.learned.sizes import BYTE_CHANNELS, SLOPE, ByteResNetSize
from cryptobench.primitives.simd.float32 import Floats

__all__ = ["FastByteResNet"]

_FACTOR = 2


class _Branch(NamedTuple):
    first: Floats
    first_bias: Floats
    middle: Packed
    last: Floats
    last_bias: Floats


class FastByteResNet:
    """A network's weights in the form that `__call__` needs, channels padded to whole vectors."""

    def __init__(self, size: ByteResNetSize, arrays: Arrays) -> None:
        self.width, channels = whole(size.width), whole(BYTE_CHANNELS)
        self.branches = [
            _Branch(
                *matrix_of(layer_of(arrays, f"branches.{i}.0"), channels, self.width),
                three_by_three(layer_of(arrays, f"branches.{i}.2")),
                *matrix_of(layer_of(arrays, f"branches.{i}.4"), self.width, channels),
            )
            for i in range(size.blocks)
        ]

    def __call__(self, image: Image) -> Image:
        """(H, W, 3) uint8, sides even, through the network, rounded to uint8."""
        x = plane_of(image, _FACTOR, whole(BYTE_CHANNELS))
        inner, outer = (Plane.empty(x.height, x.width, self.width) for _ in range(2))
        for branch in self.branches:
            mix(x, x.channels, branch.first, branch.first_bias, inner)
            leak(inner.values, np.float32(SLOPE))
            inner.convolve(*branch.middle, SLOPE, outer)
            mix(outer, outer.channels, branch.last, None, x)
            x.inner[...] += branch.last_bias
        values = x.inner[..., :BYTE_CHANNELS]
        levels = np.rint((values + np.float32(1)) * np.float32(127.5)).clip(0, 255).astype(np.uint8)
        samples = levels.reshape(x.height, x.width, 3, _FACTOR, _FACTOR).transpose(0, 3, 1, 4, 2)
        return np.ascontiguousarray(samples).reshape(image.shape)
