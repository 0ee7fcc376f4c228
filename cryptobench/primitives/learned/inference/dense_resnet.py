"""`DenseResNetSize` for inference: Winograd's convolutions, layers writing beside their inputs, linear steps merged."""

from __future__ import annotations

import numpy as np

from cryptobench.cipher import Image
from cryptobench.primitives.learned.inference.packing import (
    Arrays,
    Layer,
    Matrix,
    Packed,
    layer_of,
    padded_bias,
    three_by_three,
)  # fmt: skip
from cryptobench.primitives.learned.inference.planes import Plane, image_of, mix, plane_of, whole
from cryptobench.primitives.learned.sizes import SLOPE, DenseResNetSize
from cryptobench.primitives.simd.float32 import Floats

__all__ = ["FastDenseResNet"]


class FastDenseResNet:
    """A network's weights in the form that `__call__` needs; the network must be without normalisation.

    Channels are padded to whole vectors, trunk and layers each by themselves. No activation stands between a block's
    1x1 merge, the addition of its input and the 1x1 fusion, so that they are multiplied out: the addition becomes ones
    on the diagonal, and the last block's output is never made.
    """

    def __init__(self, size: DenseResNetSize, arrays: Arrays) -> None:
        self.size = size
        if size.norm or size.blocks < 1:
            raise ValueError(f"wanted a network without normalisation and with a block or more, not {size}")
        self.width, self.growth = whole(size.width), whole(size.growth)
        # Where the real channels of a block's buffer are: those of the trunk, then those of each layer.
        starts = [self.width + i * self.growth for i in range(size.layers)]
        trunk = np.arange(size.width)
        self.real = np.concatenate([trunk, *(start + np.arange(size.growth) for start in starts)])
        samples = np.arange(3 * size.factor**2)
        self.head = three_by_three(layer_of(arrays, "head"), samples, whole(len(samples)))
        self.layers = [
            [self._layer(layer_of(arrays, f"blocks.{b}.layers.{i}.0"), start) for i, start in enumerate(starts)]
            for b in range(size.blocks)
        ]
        self.tail = three_by_three(layer_of(arrays, "tail"), trunk, self.width)
        *earlier, last = [_merge(layer_of(arrays, f"blocks.{b}.merge")) for b in range(size.blocks)]
        self.merges = [(self._pad(matrix), padded_bias(bias, self.width)) for matrix, bias in earlier]
        fusion = layer_of(arrays, "fuse")
        fuse = np.split(fusion.weight[:, :, 0, 0].T, size.blocks + 1)
        of_last = _product(last[0], fuse[-1])
        of_last[: size.width] += fuse[-2]
        self.fuse = [self._pad(matrix) for matrix in (*fuse[:-2], of_last)]
        self.fuse_bias = padded_bias(fusion.bias + _product(last[1][None], fuse[-1])[0], self.width)

    def __call__(self, image: Image) -> Image:
        """(H, W, 3) uint8, sides multiples of the unshuffle factor, through the network, rounded to uint8."""
        given = plane_of(image, self.size.factor, self.head.inputs)
        blocks = [
            Plane.empty(given.height, given.width, self.width + self.size.layers * self.growth) for _ in self.layers
        ]
        given.convolve(*self.head, SLOPE, blocks[0])
        for i, (layers, block) in enumerate(zip(self.layers, blocks, strict=True)):
            for layer in layers:
                block.convolve(*layer, SLOPE, block, layer.inputs)
            if i + 1 < len(blocks):
                mix(block, block.channels, *self.merges[i], blocks[i + 1])
        fused = Plane.empty(given.height, given.width, self.width)
        bias: Floats | None = self.fuse_bias
        for block, matrix in zip(blocks, self.fuse, strict=True):
            mix(block, len(matrix), matrix, bias, fused)
            bias = None
        fused.convolve(*self.tail, 1.0, given)
        return image_of(given, self.size.factor)

    def _layer(self, layer: Layer, inputs: int) -> Packed:
        return three_by_three(layer, self.real[: layer.weight.shape[1]], inputs)

    def _pad(self, matrix: Matrix) -> Floats:
        """(inputs, outputs) of a 1x1 convolution, each where its channel is in the buffers."""
        rows = self.real[: len(matrix)]
        padded = np.zeros((whole(int(rows[-1]) + 1), self.width), np.float32)
        padded[rows, : matrix.shape[1]] = matrix
        return padded


def _merge(layer: Layer) -> tuple[Matrix, Matrix]:
    """A block's output as a matrix (inputs, outputs) and a bias on its features, its input among them."""
    matrix = layer.weight[:, :, 0, 0].T
    return matrix + np.eye(*matrix.shape), layer.bias


def _product(a: Matrix, b: Matrix) -> Matrix:
    """a @ b with sums taken in one order, which a library of linear algebra does not promise."""
    total = np.zeros((len(a), b.shape[1]))
    for k in range(len(b)):
        total += a[:, k, None] * b[k]
    return total
