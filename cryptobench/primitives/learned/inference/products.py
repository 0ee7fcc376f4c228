"""Products of a matrix of pixels by channels with a matrix of weights: where a network spends its time."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import codegen, config
from numba.extending import intrinsic

from cryptobench.primitives.simd import vectors
from cryptobench.primitives.simd.float32 import Floats

__all__ = ["LONG", "ROWS", "ZERO", "multiply_add", "tile"]

ZERO: Any = np.int64(0)  # for `multiply_add`, which numba would compile once more for each written number
ROWS: Any = np.int64(6)  # pixels at a time
_TWICE: Any = np.int64(12)
_CODE: Any = codegen
_FEATURES = getattr(config, "CPU_FEATURES", None)  # what NUMBA_CPU_FEATURES says, if anything
_FEATURES = _CODE.get_host_cpu_features() if _FEATURES is None else _FEATURES
LONG = "+avx512f" in _FEATURES.split(",")  # whether what numba compiles for has registers of 16 numbers, and 32 of them


def tile(rows: int, columns: int, lanes: int, apart: int = 0) -> Any:
    """A kernel's function for ``rows`` pixels and ``columns`` vectors of outputs, whose sums stay in registers.

    A vector has ``lanes`` outputs, and begins so many behind the one before it, or ``apart``. Each output is its own
    sum in the order of inputs, with one rounding a product (fma), however they are grouped.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kinds, size = signature.args, ir.IntType(64)
        a, a0, step, depth, weights, w, n, first, f, f_step, out, o, o_step = values
        vector = ir.VectorType(ir.FloatType(), lanes)
        kind_of_fma = ir.FunctionType(vector, [vector] * 3)
        fma = builder.module.declare_intrinsic(f"llvm.fma.v{lanes}f32", fnty=kind_of_fma)

        def place(kind: int, array: Any, at: Any, row: int, row_step: Any, column: int) -> Any:
            at = builder.add(at, builder.mul(row_step, ir.Constant(size, row)))
            at = builder.add(at, ir.Constant(size, column * (apart or lanes)))
            return builder.bitcast(vectors.address(context, builder, kinds[kind], array, at), vector.as_pointer())

        pairs = [(row, column) for row in range(rows) for column in range(columns)]
        starts = [builder.load(place(7, first, f, r, f_step, c), align=4) for r, c in pairs]
        before, loop = builder.block, builder.append_basic_block("inputs")
        after = builder.append_basic_block("sums")
        builder.branch(loop)
        builder.position_at_end(loop)
        k, sums = builder.phi(size), [builder.phi(vector) for _ in pairs]
        line = builder.add(w, builder.mul(k, n))
        factors = [builder.load(place(4, weights, line, 0, n, c), align=4) for c in range(columns)]
        totals = []
        for row in range(rows):
            at = builder.add(builder.add(a0, k), builder.mul(step, ir.Constant(size, row)))
            number = builder.load(vectors.address(context, builder, kinds[0], a, at), align=4)
            x = vectors.spread(builder, vector, number)
            totals += [builder.call(fma, (x, factors[c], sums[row * columns + c])) for c in range(columns)]
        following = builder.add(k, ir.Constant(size, 1))
        k.add_incoming(ir.Constant(size, 0), before)
        k.add_incoming(following, loop)
        for found, start, total in zip(sums, starts, totals, strict=True):
            found.add_incoming(start, before)
            found.add_incoming(total, loop)
        builder.cbranch(builder.icmp_signed("<", following, depth), loop, after)
        builder.position_at_end(after)
        for (row, column), total in zip(pairs, totals, strict=True):
            builder.store(total, place(10, out, o, row, o_step, column), align=4)
        return context.get_dummy_value()

    def typed(
        typing: Any, a: Any, a0: Any, step: Any, depth: Any, weights: Any, w: Any, n: Any,
        first: Any, f: Any, f_step: Any, out: Any, o: Any, o_step: Any,
    ) -> Any:  # fmt: skip
        i = types.int64
        return types.void(a, i, i, i, weights, i, i, first, i, i, out, i, i), generate

    return intrinsic(typed)


# Of AVX2's 16 registers: 12 sums, two vectors of weights and a factor. Of AVX-512's 32, each twice as long: 24 sums.
_six_wide, _six = tile(6, 2, 8), tile(6, 1, 8)
_twelve_pair, _twelve_near, _twelve_wide = tile(12, 2, 16), tile(12, 2, 16, apart=8), tile(12, 1, 16)
_twelve = tile(12, 1, 8)


@njit(cache=True, nogil=True)
def multiply_add(
    a: Floats, at: int, step: int, count: int, depth: int,
    weights: Floats, w: int, n: int, first: Floats, f: int, first_step: int, out: Floats, o: int, out_step: int,
) -> None:  # fmt: skip
    """out[p, :n] = first[p, :n] + a[p, :depth] @ weights[:depth, :n] for ``count`` rows p, a multiple of 6; n of 8.

    All arrays are flat. ``at``, ``w``, ``f`` and ``o`` say where each matrix starts, the steps how far its rows are
    apart; weights have their rows side by side. ``first`` is a bias with step 0, or what is already in ``out``.
    """
    p = ZERO
    while LONG and count - p >= _TWICE:
        a0, f0, o0 = at + p * step, f + p * first_step, o + p * out_step
        j = ZERO
        while j < n:
            if n - j >= 32:
                _twelve_pair(a, a0, step, depth, weights, w + j, n, first, f0 + j, first_step, out, o0 + j, out_step)
                j += 32
            elif n - j == 24:  # two vectors that share eight outputs, which are found twice and are the same
                _twelve_near(a, a0, step, depth, weights, w + j, n, first, f0 + j, first_step, out, o0 + j, out_step)
                j += 24
            elif n - j == 16:
                _twelve_wide(a, a0, step, depth, weights, w + j, n, first, f0 + j, first_step, out, o0 + j, out_step)
                j += 16
            else:
                _twelve(a, a0, step, depth, weights, w + j, n, first, f0 + j, first_step, out, o0 + j, out_step)
                j += 8
        p += _TWICE
    while p < count:
        a0, f0, o0 = at + p * step, f + p * first_step, o + p * out_step
        for j in range(0, n - 8, 16):
            _six_wide(a, a0, step, depth, weights, w + j, n, first, f0 + j, first_step, out, o0 + j, out_step)
        if n % 16:
            j = n - 8
            _six(a, a0, step, depth, weights, w + j, n, first, f0 + j, first_step, out, o0 + j, out_step)
        p += ROWS
