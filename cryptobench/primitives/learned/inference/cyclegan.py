"""`CycleGanGenerator` for inference, on the same products, tiles and bytes as `FastDenseResNet`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from torch import nn

from cryptobench.cipher import Image
from cryptobench.primitives.learned.inference.direct import convolve_narrow, convolve_rows, kernel_rows
from cryptobench.primitives.learned.inference.packing import array, three_by_three
from cryptobench.primitives.learned.inference.planes import Plane, image_of, plane_of, whole
from cryptobench.primitives.learned.networks import CycleGanGenerator
from cryptobench.primitives.simd.float32 import Floats

__all__ = ["FastCycleGan", "leak"]

_Step = Callable[[Plane], Plane]
_KERNEL = 7  # side of the first and the last convolution's kernel


class FastCycleGan:
    """A copy of a generator's weights in the form that `__call__` needs."""

    def __init__(self, network: CycleGanGenerator) -> None:
        self.slope = network.size.slope
        layers: list[Any] = list(network)
        steps: list[_Step] = []
        last_doubling = [layer for layer in layers if isinstance(layer, nn.ConvTranspose2d)][-1]
        for layer in layers:
            if isinstance(layer, nn.InstanceNorm2d):
                steps.append(_normalise(layer))
            elif isinstance(layer, nn.LeakyReLU | nn.ReLU):
                steps.append(self._activate)
            elif isinstance(layer, nn.ConvTranspose2d):
                steps.append(_doubling(layer, border=_KERNEL // 2 if layer is last_doubling else 1))
            elif isinstance(layer, nn.Conv2d):
                steps.append(_last(layer) if layer.out_channels == 3 else _plain(layer))
            elif not isinstance(layer, nn.Tanh):
                steps.append(self._residual(layer.branch))
        self.steps = steps

    def __call__(self, image: Image) -> Image:
        """(H, W, 3) uint8, sides multiples of 4, through the network, rounded to uint8."""
        plane = plane_of(image, 1, 3, _KERNEL // 2)
        for step in self.steps:
            plane = step(plane)
        return image_of(plane, 1)

    def _activate(self, plane: Plane) -> Plane:
        leak(plane.values, np.float32(self.slope))
        return plane

    def _residual(self, branch: nn.Sequential) -> _Step:
        first, second = (three_by_three(layer) for layer in branch if isinstance(layer, nn.Conv2d))
        norms = [_normalise(layer) for layer in branch if isinstance(layer, nn.InstanceNorm2d)]
        slope = 1.0 if norms else self.slope

        def run(x: Plane) -> Plane:
            inner, outer = (Plane.empty(x.height, x.width, x.channels) for _ in range(2))
            x.convolve(*first, slope, inner)
            if norms:
                self._activate(norms[0](inner))
            inner.convolve(*second, 1.0, outer)
            if norms:
                norms[1](outer)
            np.add(x.framed, outer.framed, out=x.framed)
            return x

        return run


def _plain(convolution: nn.Conv2d) -> _Step:
    """With a stride of one or two, and a border of half the kernel."""
    size, stride = convolution.kernel_size[0], convolution.stride[0]
    inputs, outputs = convolution.in_channels, whole(convolution.out_channels)
    weights = kernel_rows(array(convolution.weight), inputs if inputs == 3 else whole(inputs), outputs)
    bias = _padded(convolution, outputs)

    def run(x: Plane) -> Plane:
        out = Plane.empty(x.height // stride, x.width // stride, outputs)
        convolve_rows(x, weights, bias, out, before=size // 2, stride=stride)
        out.clear(0, outputs)
        return out

    return run


def _doubling(convolution: nn.ConvTranspose2d, border: int) -> _Step:
    """Kernel 3, stride 2: even outputs come from the kernel's middle, odd ones from its ends on two neighbours."""
    outputs = whole(convolution.out_channels)
    kernel, bias = array(convolution.weight).transpose(1, 0, 2, 3), _padded(convolution, outputs)
    taps = ([1], [2, 0])  # by the output's parity: what meets the input at its half, and the next
    phases = [
        ((i, j), kernel_rows(kernel[:, :, taps[i]][..., taps[j]], whole(convolution.in_channels), outputs))
        for i in (0, 1) for j in (0, 1)
    ]  # fmt: skip

    def run(x: Plane) -> Plane:
        out = Plane.empty(2 * x.height, 2 * x.width, outputs, border)
        for phase, weights in phases:
            convolve_rows(x, weights, bias, out, before=0, phase=phase, spacing=2)
        out.clear(0, outputs)
        return out

    return run


def _last(convolution: nn.Conv2d) -> _Step:
    """To three channels: the products of each kernel column side by side, so that vectors are full, then their sums."""
    weights = array(convolution.weight)
    n, inputs, _, columns = weights.shape
    outputs = whole(columns * n)
    stacked = weights.transpose(3, 0, 1, 2).reshape(columns * n, inputs, -1, 1)
    rows, bias = kernel_rows(stacked, whole(inputs), outputs), _padded(convolution, n)

    def run(x: Plane) -> Plane:
        out = Plane.empty(x.height, x.width, n)
        convolve_narrow(x, rows, columns, bias, out)
        return out

    return run


def _normalise(norm: nn.InstanceNorm2d) -> _Step:
    eps = norm.eps
    weight, bias = (np.ascontiguousarray(array(value), np.float32) for value in (norm.weight, norm.bias))

    def run(x: Plane) -> Plane:
        if x.height * x.width == 1:
            raise ValueError("instance norm needs more than one spatial element; the image is too small")
        _normalise_channels(x.inner, weight, bias, eps)
        return x

    return run


def _padded(convolution: nn.Conv2d | nn.ConvTranspose2d, outputs: int) -> Floats:
    bias = np.zeros(outputs, np.float32)
    bias[: convolution.out_channels] = array(convolution.bias)
    return bias


@njit(cache=True, nogil=True)
def leak(values: Floats, slope: np.float32) -> None:
    """The leaky ReLU, in place."""
    for i in range(len(values)):
        values[i] = max(values[i], slope * values[i])


@njit(cache=True, nogil=True)
def _normalise_channels(inner: Floats, weight: Floats, bias: Floats, eps: float) -> None:
    """Each of the first channels to the mean and spread that ``bias`` and ``weight`` say."""
    height, width, _ = inner.shape
    n = len(weight)
    mean, square = np.zeros(n), np.zeros(n)
    for y in range(height):
        for x in range(width):
            for c in range(n):
                mean[c] += inner[y, x, c]
    mean /= height * width
    for y in range(height):
        for x in range(width):
            for c in range(n):
                square[c] += (inner[y, x, c] - mean[c]) ** 2
    scale = np.empty(n, np.float32)
    shift = np.empty(n, np.float32)
    for c in range(n):
        gain = weight[c] / np.sqrt(square[c] / (height * width) + eps)
        scale[c], shift[c] = gain, bias[c] - gain * mean[c]
    for y in range(height):
        for x in range(width):
            for c in range(n):
                inner[y, x, c] = inner[y, x, c] * scale[c] + shift[c]
