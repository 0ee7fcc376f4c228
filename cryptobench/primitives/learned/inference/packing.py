"""Arrays of trained weights as the kernels of inference need them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cryptobench.primitives.learned.inference.planes import whole
from cryptobench.primitives.learned.inference.winograd import transform_weights
from cryptobench.primitives.simd.float32 import Floats

__all__ = ["Arrays", "Layer", "Matrix", "Packed", "layer_of", "matrix_of", "padded_bias", "three_by_three"]

Arrays = Mapping[str, NDArray[np.floating]]
Matrix = NDArray[np.float64]


class Layer(NamedTuple):
    """Weights and biases of one layer, in double precision, so that products of weights are rounded once.

    Weights of a convolution are (outputs, inputs, height, width), of a transposed one (inputs, outputs, height, width).
    """

    weight: Matrix
    bias: Matrix


class Packed(NamedTuple):
    """A 3x3 convolution: inputs with their padding, weights for Winograd's tiles, bias with its padding."""

    inputs: int
    weights: Floats
    bias: Floats


def layer_of(arrays: Arrays, name: str) -> Layer:
    """``name.weight`` and ``name.bias``."""
    return Layer(arrays[f"{name}.weight"].astype(np.float64), arrays[f"{name}.bias"].astype(np.float64))


def three_by_three(layer: Layer, real: NDArray[np.int64] | None = None, inputs: int = 0) -> Packed:
    """``real`` says where each input channel is among ``inputs``; without it they are the first ones."""
    n, given = layer.weight.shape[:2]
    real = np.arange(given) if real is None else real
    inputs, outputs = inputs or whole(given), whole(n)
    weights = np.zeros((outputs, inputs, 3, 3))
    weights[:n, real] = layer.weight
    return Packed(inputs, transform_weights(weights), padded_bias(layer.bias, outputs))


def matrix_of(layer: Layer, inputs: int, outputs: int) -> tuple[Floats, Floats]:
    """Weights (inputs, outputs) and bias of a 1x1 convolution, padded with zeros."""
    matrix = np.zeros((inputs, outputs), np.float32)
    weights = layer.weight[:, :, 0, 0].T
    matrix[: weights.shape[0], : weights.shape[1]] = weights
    return matrix, padded_bias(layer.bias, outputs)


def padded_bias(bias: Matrix, outputs: int) -> Floats:
    """As many numbers as there are outputs; those behind the bias are zero."""
    padded = np.zeros(outputs, np.float32)
    padded[: len(bias)] = bias
    return padded
