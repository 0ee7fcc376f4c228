"""Several float64 as one value of a kernel, side by side in the processor's vector registers.

A compiler vectorises a loop whose turns are independent. Where each turn waits for the last one, as along an orbit,
a few orbits or sites in one `Lanes` value move together and never leave the registers. + - *, ``min``, ``max``,
``abs``, ``np.rint`` and ``np.floor`` act on each lane as on a float64 by itself, with the same rounding, so that one
formula serves both.
These functions work in compiled kernels only, and on flat C-contiguous arrays of float64; no index is checked.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, types

__all__ = ["Lanes", "choose", "lane", "load", "pick", "slide", "store", "swap_pairs"]

_INT32 = ir.IntType(32)
_intrinsic: Any = extending.intrinsic


class Lanes(types.Type):
    """The type of ``count`` float64 side by side."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(name=f"Lanes({count})")


@extending.register_model(Lanes)
class _LanesModel(extending.models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        super().__init__(manager, lanes, ir.VectorType(ir.DoubleType(), lanes.count))  # type: ignore[no-untyped-call]


def _is_flat(array: Any, dtype: Any = types.float64) -> bool:
    return isinstance(array, types.Array) and (array.dtype, array.ndim, array.layout) == (dtype, 1, "C")


def _element(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


def _shuffled(builder: Any, a: Any, b: Any, places: list[int]) -> Any:
    """The lanes ``places`` of a followed by b."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_INT32, len(places)), places))


@_intrinsic
def load(typing: Any, array: Any, first: Any, count: Any) -> Any:
    """array[first], ..., array[first + count - 1]; ``count`` is a constant."""
    if not (_is_flat(array) and isinstance(first, types.Integer) and isinstance(count, types.IntegerLiteral)):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(signature.return_type)
        place = _element(context, builder, array, args[0], args[1])
        return builder.load(builder.bitcast(place, vector.as_pointer()), align=8)

    return Lanes(count.literal_value)(array, types.intp, count), code


@_intrinsic
def store(typing: Any, array: Any, first: Any, v: Any) -> Any:
    """Write the lanes of ``v`` to array[first], array[first + 1], ..."""
    if not (_is_flat(array) and isinstance(first, types.Integer) and isinstance(v, Lanes)):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _element(context, builder, array, args[0], args[1])
        builder.store(args[2], builder.bitcast(place, args[2].type.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, v), code


@_intrinsic
def pick(typing: Any, array: Any, table: Any, first: Any, count: Any) -> Any:
    """array[table[first]], ..., array[table[first + count - 1]]; ``table`` is of uint64, ``count`` a constant."""
    if not (_is_flat(array) and _is_flat(table, types.uint64) and isinstance(count, types.IntegerLiteral)):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        v = ir.Constant(context.get_value_type(signature.return_type), ir.Undefined)
        for k in range(count.literal_value):
            place = builder.add(args[2], ir.Constant(args[2].type, k))
            index = builder.load(_element(context, builder, table, args[1], place))
            value = builder.load(_element(context, builder, array, args[0], index))
            v = builder.insert_element(v, value, ir.Constant(_INT32, k))
        return v

    return Lanes(count.literal_value)(array, table, types.intp, count), code


@_intrinsic
def lane(typing: Any, v: Any, k: Any) -> Any:
    """Lane ``k``, a constant, as a float64."""
    if not (isinstance(v, Lanes) and isinstance(k, types.IntegerLiteral)):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.extract_element(args[0], ir.Constant(_INT32, k.literal_value))

    return types.float64(v, k), code


@_intrinsic
def slide(typing: Any, a: Any, b: Any, first: Any) -> Any:
    """As many lanes as ``a`` has, of a followed by b, from the lane ``first`` on, a constant."""
    if not (isinstance(a, Lanes) and a == b and isinstance(first, types.IntegerLiteral)):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _shuffled(builder, args[0], args[1], [first.literal_value + k for k in range(a.count)])

    return a(a, b, first), code


@_intrinsic
def swap_pairs(typing: Any, v: Any) -> Any:
    """Lanes 1, 0, 3, 2, ... of an even number."""
    if not isinstance(v, Lanes):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _shuffled(builder, args[0], args[0], [k ^ 1 for k in range(v.count)])

    return v(v), code


@_intrinsic
def choose(typing: Any, a: Any, b: Any, x: Any, y: Any) -> Any:
    """The lanes of x where a < b, those of y elsewhere; each of the four is `Lanes` or a number, not all a number."""
    kinds = [kind if isinstance(kind, Lanes) else types.float64 for kind in (a, b, x, y)]
    lanes = next((kind for kind in kinds if isinstance(kind, Lanes)), None)
    if lanes is None or any(kind not in (lanes, types.float64) for kind in kinds):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        a, b, x, y = (_spread(builder, vector, arg) for arg in args)
        return builder.select(builder.fcmp_ordered("<", a, b), x, y)

    return lanes(*kinds), code


def _spread(builder: Any, vector: Any, value: Any) -> Any:
    """A number on every lane; `Lanes` as they are."""
    if value.type == vector:
        return value
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(_INT32, 0))
    return _shuffled(builder, first, undefined, [0] * vector.count)


def _of_two(function: Callable[..., Any], instruction: Callable[[Any, Any, Any], Any]) -> None:
    """Let ``function`` act on two values of which one is `Lanes`, the other of the same type or a number."""

    @_intrinsic
    def call(typing: Any, a: Any, b: Any) -> Any:
        lanes = a if isinstance(a, Lanes) else b
        kinds = [kind if isinstance(kind, Lanes) else types.float64 for kind in (a, b)]

        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            vector = context.get_value_type(lanes)
            first = ir.Constant(vector, ir.Undefined)
            values = [
                arg
                if arg.type == vector
                else _shuffled(
                    builder, builder.insert_element(first, arg, ir.Constant(_INT32, 0)), first, [0] * lanes.count
                )
                for arg in args
            ]
            return instruction(builder, *values)

        return lanes(*kinds), code

    @extending.overload(function, strict=False)
    def either(a: Any, b: Any) -> Any:
        counts = {kind.count for kind in (a, b) if isinstance(kind, Lanes)}
        if len(counts) == 1 and all(isinstance(kind, Lanes | types.Number) for kind in (a, b)):
            return lambda a, b: call(a, b)
        return None


def _of_one(function: Callable[..., Any], name: str) -> None:
    """Let ``function`` act on `Lanes` by the instruction that LLVM calls ``name``."""

    @_intrinsic
    def call(typing: Any, v: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            vector = args[0].type
            kind = ir.FunctionType(vector, [vector])
            return builder.call(builder.module.declare_intrinsic(f"{name}.v{v.count}f64", fnty=kind), args)

        return v(v), code

    @extending.overload(function, strict=False)
    def one(v: Any) -> Any:
        return (lambda v: call(v)) if isinstance(v, Lanes) else None


_of_two(operator.add, lambda builder, x, y: builder.fadd(x, y))
_of_two(operator.sub, lambda builder, x, y: builder.fsub(x, y))
_of_two(operator.mul, lambda builder, x, y: builder.fmul(x, y))
_of_two(min, lambda builder, x, y: builder.select(builder.fcmp_ordered("<", x, y), x, y))
_of_two(max, lambda builder, x, y: builder.select(builder.fcmp_ordered(">", x, y), x, y))
_of_one(abs, "llvm.fabs")
_of_one(np.rint, "llvm.rint")
_of_one(np.floor, "llvm.floor")
