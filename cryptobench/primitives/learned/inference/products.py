"""Products of a matrix of pixels by channels with a matrix of weights: where a network spends its time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from cryptobench.primitives.simd.float32 import Floats, fma, load, splat, store

__all__ = ["ROWS", "ZERO", "multiply_add"]

ZERO: Any = np.int64(0)  # for `multiply_add`, which numba would compile once more for each written number
ROWS: Any = np.int64(6)  # pixels at a time: 6 x 16 sums, two vectors of weights and a factor in 15 of AVX2's registers


@njit(cache=True, nogil=True)
def multiply_add(
    a: Floats, at: int, step: int, count: int, depth: int,
    weights: Floats, w: int, n: int, first: Floats, f: int, first_step: int, out: Floats, o: int, out_step: int,
) -> None:  # fmt: skip
    """out[p, :n] = first[p, :n] + a[p, :depth] @ weights[:depth, :n] for ``count`` rows p, a multiple of 6; n of 8.

    All arrays are flat. ``at``, ``w``, ``f`` and ``o`` say where each matrix starts, the steps how far its rows are
    apart; weights have their rows side by side. ``first`` is a bias with step 0, or what is already in ``out``.
    """
    for p in range(0, count, ROWS):
        a0 = at + p * step
        f0, o0 = f + p * first_step, o + p * out_step
        for j in range(0, n - 8, 16):
            g = f0 + j
            s0, t0 = load(first, g), load(first, g + 8)
            s1, t1 = load(first, g + first_step), load(first, g + first_step + 8)
            s2, t2 = load(first, g + 2 * first_step), load(first, g + 2 * first_step + 8)
            s3, t3 = load(first, g + 3 * first_step), load(first, g + 3 * first_step + 8)
            s4, t4 = load(first, g + 4 * first_step), load(first, g + 4 * first_step + 8)
            s5, t5 = load(first, g + 5 * first_step), load(first, g + 5 * first_step + 8)
            for k in range(depth):
                u, v = load(weights, w + k * n + j), load(weights, w + k * n + j + 8)
                x = splat(a, a0 + k)
                s0, t0 = fma(x, u, s0), fma(x, v, t0)
                x = splat(a, a0 + k + step)
                s1, t1 = fma(x, u, s1), fma(x, v, t1)
                x = splat(a, a0 + k + 2 * step)
                s2, t2 = fma(x, u, s2), fma(x, v, t2)
                x = splat(a, a0 + k + 3 * step)
                s3, t3 = fma(x, u, s3), fma(x, v, t3)
                x = splat(a, a0 + k + 4 * step)
                s4, t4 = fma(x, u, s4), fma(x, v, t4)
                x = splat(a, a0 + k + 5 * step)
                s5, t5 = fma(x, u, s5), fma(x, v, t5)
            g = o0 + j
            store(out, g, s0), store(out, g + 8, t0)
            store(out, g + out_step, s1), store(out, g + out_step + 8, t1)
            store(out, g + 2 * out_step, s2), store(out, g + 2 * out_step + 8, t2)
            store(out, g + 3 * out_step, s3), store(out, g + 3 * out_step + 8, t3)
            store(out, g + 4 * out_step, s4), store(out, g + 4 * out_step + 8, t4)
            store(out, g + 5 * out_step, s5), store(out, g + 5 * out_step + 8, t5)
        if n % 16:
            g = f0 + n - 8
            s0, s1, s2 = load(first, g), load(first, g + first_step), load(first, g + 2 * first_step)
            s3, s4 = load(first, g + 3 * first_step), load(first, g + 4 * first_step)
            s5 = load(first, g + 5 * first_step)
            for k in range(depth):
                u = load(weights, w + k * n + n - 8)
                s0, s1 = fma(splat(a, a0 + k), u, s0), fma(splat(a, a0 + k + step), u, s1)
                s2, s3 = fma(splat(a, a0 + k + 2 * step), u, s2), fma(splat(a, a0 + k + 3 * step), u, s3)
                s4, s5 = fma(splat(a, a0 + k + 4 * step), u, s4), fma(splat(a, a0 + k + 5 * step), u, s5)
            g = o0 + n - 8
            store(out, g, s0), store(out, g + out_step, s1), store(out, g + 2 * out_step, s2)
            store(out, g + 3 * out_step, s3), store(out, g + 4 * out_step, s4), store(out, g + 5 * out_step, s5)
