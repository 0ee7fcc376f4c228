"""Sixteen rows of float32 into the lanes of wide vectors and back, by shuffles of registers.

The functions work in compiled kernels only, and on flat arrays; no index is checked. They move numbers and change none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic

from cryptobench.primitives.simd import vectors
from cryptobench.primitives.simd.float32 import WIDE
from cryptobench.primitives.simd.vectors import Vector

__all__ = ["into_lanes", "out_of_lanes", "turned"]

_instruction: Callable[[Any], Any] = intrinsic
_VECTOR = Vector(types.float32, WIDE)


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Element l of row k to element k of row l: blocks of 8, 4, 2 and 1 change places."""
    distance = WIDE // 2
    while distance:
        low = [p - distance + WIDE if p & distance else p for p in range(WIDE)]
        high = [p + WIDE if p & distance else p + distance for p in range(WIDE)]
        for k in range(WIDE):
            if not k & distance:
                pair = rows[k], rows[k + distance]
                rows[k], rows[k + distance] = (vectors.shuffled(builder, *pair, places) for places in (low, high))
        distance //= 2
    return rows


def _at(context: Any, builder: Any, kind: Any, array: Any, index: Any, further: int) -> Any:
    """Where a wide vector is, ``further`` elements behind the element ``index``."""
    place = builder.add(index, context.get_constant(types.intp, further))
    pointer = vectors.address(context, builder, kind, array, place)
    return builder.bitcast(pointer, context.get_value_type(_VECTOR).as_pointer())


def _starts(context: Any, builder: Any, kind: Any, array: Any) -> list[Any]:
    """The first sixteen elements of an array of integers."""
    places = (context.get_constant(types.intp, lane) for lane in range(WIDE))
    return [builder.load(vectors.address(context, builder, kind, array, place)) for place in places]


@_instruction
def into_lanes(typing: Any, source: Any, starts: Any, first: Any, target: Any, place: Any) -> Any:
    """target[place + 16 k + l] = source[starts[l] + first + k] for k and l below 16."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from_kind, starts_kind, _, to_kind, _ = signature.args
        rows = [
            builder.load(_at(context, builder, from_kind, arguments[0], builder.add(start, arguments[2]), 0), align=4)
            for start in _starts(context, builder, starts_kind, arguments[1])
        ]
        for k, row in enumerate(_transposed(builder, rows)):
            builder.store(row, _at(context, builder, to_kind, arguments[3], arguments[4], WIDE * k), align=4)
        return context.get_dummy_value()

    return types.void(source, starts, types.intp, target, types.intp), generate


@_instruction
def out_of_lanes(typing: Any, source: Any, place: Any, target: Any, first: Any, apart: Any) -> Any:
    """target[first + apart l + k] = source[place + 16 k + l] for k and l below 16."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from_kind, _, to_kind, _, _ = signature.args
        rows = [
            builder.load(_at(context, builder, from_kind, arguments[0], arguments[1], WIDE * k), align=4)
            for k in range(WIDE)
        ]
        for lane, row in enumerate(_transposed(builder, rows)):
            start = builder.add(arguments[3], builder.mul(arguments[4], context.get_constant(types.intp, lane)))
            builder.store(row, _at(context, builder, to_kind, arguments[2], start, 0), align=4)
        return context.get_dummy_value()

    return types.void(source, types.intp, target, types.intp, types.intp), generate


@_instruction
def turned(typing: Any, source: Any, place: Any, target: Any, to: Any, apart: Any) -> Any:
    """target[to + apart k + l] = source[place + apart l + k] for k and l below 16."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        from_kind, _, to_kind, _, _ = signature.args

        def start(first: Any, k: int) -> Any:
            return builder.add(first, builder.mul(arguments[4], context.get_constant(types.intp, k)))

        rows = [
            builder.load(_at(context, builder, from_kind, arguments[0], start(arguments[1], k), 0), align=4)
            for k in range(WIDE)
        ]
        for k, row in enumerate(_transposed(builder, rows)):
            builder.store(row, _at(context, builder, to_kind, arguments[2], start(arguments[3], k), 0), align=4)
        return context.get_dummy_value()

    return types.void(source, types.intp, target, types.intp, types.intp), generate
