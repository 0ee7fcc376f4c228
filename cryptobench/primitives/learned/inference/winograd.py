"""3x3 convolutions by Winograd's F(4x4, 3x3): 36 multiplications for 16 outputs instead of 144.

Lavin & Gray, "Fast algorithms for convolutional neural networks", CVPR 2016 (arXiv:1509.09308), section 4.3.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.learned.inference.products import ROWS, ZERO, multiply_add
from cryptobench.primitives.simd.float32 import (
    SIMD_WIDTH,
    Floats,
    add,
    aligned,
    fma,
    load,
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
    nothing, scratch = np.zeros(outputs, np.float32), np.empty(_POINTS * SIMD_WIDTH, np.float32)
    tiles = rows * columns
    for start in range(0, tiles, _GROUP):
        count = min(_GROUP, tiles - start)
        for t in range(count):
            y, x = divmod(start + t, columns)
            _spread(source, y * TILE * width + x * TILE, width, channels, inputs, spread, t * inputs, scratch)
        padded = -(-count // ROWS) * ROWS
        for point in range(_POINTS):
            if start == 0:  # what lay in memory, denormal numbers too, would be multiplied slowly, and dropped
                first = point * (_GROUP * inputs + _GAP)
                spread[first + count * inputs : first + padded * inputs] = 0
            multiply_add(
                spread, point * (_GROUP * inputs + _GAP), inputs, padded, inputs,
                weights, point * inputs * outputs, outputs, nothing, ZERO, ZERO,
                sums, point * (_GROUP * outputs + _GAP), outputs,
            )  # fmt: skip
        for t in range(count):
            y, x = divmod(start + t, columns)
            corner = (y * TILE + 1) * width + x * TILE + 1
            _gather(sums, t * outputs, outputs, bias, slope, out, corner, width, out_channels, at, scratch)


@njit(inline="always")
def _spread_six(a, b, c, d, e, f):  # type: ignore[no-untyped-def]
    """B^T of (a, ..., f)."""
    even, odd = fma(-4.0, c, e), fma(-4.0, b, d)
    far_even, far_odd = subtract(e, c), subtract(d, b)
    return (
        fma(4.0, a, fma(-5.0, c, e)), add(even, odd), subtract(even, odd), fma(2.0, far_odd, far_even),
        fma(-2.0, far_odd, far_even), fma(4.0, b, fma(-5.0, d, f)),
    )  # fmt: skip


@njit(inline="always")
def _gather_six(a, b, c, d, e, f):  # type: ignore[no-untyped-def]
    """A^T of (a, ..., f)."""
    near, near_odd, far, far_odd = add(b, c), subtract(b, c), add(d, e), subtract(d, e)
    return (
        add(add(a, near), far), fma(2.0, far_odd, near_odd), fma(4.0, far, near), add(fma(8.0, far_odd, near_odd), f),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _spread(
    source: Floats, corner: int, width: int, channels: int, inputs: int, spread: Floats, row: int, scratch: Floats
) -> None:
    """B^T d B of a tile's 6x6 inputs d, for each channel: one row of each point's matrix."""
    line, step = width * channels, _GROUP * inputs + _GAP
    for c in range(0, inputs, SIMD_WIDTH):
        s = corner * channels + c
        for i in range(_SIDE):
            d = s + i * channels
            values = _spread_six(
                load(source, d), load(source, d + line), load(source, d + 2 * line), load(source, d + 3 * line),
                load(source, d + 4 * line), load(source, d + 5 * line),
            )  # fmt: skip
            _store_six(scratch, i * SIMD_WIDTH, _SIDE * SIMD_WIDTH, values)
        for i in range(_SIDE):
            d = i * _SIDE * SIMD_WIDTH
            values = _spread_six(
                load(scratch, d), load(scratch, d + 8), load(scratch, d + 16), load(scratch, d + 24),
                load(scratch, d + 32), load(scratch, d + 40),
            )  # fmt: skip
            _store_six(spread, row + c + i * _SIDE * step, step, values)


@njit(inline="always")
def _store_six(target, at, step, values):  # type: ignore[no-untyped-def]
    a, b, c, d, e, f = values
    store(target, at, a), store(target, at + step, b), store(target, at + 2 * step, c)
    store(target, at + 3 * step, d), store(target, at + 4 * step, e), store(target, at + 5 * step, f)


@njit(cache=True, nogil=True)
def _gather(
    sums: Floats, row: int, outputs: int, bias: Floats, slope: float, out: Floats, corner: int, width: int,
    channels: int, at: int, scratch: Floats,
) -> None:  # fmt: skip
    """A^T m A of a tile's 6x6 sums m, bias and activation: 4x4 outputs of each channel."""
    step = _GROUP * outputs + _GAP
    for c in range(0, outputs, SIMD_WIDTH):
        offset = load(bias, c)
        for i in range(_SIDE):
            m = row + c + i * step
            line = _SIDE * step
            p, q, r, s = _gather_six(
                load(sums, m), load(sums, m + line), load(sums, m + 2 * line), load(sums, m + 3 * line),
                load(sums, m + 4 * line), load(sums, m + 5 * line),
            )  # fmt: skip
            n = i * SIMD_WIDTH
            store(scratch, n, p), store(scratch, n + 48, q), store(scratch, n + 96, r), store(scratch, n + 144, s)
        for i in range(TILE):
            m = i * _SIDE * SIMD_WIDTH
            p, q, r, s = _gather_six(
                load(scratch, m), load(scratch, m + 8), load(scratch, m + 16), load(scratch, m + 24),
                load(scratch, m + 32), load(scratch, m + 40),
            )  # fmt: skip
            n = (corner + i * width) * channels + at + c
            store(out, n, _leaky(add(p, offset), slope)), store(out, n + channels, _leaky(add(q, offset), slope))
            store(out, n + 2 * channels, _leaky(add(r, offset), slope))
            store(out, n + 3 * channels, _leaky(add(s, offset), slope))


@njit(inline="always")
def _leaky(x, slope):  # type: ignore[no-untyped-def]
    return maximum(x, multiply(slope, x))
