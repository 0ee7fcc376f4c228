"""`CouplingSize` for inference, in both directions, on Winograd's convolutions and products of `planes`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cryptobench.cipher import Image
from cryptobench.primitives.learned.inference.packing import Arrays, Layer, Matrix, Packed, layer_of, three_by_three
from cryptobench.primitives.learned.inference.planes import Plane, image_of, mix, plane_of, whole
from cryptobench.primitives.learned.sizes import SLOPE, CouplingSize
from cryptobench.primitives.simd.float32 import Floats

__all__ = ["FastCouplingResNet", "apply", "inverted"]


class _Block(NamedTuple):
    """A dense block: its layers, and the 1x1 convolution that is added to the other half."""

    layers: list[Packed]
    merge: Floats


class _Mix(NamedTuple):
    """A 1x1 convolution of all channels: (inputs, outputs) of both halves to the first and to the second, and bias."""

    parts: list[list[Floats]]
    bias: list[Floats]


class FastCouplingResNet:
    """A network's weights in the form that `__call__` needs.

    The halves are planes of their own, and a block's layers write behind the half that the block reads. Channels are
    padded to whole vectors, each half and each layer by itself. Inverse matrices are taken here, in one order.
    """

    def __init__(self, size: CouplingSize, arrays: Arrays) -> None:
        self.size, self.samples = size, 3 * size.factor**2
        half = self.samples // 2
        self.half, self.growth = whole(half), whole(size.growth)
        self.room = self.half + size.layers * self.growth
        starts = [self.half + i * self.growth for i in range(size.layers)]
        self.real = np.concatenate([np.arange(half), *(at + np.arange(size.growth) for at in starts)])
        mixes = [_matrix(layer_of(arrays, f"mixes.{i}")) for i in range(size.couplings // 2 + 1)]
        order = list(range(size.couplings))
        if size.backwards:
            mixes = [_inverse(*one) for one in reversed(mixes)]
            order.reverse()
        sign = -1.0 if size.backwards else 1.0
        # The half that a block reads, and the block; a pair of blocks stands between two mixes.
        self.blocks = [((i + 1) % 2, self._block(arrays, f"blocks.{i}", sign)) for i in order]
        *inner, last = mixes
        first, *middle = inner
        self.first = self._mix(*first, whole_inputs=True)
        self.middle = [self._mix(*one) for one in middle]
        self.last = self._mix(*last, whole_outputs=True)

    def __call__(self, image: Image) -> Image:
        """(H, W, 3) uint8, sides multiples of the unshuffle factor, through the network, rounded to uint8."""
        given = plane_of(image, self.size.factor, whole(self.samples))
        halves, others = ([Plane.empty(given.height, given.width, self.room) for _ in range(2)] for _ in range(2))
        apply(self.first, [given], halves)
        for i, (reads, block) in enumerate(self.blocks):
            if i and i % 2 == 0:
                apply(self.middle[i // 2 - 1], halves, others)
                halves, others = others, halves
            read = halves[reads]
            for layer in block.layers:
                read.convolve(*layer, SLOPE, read, layer.inputs)
            mix(read, read.channels, block.merge, None, halves[1 - reads])
        apply(self.last, halves, [given])
        return image_of(given, self.size.factor, squash=False)

    def _block(self, arrays: Arrays, name: str, sign: float) -> _Block:
        layers: list[Packed] = []
        for i in range(self.size.layers):
            layer = layer_of(arrays, f"{name}.layers.{i}")
            real = self.real[: layer.weight.shape[1]]
            layers.append(three_by_three(layer, real, self.half + i * self.growth))
        merge = np.zeros((self.room, self.half), np.float32)
        weights = sign * arrays[f"{name}.merge.weight"].astype(np.float64)[:, :, 0, 0].T
        merge[self.real, : weights.shape[1]] = weights
        return _Block(layers, merge)

    def _mix(
        self, matrix: Matrix, bias: Matrix, *, whole_inputs: bool = False, whole_outputs: bool = False
    ) -> _Mix:  # fmt: skip
        rows = [matrix] if whole_inputs else np.split(matrix, 2)
        parts = [[_padded(part) for part in ([row] if whole_outputs else np.split(row, 2, 1))] for row in rows]
        return _Mix(parts, [_padded(part[None])[0] for part in ([bias] if whole_outputs else np.split(bias, 2))])


def apply(step: _Mix, sources: list[Plane], targets: list[Plane]) -> None:
    """A 1x1 convolution of all channels, from the planes that have them into others."""
    for j, target in enumerate(targets):
        bias: Floats | None = step.bias[j]
        for source, parts in zip(sources, step.parts, strict=True):
            mix(source, len(parts[j]), parts[j], bias, target)
            bias = None


def _padded(matrix: Matrix) -> Floats:
    padded = np.zeros((whole(matrix.shape[0]), whole(matrix.shape[1])), np.float32)
    padded[: matrix.shape[0], : matrix.shape[1]] = matrix
    return padded


def _matrix(layer: Layer) -> tuple[Matrix, Matrix]:
    """(inputs, outputs) and bias of a 1x1 convolution."""
    return layer.weight[:, :, 0, 0].T, layer.bias


def _inverse(matrix: Matrix, bias: Matrix) -> tuple[Matrix, Matrix]:
    """y = x matrix + bias undone: x = y inverse - bias inverse."""
    undone = inverted(matrix)
    total = np.zeros_like(bias)
    for row, value in zip(undone, bias, strict=True):
        total = total - value * row
    return undone, total


def inverted(matrix: Matrix) -> Matrix:
    """The inverse of a square matrix by Gauss and Jordan, in one order: a library of linear algebra promises none.

    ValueError for a singular one.
    """
    size = len(matrix)
    both = np.concatenate([matrix, np.eye(size)], 1)
    for i in range(size):
        pivot = i + int(np.abs(both[i:, i]).argmax())
        if both[pivot, i] == 0:
            raise ValueError("a 1x1 convolution has a singular matrix, which has no inverse")
        both[[i, pivot]] = both[[pivot, i]]
        both[i] = both[i] / both[i, i]
        factors = both[:, i].copy()
        factors[i] = 0
        both = both - factors[:, None] * both[i]
    return both[:, size:]
