"""Several float64 as one value of a kernel, for orbits whose steps wait for one another.

A compiler vectorises a loop whose turns are independent. Where each turn waits for the last one, as along an orbit,
a few orbits or sites in one `Vector` move together and never leave the registers. + - *, ``min``, ``max``, ``abs``,
``np.rint`` and ``np.floor`` act on each element as on a float64 by itself, with the same rounding, so that one formula
serves both. The functions here work in compiled kernels only, and on flat C-contiguous arrays of float64; no index is
checked.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, types

from cryptobench.primitives.simd import vectors
from cryptobench.primitives.simd.vectors import INT32, Generator, Vector

__all__ = ["choose", "element", "gather", "is_float64s", "load", "slide", "store", "swap_pairs"]

_intrinsic: Any = extending.intrinsic


def is_float64s(kind: Any, count: int | None = None) -> bool:
    """Whether a numba type is a `Vector` of float64, of ``count`` elements if that is given."""
    return isinstance(kind, Vector) and kind.element == types.float64 and count in (None, kind.count)


def _is_flat(array: Any, dtype: Any = types.float64) -> bool:
    return isinstance(array, types.Array) and (array.dtype, array.ndim, array.layout) == (dtype, 1, "C")


@_intrinsic
def load(typing: Any, array: Any, first: Any, count: Any) -> Any:
    """array[first], ..., array[first + count - 1]; ``count`` is a constant."""
    if not (_is_flat(array) and isinstance(first, types.Integer) and isinstance(count, types.IntegerLiteral)):
        return None
    return Vector(types.float64, count.literal_value)(array, types.intp, count), vectors.load


@_intrinsic
def store(typing: Any, array: Any, first: Any, v: Any) -> Any:
    """Write the elements of ``v`` to array[first], array[first + 1], ..."""
    if not (_is_flat(array) and isinstance(first, types.Integer) and is_float64s(v)):
        return None
    return types.void(array, types.intp, v), vectors.store


@_intrinsic
def gather(typing: Any, array: Any, table: Any, first: Any, count: Any) -> Any:
    """array[table[first]], ..., array[table[first + count - 1]]; ``table`` is of uint64, ``count`` a constant."""
    if not (_is_flat(array) and _is_flat(table, types.uint64) and isinstance(count, types.IntegerLiteral)):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        v = ir.Constant(context.get_value_type(signature.return_type), ir.Undefined)
        for k in range(count.literal_value):
            place = builder.add(arguments[2], ir.Constant(arguments[2].type, k))
            index = builder.load(vectors.address(context, builder, table, arguments[1], place))
            value = builder.load(vectors.address(context, builder, array, arguments[0], index))
            v = builder.insert_element(v, value, ir.Constant(INT32, k))
        return v

    return Vector(types.float64, count.literal_value)(array, table, types.intp, count), generate


@_intrinsic
def element(typing: Any, v: Any, k: Any) -> Any:
    """Element ``k`` of ``v``, a constant, as a float64."""
    if not (is_float64s(v) and isinstance(k, types.IntegerLiteral)):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.extract_element(arguments[0], ir.Constant(INT32, k.literal_value))

    return types.float64(v, k), generate


@_intrinsic
def slide(typing: Any, a: Any, b: Any, first: Any) -> Any:
    """As many elements as ``a`` has, of a followed by b, from ``first`` on, a constant."""
    if not (is_float64s(a) and a == b and isinstance(first, types.IntegerLiteral)):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return vectors.shuffled(builder, arguments[0], arguments[1], [first.literal_value + k for k in range(a.count)])

    return a(a, b, first), generate


@_intrinsic
def swap_pairs(typing: Any, v: Any) -> Any:
    """Elements 1, 0, 3, 2, ... of an even number."""
    if not is_float64s(v):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return vectors.shuffled(builder, arguments[0], arguments[0], [k ^ 1 for k in range(v.count)])

    return v(v), generate


@_intrinsic
def choose(typing: Any, a: Any, b: Any, x: Any, y: Any) -> Any:
    """The elements of x where a < b, those of y elsewhere; each of the four is a vector or a number, one a vector."""
    kinds = [kind if is_float64s(kind) else types.float64 for kind in (a, b, x, y)]
    vector = next((kind for kind in kinds if is_float64s(kind)), None)
    if vector is None or any(kind not in (vector, types.float64) for kind in kinds):
        return None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = context.get_value_type(vector)
        a, b, x, y = (vectors.spread(builder, value, argument) for argument in arguments)
        return builder.select(builder.fcmp_ordered("<", a, b), x, y)

    return vector(*kinds), generate


def _of_two(function: Callable[..., Any], generate: Generator) -> None:
    """Let ``function`` act on two values of which one is a vector, the other of the same type or a number."""

    @_intrinsic
    def call(typing: Any, a: Any, b: Any) -> Any:
        vector = a if is_float64s(a) else b
        kinds = [kind if is_float64s(kind) else types.float64 for kind in (a, b)]
        return vector(*kinds), generate

    @extending.overload(function, strict=False)
    def either(a: Any, b: Any) -> Any:
        counts = {kind.count for kind in (a, b) if is_float64s(kind)}
        if len(counts) == 1 and all(is_float64s(kind) or isinstance(kind, types.Number) for kind in (a, b)):
            return lambda a, b: call(a, b)
        return None


def _of_one(function: Callable[..., Any], generate: Generator) -> None:
    """Let ``function`` act on a vector."""

    @_intrinsic
    def call(typing: Any, v: Any) -> Any:
        return v(v), generate

    @extending.overload(function, strict=False)
    def one(v: Any) -> Any:
        return (lambda v: call(v)) if is_float64s(v) else None


_of_two(operator.add, vectors.operation("fadd"))
_of_two(operator.sub, vectors.operation("fsub"))
_of_two(operator.mul, vectors.operation("fmul"))
_of_two(min, vectors.select("<"))
_of_two(max, vectors.select(">"))
_of_one(abs, vectors.call("llvm.fabs"))
_of_one(np.rint, vectors.call("llvm.rint"))
_of_one(np.floor, vectors.call("llvm.floor"))
