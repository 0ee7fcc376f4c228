"""Convolutions of any size by their definition, with a stride, or transposed: a matrix product for each kernel row."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.learned.inference.planes import Plane, whole
from cryptobench.primitives.learned.inference.products import ROWS, ZERO, multiply_add
from cryptobench.primitives.simd.float32 import SIMD_WIDTH, Floats, load, store

__all__ = ["convolve_narrow", "convolve_patches", "convolve_rows", "kernel_rows"]


def kernel_rows(weights: NDArray[np.floating], channels: int, outputs: int) -> Floats:
    """(outputs, inputs, h, w) as (h, w x channels, outputs), inputs and outputs padded with zeros to those numbers."""
    n, inputs, height, width = weights.shape
    rows = np.zeros((height, width, channels, outputs), np.float32)
    rows[:, :, :inputs, :n] = weights.transpose(2, 3, 1, 0)
    return rows.reshape(height, width * channels, outputs)


def convolve_rows(
    source: Plane, weights: Floats, bias: Floats, out: Plane, *, before: int = 1, stride: int = 1,
    phase: tuple[int, int] = (0, 0), spacing: int = 1,
) -> None:  # fmt: skip
    """The convolution of all channels of ``source`` into the first ones of ``out``; what is around them is left alone.

    ``weights`` are from `kernel_rows`; the kernel's first row and column are ``before`` pixels before the place
    that ``stride`` gives. Output pixel (y, x) is written to (y, x) ``spacing`` + ``phase``.
    """
    height, width = -(-(out.height - phase[0]) // spacing), -(-(out.width - phase[1]) // spacing)
    height_of_kernel, depth, n = weights.shape
    line, out_line = source.columns * source.channels, out.columns * out.channels
    at = (source.border - before) * (line + source.channels)
    to = (out.border + phase[0]) * out_line + (out.border + phase[1]) * out.channels
    _rows(
        source.values, at, stride * line, stride * source.channels, line, height_of_kernel, depth, weights.reshape(-1),
        bias, out.values, to, spacing * out_line, spacing * out.channels, height, width, np.empty(ROWS * n, np.float32),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _rows(
    source: Floats, at: int, down: int, step: int, line: int, kernel: int, depth: int, weights: Floats, bias: Floats,
    out: Floats, to: int, out_down: int, out_step: int, height: int, width: int, scratch: Floats,
) -> None:  # fmt: skip
    n = len(bias)
    even = width // ROWS * ROWS
    for y in range(height):
        o = to + y * out_down
        for k in range(kernel):
            a = at + y * down + k * line
            first, f, f_step = (bias, ZERO, ZERO) if k == 0 else (out, o, out_step)
            multiply_add(source, a, step, even, depth, weights, k * depth * n, n, first, f, f_step, out, o, out_step)
        if even == width:
            continue
        for k in range(kernel):
            a = at + y * down + k * line + even * step
            first, f_step = (bias, ZERO) if k == 0 else (scratch, n)
            multiply_add(source, a, step, ROWS, depth, weights, k * depth * n, n, first, ZERO, f_step, scratch, ZERO, n)
        for x in range(width - even):
            for c in range(n):
                out[o + (even + x) * out_step + c] = scratch[x * n + c]


def convolve_patches(source: Plane, weights: Floats, bias: Floats, out: Plane, height: int, pitch: int) -> None:
    """The convolution with a large kernel of few channels, then ReLU, of images one below the other.

    Each is ``height`` rows, and the next begins ``pitch`` rows further down; the rows between become zero. ``weights``
    are from `kernel_rows`, of an odd kernel. Where its rows are short, the numbers under it are laid side by side, so
    that sums stay in registers over all rows. Sums are those of `convolve_rows`, to the same bytes.
    """
    kernel, depth, n = weights.shape
    line, out_line = source.columns * source.channels, out.columns * out.channels
    pixels = whole(out.width, ROWS)
    _patched(
        source.values, (source.border - kernel // 2) * (line + source.channels), line, source.channels, kernel, depth,
        weights.reshape(-1), bias, out.values, out.border * (out_line + out.channels), out_line, out.width,
        source.height // pitch, height, pitch, np.zeros(pixels * kernel * depth + SIMD_WIDTH, np.float32),
        np.empty(pixels * n, np.float32),
    )  # fmt: skip
    out.clear(0, n)
    out.inner.reshape(-1, pitch, out.width, n)[:, height:] = 0


@njit(cache=True, nogil=True)
def _patched(
    source: Floats, at: int, line: int, step: int, kernel: int, depth: int, weights: Floats, bias: Floats,
    out: Floats, to: int, out_line: int, width: int, images: int, height: int, pitch: int, patches: Floats,
    sums: Floats,
) -> None:  # fmt: skip
    n, size = len(bias), kernel * depth
    count = len(sums) // n
    for image in range(images):
        for y in range(image * pitch, image * pitch + height):
            if depth > 2 * SIMD_WIDTH:
                for k in range(kernel):
                    a = at + (y + k) * line
                    first, f_step = (bias, ZERO) if k == 0 else (sums, n)
                    multiply_add(
                        source, a, step, count, depth, weights, k * depth * n, n, first, ZERO, f_step, sums, ZERO, n,
                    )  # fmt: skip
            else:
                for x in range(width):
                    for k in range(kernel):
                        a, p = at + (y + k) * line + x * step, x * size + k * depth
                        for d in range(0, depth, SIMD_WIDTH):  # the last vector's end is overwritten by the next
                            store(patches, p + d, load(source, a + d))
                multiply_add(
                    patches, ZERO, size, count, size, weights, ZERO, n, bias, ZERO, ZERO, sums, ZERO, n,
                )  # fmt: skip
            o = to + y * out_line
            for i in range(width * n):
                out[o + i] = max(sums[i], np.float32(0))


def convolve_narrow(source: Plane, weights: Floats, side: int, bias: Floats, out: Plane) -> None:
    """The convolution with a kernel of ``side`` rows and columns, odd, into few channels, those of ``bias``.

    ``weights`` are from `kernel_rows` of a kernel one column wide, whose outputs are those of all columns side by side:
    so vectors are full. What stands ``side`` pixels apart at most is then summed.
    """
    line, shift = source.columns * source.channels, source.border - side // 2
    width = whole(out.width + side - 1, ROWS)
    _narrow(
        source.values, shift * (line + source.channels), line, source.channels, weights.reshape(-1), weights.shape[2],
        side, bias, np.empty(width * weights.shape[2], np.float32), out.inner,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _narrow(
    source: Floats, at: int, line: int, channels: int, weights: Floats, n: int, side: int, bias: Floats, parts: Floats,
    out: Floats,
) -> None:  # fmt: skip
    nothing, count = np.zeros(n, np.float32), len(parts) // n
    few = len(bias)
    for y in range(out.shape[0]):
        for k in range(side):
            a = at + (y + k) * line
            first, step = (nothing, ZERO) if k == 0 else (parts, n)
            multiply_add(
                source, a, channels, count, channels, weights, k * channels * n, n, first, ZERO, step, parts, ZERO, n
            )
        for x in range(out.shape[1]):
            for c in range(few):
                total = bias[c]
                for k in range(side):
                    total += parts[(x + k) * n + k * few + c]
                out[y, x, c] = total
