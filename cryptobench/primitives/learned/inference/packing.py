"""Weights of torch's layers as arrays for the kernels of inference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from cryptobench.primitives.learned.inference.planes import whole
from cryptobench.primitives.learned.inference.winograd import transform_weights
from cryptobench.primitives.simd.float32 import Floats

__all__ = ["Matrix", "Packed", "array", "three_by_three"]

Matrix = NDArray[np.float64]


class Packed(NamedTuple):
    """A 3x3 convolution: inputs with their padding, weights for Winograd's tiles, bias with its padding."""

    inputs: int
    weights: Floats
    bias: Floats


def array(weight: Tensor | None) -> Matrix:
    """In double precision, so that products of weights are rounded once."""
    assert weight is not None
    values: Matrix = weight.detach().double().cpu().numpy()
    return values


def three_by_three(convolution: nn.Conv2d, real: NDArray[np.int64] | None = None, inputs: int = 0) -> Packed:
    """``real`` says where each input channel is among ``inputs``; without it they are the first ones."""
    real = np.arange(convolution.in_channels) if real is None else real
    inputs, outputs = inputs or whole(convolution.in_channels), whole(convolution.out_channels)
    weights, bias = np.zeros((outputs, inputs, 3, 3)), np.zeros(outputs, np.float32)
    weights[: convolution.out_channels, real] = array(convolution.weight)
    bias[: convolution.out_channels] = array(convolution.bias)
    return Packed(inputs, transform_weights(weights), bias)
