"""Networks as graphs of OpenVINO, by their sizes: the layers are those of the classes that are trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13 as op

from cryptobench.primitives.learned.inference.block_sensing import resized
from cryptobench.primitives.learned.inference.coupling import inverted
from cryptobench.primitives.learned.inference.packing import Arrays
from cryptobench.primitives.learned.sizes import (
    BLOCK_SIDE,
    GAIN,
    SLOPE,
    ByteResNetSize,
    CouplingSize,
    CycleGanSize,
    DecoderSize,
    DenseResNetSize,
    EncoderSize,
    Size,
)

__all__ = ["graph_of"]

_Node = Any
_HALF = 127.5
_FACTOR = 2  # by which `ByteResNetSize` unshuffles


def graph_of(size: Size, arrays: Arrays, shape: tuple[int, ...]) -> openvino.Model:
    """The network on (H, W, C) uint8 of that ``shape``, to uint8, with the conversions that `Network` makes."""
    given = op.parameter(list(shape), np.uint8)
    numbers = op.add(op.multiply(op.convert(given, "f32"), _constant(1 / _HALF)), _constant(-1))
    if isinstance(size, EncoderSize | DecoderSize):
        y = _of_blocks(size, arrays, shape, numbers)
    else:
        y = _of_planes(size, arrays, numbers)
    levels = op.round(op.add(op.multiply(y, _constant(_HALF)), _constant(_HALF)), "half_to_even")
    return openvino.Model([op.convert(op.clamp(levels, 0.0, 255.0), "u8")], [given], type(size).__name__)


def _of_planes(size: Size, arrays: Arrays, x: _Node) -> _Node:
    x = op.unsqueeze(op.transpose(x, _integers(2, 0, 1)), _integers(0))
    match size:
        case CouplingSize():
            y = _coupling(size, arrays, x)
        case DenseResNetSize():
            y = _dense(size, arrays, x)
        case CycleGanSize():
            y = _cyclegan(size, arrays, x)
        case _:
            assert isinstance(size, ByteResNetSize)
            y = _bytes(size, arrays, x)
    return op.transpose(op.squeeze(y, _integers(0)), _integers(1, 2, 0))


def _constant(values: NDArray[np.floating] | float) -> _Node:
    return op.constant(np.ascontiguousarray(values, np.float32))


def _integers(*values: int) -> _Node:
    return op.constant(np.array(values, np.int64))


def _convolution(arrays: Arrays, name: str, x: _Node, stride: int = 1) -> _Node:
    weight = arrays[f"{name}.weight"]
    ends = [weight.shape[2] // 2] * 2
    y = op.convolution(x, _constant(weight), [stride, stride], ends, ends, [1, 1])
    return _by_channel(op.add, y, arrays[f"{name}.bias"]) if f"{name}.bias" in arrays else y


def _by_channel(operation: Callable[[_Node, _Node], _Node], x: _Node, values: NDArray[np.floating]) -> _Node:
    return operation(x, _constant(values.reshape(1, -1, 1, 1)))


def _leaky(x: _Node, slope: float) -> _Node:
    return op.prelu(x, _constant(np.array([slope]))) if slope else op.relu(x)


def _joined(parts: list[_Node]) -> _Node:
    return op.concat(parts, 1) if len(parts) > 1 else parts[0]


def _coupling(size: CouplingSize, arrays: Arrays, x: _Node) -> _Node:
    x = op.space_to_depth(x, "depth_first", size.factor)
    pairs, sign = size.couplings // 2, op.subtract if size.backwards else op.add

    def block(i: int, z: _Node) -> _Node:
        parts = [z]
        for layer in range(size.layers):
            parts.append(_leaky(_convolution(arrays, f"blocks.{i}.layers.{layer}", _joined(parts)), SLOPE))
        return _convolution(arrays, f"blocks.{i}.merge", _joined(parts))

    def halves(z: _Node) -> list[_Node]:
        return list(op.split(z, op.constant(np.int64(1)), 2).outputs())

    def unmixed(i: int, z: _Node) -> _Node:
        weight, bias = (arrays[f"mixes.{i}.{what}"].astype(np.float64) for what in ("weight", "bias"))
        undone = inverted(weight[:, :, 0, 0].T)
        return _convolution({"u.weight": undone.T[:, :, None, None], "u.bias": -bias @ undone}, "u", z)

    if size.backwards:
        x = unmixed(pairs, x)
    for i in reversed(range(pairs)) if size.backwards else range(pairs):
        first, second = halves(x if size.backwards else _convolution(arrays, f"mixes.{i}", x))
        if size.backwards:
            second = sign(second, block(2 * i + 1, first))
        first = sign(first, block(2 * i, second))
        if not size.backwards:
            second = sign(second, block(2 * i + 1, first))
        x = op.concat([first, second], 1)
        if size.backwards:
            x = unmixed(i, x)
    x = x if size.backwards else _convolution(arrays, f"mixes.{pairs}", x)
    return op.depth_to_space(x, "depth_first", size.factor)


def _dense(size: DenseResNetSize, arrays: Arrays, x: _Node) -> _Node:
    x = op.space_to_depth(x, "depth_first", size.factor)
    trunk = [_leaky(_convolution(arrays, "head", x), SLOPE)]
    for b in range(size.blocks):
        parts = trunk[-1:]
        for layer in range(size.layers):
            parts.append(_leaky(_convolution(arrays, f"blocks.{b}.layers.{layer}.0", _joined(parts)), SLOPE))
        trunk.append(op.add(trunk[-1], _convolution(arrays, f"blocks.{b}.merge", _joined(parts))))
    x = _convolution(arrays, "tail", _convolution(arrays, "fuse", _joined(trunk)))
    return op.tanh(op.depth_to_space(x, "depth_first", size.factor))


def _cyclegan(size: CycleGanSize, arrays: Arrays, x: _Node) -> _Node:
    """Names of layers are their places in the network: a convolution, its norm if it has one, its activation."""
    place, everywhere, normed = 0, size.norm == "everywhere", size.norm != "none"

    def after(y: _Node) -> _Node:
        nonlocal place
        y = _normalised(arrays, str(place + 1), y) if everywhere else y
        place += 2 + everywhere
        return _leaky(y, size.slope)

    for stride in (1, 2, 2):
        x = after(_convolution(arrays, str(place), x, stride))
    for _ in range(size.blocks):
        y = _convolution(arrays, f"{place}.branch.0", x)
        y = _leaky(_normalised(arrays, f"{place}.branch.1", y) if normed else y, size.slope)
        y = _convolution(arrays, f"{place}.branch.{2 + normed}", y)
        x = op.add(x, _normalised(arrays, f"{place}.branch.4", y) if normed else y)
        place += 1
    for _ in range(2):
        y = op.convolution_backprop_data(
            x, _constant(arrays[f"{place}.weight"]), [2, 2],
            pads_begin=[1, 1], pads_end=[1, 1], dilations=[1, 1], output_padding=[1, 1],
        )  # fmt: skip
        x = after(_by_channel(op.add, y, arrays[f"{place}.bias"]))
    return op.tanh(_convolution(arrays, str(place), x))


def _normalised(arrays: Arrays, name: str, x: _Node) -> _Node:
    x = op.mvn(x, _integers(2, 3), True, 1e-5, "inside_sqrt")
    return _by_channel(op.add, _by_channel(op.multiply, x, arrays[f"{name}.weight"]), arrays[f"{name}.bias"])


def _bytes(size: ByteResNetSize, arrays: Arrays, x: _Node) -> _Node:
    x = op.space_to_depth(x, "depth_first", _FACTOR)
    for i in range(size.blocks):
        y = _leaky(_convolution(arrays, f"branches.{i}.0", x), SLOPE)
        y = _leaky(_convolution(arrays, f"branches.{i}.2", y), SLOPE)
        x = op.add(x, _convolution(arrays, f"branches.{i}.4", y))
    return op.depth_to_space(x, "depth_first", _FACTOR)


def _of_blocks(size: EncoderSize | DecoderSize, arrays: Arrays, shape: tuple[int, ...], x: _Node) -> _Node:
    """Blocks of a side of `BLOCK_SIDE` to codes beside one another, or such codes to blocks."""
    code, block = (size.rows, size.columns), (BLOCK_SIDE, BLOCK_SIDE)
    before, after = (block, code) if isinstance(size, EncoderSize) else (code, block)
    down, right, channels = shape[0] // before[0], shape[1] // before[1], shape[2]
    x = op.reshape(x, _integers(down, before[0], right, before[1], channels), False)
    x = op.reshape(op.transpose(x, _integers(0, 2, 4, 1, 3)), _integers(down * right, channels, *before), False)
    if isinstance(size, EncoderSize):
        x = op.tanh(op.multiply(_chain(arrays, "merge", _interpolated(x, before, after)), _constant(0.5)))
    else:
        flat = op.reshape(x, _integers(down * right, -1), False)
        colours = op.matmul(flat, _constant(GAIN * arrays["colours.weight"]), False, True)
        contours = _chain(arrays, "contours", _interpolated(x, before, after))
        x = op.add(contours, op.reshape(colours, _integers(down * right, 3, *block), False))
    n = 1 if isinstance(size, EncoderSize) else 3
    x = op.transpose(op.reshape(x, _integers(down, right, n, *after), False), _integers(0, 3, 1, 4, 2))
    return op.reshape(x, _integers(down * after[0], right * after[1], n), False)


def _chain(arrays: Arrays, name: str, x: _Node) -> _Node:
    for place in (0, 2, 4):
        x = op.relu(_convolution(arrays, f"{name}.{place}", x))
    return _convolution(arrays, f"{name}.6", x)


def _interpolated(x: _Node, before: tuple[int, int], after: tuple[int, int]) -> _Node:
    down, right = (_resizing(given, wanted) for given, wanted in zip(before, after, strict=True))
    return op.matmul(op.matmul(_constant(down), x, False, False), _constant(right), False, True)


def _resizing(given: int, wanted: int) -> NDArray[np.float32]:
    """The matrix (wanted, given) of the interpolation of `block_sensing` along one axis."""
    return resized(np.eye(given, dtype=np.float32)[None, :, None, :], wanted, 1)[0, :, 0]
