"""A small convolutional network on the tiles of an image, and its training, in NumPy: for attacks that learn a map."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Floats", "TileNetwork", "one_cycle", "tiled", "untiled"]

Floats = NDArray[np.float32]

_LEAK = 0.1  # slope of the activation's negative side
_AREA = 9  # of a kernel
_SECOND, _EPSILON = 0.999, 1e-8  # of Adam, whose first rate the schedule sets
_WARM_UP, _START, _END = 0.3, 25.0, 1e4  # share of the steps; what the largest rate, and the first, are divided by
_SLOW, _QUICK = 0.95, 0.85  # Adam's first rate at the ends, and where steps are longest


def tiled(images: Floats, tile: int) -> Floats:
    """(N, H, W, C) to (N, H / tile, W / tile, tile * tile * C): each tile's samples become channels."""
    n, height, width, channels = images.shape
    split = images.reshape(n, height // tile, tile, width // tile, tile, channels).transpose(0, 1, 3, 2, 4, 5)
    return np.ascontiguousarray(split).reshape(n, height // tile, width // tile, tile * tile * channels)


def untiled(tiles: Floats, tile: int) -> Floats:
    """The inverse of `tiled`."""
    n, rows, columns, depth = tiles.shape
    split = tiles.reshape(n, rows, columns, tile, tile, depth // tile**2).transpose(0, 1, 3, 2, 4, 5)
    return np.ascontiguousarray(split).reshape(n, rows * tile, columns * tile, depth // tile**2)


class _Layer(NamedTuple):
    weight: Floats  # (9 inputs, outputs)
    bias: Floats


class TileNetwork:
    """Five 3x3 convolutions with leaky ReLU between them; beyond the border the image's edge is repeated.

    The last one starts at zero, the others uniformly within 1 / sqrt(9 inputs), drawn from ``generator``.
    """

    def __init__(self, inputs: int, outputs: int, width: int, generator: np.random.Generator) -> None:
        self.layers: list[_Layer] = []
        for given, made in pairwise((inputs, width, width, width, width)):
            reach = (_AREA * given) ** -0.5
            shapes = ((_AREA * given, made), (made,))
            self.layers.append(_Layer(*(generator.uniform(-reach, reach, one).astype(np.float32) for one in shapes)))
        self.layers.append(_Layer(np.zeros((_AREA * width, outputs), np.float32), np.zeros(outputs, np.float32)))
        self._moments = [
            (np.zeros_like(array), np.zeros_like(array)) for layer in self.layers for array in layer
        ]  # fmt: skip
        self._steps = 0

    def __call__(self, tiles: Floats) -> Floats:
        """(N, h, w, inputs) to (N, h, w, outputs)."""
        for number, layer in enumerate(self.layers):
            tiles = _product(_around(tiles), layer)
            if number < len(self.layers) - 1:
                tiles = np.maximum(tiles, _LEAK * tiles)
        return tiles

    def learn(self, tiles: Floats, wanted: Floats, rate: float, first: float) -> float:
        """One step of Adam towards a smaller mean of \\|output - wanted\\|, which it returns as it was before.

        ``first`` is Adam's first decay rate. A gradient longer than 1 is cut to that length.
        """
        seen, made = [], tiles
        for number, layer in enumerate(self.layers):
            around = _around(made)
            made = _product(around, layer)
            seen.append((around, made))
            if number < len(self.layers) - 1:
                made = np.maximum(made, _LEAK * made)
        error = made - wanted
        slope = np.sign(error) / np.float32(error.size)
        gradients: list[Floats] = []
        for number in reversed(range(len(self.layers))):
            around, before = seen[number]
            if number < len(self.layers) - 1:
                slope = slope * np.maximum(before > 0, np.float32(_LEAK))  # np.where takes many times as long
            flat = slope.reshape(-1, slope.shape[-1])
            gradients[:0] = [around.reshape(-1, around.shape[-1]).T @ flat, flat.sum(axis=0)]
            if number:
                slope = _gathered(slope, self.layers[number].weight)
        self._update(gradients, rate, first)
        return float(np.abs(error).mean())

    def _update(self, gradients: list[Floats], rate: float, first: float) -> None:
        norm = float(np.sqrt(sum(float(np.vdot(one, one)) for one in gradients)))
        share = np.float32(min(1.0, 1 / (norm + 1e-6)))
        self._steps += 1
        arrays = [array for layer in self.layers for array in layer]
        for array, gradient, (mean, square) in zip(arrays, gradients, self._moments, strict=True):
            mean += np.float32(1 - first) * (share * gradient - mean)
            square += np.float32(1 - _SECOND) * ((share * gradient) ** 2 - square)
            spread = np.sqrt(square / np.float32(1 - _SECOND**self._steps)) + np.float32(_EPSILON)
            array -= np.float32(rate / (1 - first**self._steps)) * mean / spread


def one_cycle(step: int, steps: int, largest: float) -> tuple[float, float]:
    """The learning rate of a step and Adam's first decay rate: the one rises, then falls, the other falls, then rises.

    Smith & Topin, "Super-convergence", 2018, with cosines: rates from largest / 25 over ``largest`` to almost 0.
    """
    turn = max(_WARM_UP * steps - 1, 1e-9)
    if step <= turn:
        way = _cosine(step / turn)
        return largest / _START + (largest - largest / _START) * way, _SLOW + (_QUICK - _SLOW) * way
    way = _cosine((step - turn) / (steps - 1 - turn))
    last = largest / _START / _END
    return largest + (last - largest) * way, _QUICK + (_SLOW - _QUICK) * way


def _cosine(share: float) -> float:
    return float(1 - np.cos(np.pi * min(share, 1.0))) / 2


@njit(cache=True, nogil=True)
def _around(tiles: Floats) -> Floats:
    """(N, h, w, C) to (N, h, w, 9 C): each place with its eight neighbours."""
    n, height, width, depth = tiles.shape
    around = np.empty((n, height, width, _AREA * depth), np.float32)
    for image in range(n):
        for y in range(height):
            for x in range(width):
                for i in range(3):
                    row = min(max(y + i - 1, 0), height - 1)
                    for j in range(3):
                        column, start = min(max(x + j - 1, 0), width - 1), (3 * i + j) * depth
                        for z in range(depth):
                            around[image, y, x, start + z] = tiles[image, row, column, z]
    return around


def _gathered(slope: Floats, weight: Floats) -> Floats:
    """The slope at a layer's input, (N, h, w, C), from that at its output: each place adds up what it was used for."""
    spread = slope.reshape(-1, slope.shape[3]) @ weight.T
    return _sums(spread.reshape(*slope.shape[:3], -1))


@njit(cache=True, nogil=True)
def _sums(spread: Floats) -> Floats:
    """(N, h, w, 9 C) to (N, h, w, C): the parts that each place has in what lies around its neighbours."""
    n, height, width, all_parts = spread.shape
    depth = all_parts // _AREA
    sums, padded = np.empty((n, height, width, depth), np.float32), np.empty((height + 2, width + 2, depth), np.float32)
    for image in range(n):
        padded[:] = 0
        for part in range(_AREA):
            i, j = divmod(part, 3)
            for y in range(height):
                for x in range(width):
                    for z in range(depth):
                        padded[y + i, x + j, z] += spread[image, y, x, part * depth + z]
        for edge, inner in ((0, 1), (-1, -2)):  # what was repeated beyond the border
            padded[inner] += padded[edge]
            padded[:, inner] += padded[:, edge]
        sums[image] = padded[1:-1, 1:-1]
    return sums


def _product(around: Floats, layer: _Layer) -> Floats:
    made: Floats = around @ layer.weight + layer.bias
    return made
