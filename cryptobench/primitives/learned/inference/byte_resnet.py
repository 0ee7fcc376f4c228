"""`ByteResNet` for inference: 1x1 convolutions as matrix products, 3x3 ones by Winograd, onto one plane."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from torch import nn

from cryptobench.cipher import Image
from cryptobench.primitives.learned.inference.cyclegan import leak
from cryptobench.primitives.learned.inference.packing import Packed, array, three_by_three
from cryptobench.primitives.learned.inference.planes import Plane, mix, plane_of, whole
from cryptobench.primitives.learned.networks import SLOPE, ByteResNet
from cryptobench.primitives.simd.float32 import Floats

__all__ = ["FastByteResNet"]

_FACTOR, _CHANNELS = 2, 12


class _Branch(NamedTuple):
    first: Floats
    first_bias: Floats
    middle: Packed
    last: Floats
    last_bias: Floats


class FastByteResNet:
    """A copy of a network's weights in the form that `__call__` needs, channels padded to whole vectors."""

    def __init__(self, network: ByteResNet) -> None:
        self.width = whole(network.size.width)
        branches: Any = network.branches
        self.branches = [self._branch(*(layer for layer in one if isinstance(layer, nn.Conv2d))) for one in branches]

    def __call__(self, image: Image) -> Image:
        """(H, W, 3) uint8, sides even, through the network, rounded to uint8."""
        x = plane_of(image, _FACTOR, whole(_CHANNELS))
        inner, outer = (Plane.empty(x.height, x.width, self.width) for _ in range(2))
        for branch in self.branches:
            mix(x, x.channels, branch.first, branch.first_bias, inner)
            leak(inner.values, np.float32(SLOPE))
            inner.convolve(*branch.middle, SLOPE, outer)
            mix(outer, outer.channels, branch.last, None, x)
            x.inner[...] += branch.last_bias
        levels = np.rint((x.inner[..., :_CHANNELS] + np.float32(1)) * np.float32(127.5)).clip(0, 255).astype(np.uint8)
        samples = levels.reshape(x.height, x.width, 3, _FACTOR, _FACTOR).transpose(0, 3, 1, 4, 2)
        return np.ascontiguousarray(samples).reshape(image.shape)

    def _branch(self, first: nn.Conv2d, middle: nn.Conv2d, last: nn.Conv2d) -> _Branch:
        return _Branch(
            *_matrix(first, whole(_CHANNELS), self.width), three_by_three(middle),
            *_matrix(last, self.width, whole(_CHANNELS)),
        )  # fmt: skip


def _matrix(convolution: nn.Conv2d, inputs: int, outputs: int) -> tuple[Floats, Floats]:
    """Weights (inputs, outputs) and bias of a 1x1 convolution, padded with zeros."""
    matrix, bias = np.zeros((inputs, outputs), np.float32), np.zeros(outputs, np.float32)
    weights = array(convolution.weight)[:, :, 0, 0].T
    matrix[: weights.shape[0], : weights.shape[1]] = weights
    bias[: weights.shape[1]] = array(convolution.bias)
    return matrix, bias
