"""`CycleGanSize` for inference, on the same products, tiles and bytes as `FastDenseResNet`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numba import njit

from cryptobench.cipher import Image
from cryptobench.primitives.learned.inference.direct import convolve_narrow, convolve_rows, kernel_rows
from cryptobench.primitives.learned.inference.packing import Arrays, Layer, layer_of, padded_bias, three_by_three
from cryptobench.primitives.learned.inference.planes import Plane, image_of, plane_of, whole
from cryptobench.primitives.learned.sizes import CycleGanSize
from cryptobench.primitives.simd.float32 import Floats

__all__ = ["FastCycleGan", "leak", "plain"]

_Step = Callable[[Plane], Plane]
_KERNEL = 7  # side of the first and the last convolution's kernel
_EPSILON = 1e-5  # added to variances, as in torch's InstanceNorm2d


class FastCycleGan:
    """A generator's weights in the form that `__call__` needs."""

    def __init__(self, size: CycleGanSize, arrays: Arrays) -> None:
        self.slope = size.slope
        self.steps = list(self._steps(size, arrays))

    def __call__(self, image: Image) -> Image:
        """(H, W, 3) uint8, sides multiples of 4, through the network, rounded to uint8."""
        plane = plane_of(image, 1, 3, _KERNEL // 2)
        for step in self.steps:
            plane = step(plane)
        return image_of(plane, 1)

    def _steps(self, size: CycleGanSize, arrays: Arrays) -> Iterator[_Step]:
        """Names of layers are their places in the network: a convolution, its norm if it has one, its activation."""
        everywhere = size.norm == "everywhere"
        place = 0
        for stride in (1, 2, 2):
            yield plain(layer_of(arrays, str(place)), stride)
            yield from self._after(arrays, place, everywhere)
            place += 2 + everywhere
        for _ in range(size.blocks):
            yield self._residual(arrays, f"{place}.branch", size.norm != "none")
            place += 1
        for border in (1, _KERNEL // 2):  # the second is read by the last convolution
            yield _doubling(layer_of(arrays, str(place)), border)
            yield from self._after(arrays, place, everywhere)
            place += 2 + everywhere
        yield _last(layer_of(arrays, str(place)))

    def _after(self, arrays: Arrays, place: int, norm: bool) -> Iterator[_Step]:
        if norm:
            yield _normalise(layer_of(arrays, str(place + 1)))
        yield self._activate

    def _activate(self, plane: Plane) -> Plane:
        leak(plane.values, np.float32(self.slope))
        return plane

    def _residual(self, arrays: Arrays, name: str, normed: bool) -> _Step:
        first, second = (three_by_three(layer_of(arrays, f"{name}.{place}")) for place in (0, 3 if normed else 2))
        norms = [_normalise(layer_of(arrays, f"{name}.{place}")) for place in (1, 4) if normed]
        slope = 1.0 if normed else self.slope

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


def plain(layer: Layer, stride: int) -> _Step:
    """A convolution with a stride of one or two, and a border of half the kernel, into a plane with a border of one."""
    n, inputs, size, _ = layer.weight.shape
    outputs = whole(n)
    weights = kernel_rows(layer.weight, inputs if inputs in (1, 3) else whole(inputs), outputs)
    bias = padded_bias(layer.bias, outputs)

    def run(x: Plane) -> Plane:
        out = Plane.empty(x.height // stride, x.width // stride, outputs)
        convolve_rows(x, weights, bias, out, before=size // 2, stride=stride)
        out.clear(0, outputs)
        return out

    return run


def _doubling(layer: Layer, border: int) -> _Step:
    """Kernel 3, stride 2: even outputs come from the kernel's middle, odd ones from its ends on two neighbours."""
    inputs, n = layer.weight.shape[:2]
    outputs = whole(n)
    kernel, bias = layer.weight.transpose(1, 0, 2, 3), padded_bias(layer.bias, outputs)
    taps = ([1], [2, 0])  # by the output's parity: what meets the input at its half, and the next
    phases = [
        ((i, j), kernel_rows(kernel[:, :, taps[i]][..., taps[j]], whole(inputs), outputs))
        for i in (0, 1) for j in (0, 1)
    ]  # fmt: skip

    def run(x: Plane) -> Plane:
        out = Plane.empty(2 * x.height, 2 * x.width, outputs, border)
        for phase, weights in phases:
            convolve_rows(x, weights, bias, out, before=0, phase=phase, spacing=2)
        out.clear(0, outputs)
        return out

    return run


def _last(layer: Layer) -> _Step:
    """To three channels: the products of each kernel column side by side, so that vectors are full, then their sums."""
    n, inputs, _, columns = layer.weight.shape
    outputs = whole(columns * n)
    stacked = layer.weight.transpose(3, 0, 1, 2).reshape(columns * n, inputs, -1, 1)
    rows, bias = kernel_rows(stacked, whole(inputs), outputs), padded_bias(layer.bias, n)

    def run(x: Plane) -> Plane:
        out = Plane.empty(x.height, x.width, n)
        convolve_narrow(x, rows, columns, bias, out)
        return out

    return run


def _normalise(norm: Layer) -> _Step:
    weight, bias = (np.ascontiguousarray(value, np.float32) for value in norm)

    def run(x: Plane) -> Plane:
        if x.height * x.width == 1:
            raise ValueError("instance norm needs more than one spatial element; the image is too small")
        _normalise_channels(x.inner, weight, bias, _EPSILON)
        return x

    return run


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
