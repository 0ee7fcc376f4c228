"""3x3 convolutions by Winograd's F(4x4, 3x3): 36 multiplications for 16 outputs instead of 144.

Lavin & Gray, "Fast algorithms for convolutional neural networks", CVPR 2016 (arXiv:1509.09308), section 4.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.learned.inference.products import LONG, ROWS, ZERO, multiply_add
from cryptobench.primitives.simd.float32 import (
    SIMD_WIDTH,
    WIDE,
    Floats,
    add,
    aligned,
    count,
    fma,
    load,
    load_like,
    load_wide,
    maximum,
    multiply,
    store,
    subtract,
)

__all__ = ["TILE", "convolve", "transform_weights"]

TILE = 4  # outputs on a side of a tile
_SIDE = TILE + 2  # inputs on a side
_POINTS = _SIDE * _SIDE
_GROUP = 24
_GAP = 16  # a cache line between matrices of different points, which would else compete for the same places
# 24 G of the paper's equation for F(4x4, 3x3), by rows. Whole numbers: products with float32 are exact in float64.
_SCALE = 24
_G = np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]], np.float64)


def transform_weights(weights: NDArray[np.floating]) -> Floats:
    """(outputs, inputs, 3, 3) to G w G^T, flat, in the order point, input, output."""
    points = np.einsum("ia,ncab,jb->ijcn", _G, weights.astype(np.float64), _G) / _SCALE**2
    flat = aligned(points.size)
    flat[:] = points.ravel()
    return flat


def convolve(source: Floats, inputs: int, weights: Floats, bias: Floats, slope: float, out: Floats, at: int) -> None:
    """out[1:-1, 1:-1, at : at + outputs] = leaky ReLU of (bias + 3x3 convolution of source[..., :inputs]).

    ``source`` and ``out`` are (H + 2, W + 2, channels), H and W multiples of TILE, and may be one array; the border is
    read and not written. ``weights`` are from `transform_weights`; slope 1 leaves the activation out. Numbers of
    inputs and outputs (the length of ``bias``) are multiples of SIMD_WIDTH.
    """
    outputs = len(bias)
    if inputs % SIMD_WIDTH or outputs % SIMD_WIDTH or len(weights) != _POINTS * inputs * outputs:
        raise ValueError(
            f"{len(weights)} weights do not fit {inputs} inputs and {outputs} outputs, multiples of {SIMD_WIDTH}"
        )
    spread, sums = (aligned(_POINTS * (_GROUP * n + _GAP)) for n in (inputs, outputs))
    rows, columns = (source.shape[0] - 2) // TILE, (source.shape[1] - 2) // TILE
    _convolve(
        source.reshape(-1), source.shape[1], source.shape[2], rows, columns, inputs, weights, bias, slope,
        spread, sums, out.reshape(-1), out.shape[2], at,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _convolve(
    source: Floats, width: int, channels: int, rows: int, columns: int, inputs: int, weights: Floats, bias: Floats,
    slope: float, spread: Floats, sums: Floats, out: Floats, out_channels: int, at: int,
) -> None:  # fmt: skip
    outputs = len(bias)
    nothing, scratch = np.zeros(outputs, np.float32), np.empty(_POINTS * WIDE, np.float32)
    tiles = rows * columns
    # As many channels at a time as registers hold; what is left is half as many.
    wide_inputs, wide_outputs = (inputs - inputs % WIDE, outputs - outputs % WIDE) if LONG else (0, 0)
    one, many = load(scratch, 0), load_wide(scratch, 0)
    for start in range(0, tiles, _GROUP):
        group = min(_GROUP, tiles - start)
        for t in range(group):
            y, x = divmod(start + t, columns)
            corner = y * TILE * width + x * TILE
            _spread(source, corner, width, channels, 0, wide_inputs, inputs, spread, t * inputs, scratch, many)
            _spread(source, corner, width, channels, wide_inputs, inputs, inputs, spread, t * inputs, scratch, one)
        padded = -(-group // ROWS) * ROWS
        for point in range(_POINTS):
            multiply_add(
                spread, point * (_GROUP * inputs + _GAP), inputs, padded, inputs,
                weights, point * inputs * outputs, outputs, nothing, ZERO, ZERO,
                sums, point * (_GROUP * outputs + _GAP), outputs,
            )  # fmt: skip
        for t in range(group):
            y, x = divmod(start + t, columns)
            corner = (y * TILE + 1) * width + x * TILE + 1
            place = out, corner, width, out_channels, at
            _gather(sums, t * outputs, 0, wide_outputs, outputs, bias, slope, *place, scratch, many)
            _gather(sums, t * outputs, wide_outputs, outputs, outputs, bias, slope, *place, scratch, one)


@njit(inline="always")
def _spread_six(six):  # type: ignore[no-untyped-def]
    """B^T of six vectors."""
    a, b, c, d, e, f = six
    even, odd = fma(-4.0, c, e), fma(-4.0, b, d)
    far_even, far_odd = subtract(e, c), subtract(d, b)
    return (
        fma(4.0, a, fma(-5.0, c, e)), add(even, odd), subtract(even, odd), fma(2.0, far_odd, far_even),
        fma(-2.0, far_odd, far_even), fma(4.0, b, fma(-5.0, d, f)),
    )  # fmt: skip


@njit(inline="always")
def _gather_six(six):  # type: ignore[no-untyped-def]
    """A^T of six vectors."""
    a, b, c, d, e, f = six
    near, near_odd, far, far_odd = add(b, c), subtract(b, c), add(d, e), subtract(d, e)
    return (
        add(add(a, near), far), fma(2.0, far_odd, near_odd), fma(4.0, far, near), add(fma(8.0, far_odd, near_odd), f),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _spread(
    source: Floats, corner: int, width: int, channels: int, first: int, last: int, inputs: int, spread: Floats,
    row: int, scratch: Floats, like: Any,
) -> None:  # fmt: skip
    """B^T d B of a tile's 6x6 inputs d, for channels first to last - 1: one row of each point's matrix.

    As many channels at a time as ``like``, a vector, has numbers.
    """
    line, step, lanes = width * channels, _GROUP * inputs + _GAP, count(like)
    for c in range(first, last, lanes):
        s = corner * channels + c
        for i in range(_SIDE):
            d = s + i * channels
            values = _spread_six(_load_six(like, source, d, line))
            _store_six(scratch, i * lanes, _SIDE * lanes, values)
        for i in range(_SIDE):
            d = i * _SIDE * lanes
            values = _spread_six(_load_six(like, scratch, d, lanes))
            _store_six(spread, row + c + i * _SIDE * step, step, values)


@njit(inline="always")
def _load_six(like, array, at, step):  # type: ignore[no-untyped-def]
    return (
        load_like(like, array, at), load_like(like, array, at + step), load_like(like, array, at + 2 * step),
        load_like(like, array, at + 3 * step), load_like(like, array, at + 4 * step),
        load_like(like, array, at + 5 * step),
    )  # fmt: skip


@njit(inline="always")
def _store_six(target, at, step, values):  # type: ignore[no-untyped-def]
    a, b, c, d, e, f = values
    store(target, at, a), store(target, at + step, b), store(target, at + 2 * step, c)
    store(target, at + 3 * step, d), store(target, at + 4 * step, e), store(target, at + 5 * step, f)


@njit(cache=True, nogil=True)
def _gather(
    sums: Floats, row: int, first: int, last: int, outputs: int, bias: Floats, slope: float, out: Floats, corner: int,
    width: int, channels: int, at: int, scratch: Floats, like: Any,
) -> None:  # fmt: skip
    """A^T m A of a tile's 6x6 sums m, bias and activation: 4x4 outputs of channels first to last - 1."""
    step, lanes = _GROUP * outputs + _GAP, count(like)
    for c in range(first, last, lanes):
        offset = load_like(like, bias, c)
        for i in range(_SIDE):
            m = row + c + i * step
            line = _SIDE * step
            p, q, r, s = _gather_six(_load_six(like, sums, m, line))
            n, down = i * lanes, _SIDE * lanes
            store(scratch, n, p), store(scratch, n + down, q)
            store(scratch, n + 2 * down, r), store(scratch, n + 3 * down, s)
        for i in range(TILE):
            m = i * _SIDE * lanes
            p, q, r, s = _gather_six(_load_six(like, scratch, m, lanes))
            n = (corner + i * width) * channels + at + c
            store(out, n, _leaky(add(p, offset), slope)), store(out, n + channels, _leaky(add(q, offset), slope))
            store(out, n + 2 * channels, _leaky(add(r, offset), slope))
            store(out, n + 3 * channels, _leaky(add(s, offset), slope))


@njit(inline="always")
def _leaky(x, slope):  # type: ignore[no-untyped-def]
    return maximum(x, multiply(slope, x))
