"""Eight float32 as one value of a kernel, so that what is in a register is written down and not left to the compiler.

Or sixteen (`load_wide`), for what is done to many things alike: half as many instructions where registers are so long.

The functions work in compiled kernels only, and on flat arrays of float32; no index is checked against an array's ends.
`fma` rounds once on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from cryptobench.primitives.simd import vectors
from cryptobench.primitives.simd.vectors import Vector

__all__ = [
    "SIMD_WIDTH", "WIDE", "Floats", "add", "aligned", "divide", "fma", "load", "load_wide", "maximum", "minimum",
    "multiply", "splat", "square_root", "store", "subtract",
]  # fmt: skip

SIMD_WIDTH = 8  # numbers in a vector
WIDE = 16  # in a wide one
_ALIGNMENT = 64  # bytes: a cache line

Floats = NDArray[np.float32]
_instruction: Callable[[Any], Any] = intrinsic  # untyped in use: a kernel does not pass what the generator takes
_VECTOR, _WIDE = Vector(types.float32, SIMD_WIDTH), Vector(types.float32, WIDE)


def aligned(*shape: int) -> Floats:
    """An array of that shape, not filled, that starts on a cache line."""
    size = prod(shape)
    spare = _ALIGNMENT // 4
    memory = np.empty(size + spare, np.float32)
    start = -(memory.__array_interface__["data"][0] // 4) % spare
    return memory[start : start + size].reshape(shape)


@_instruction
def load(typing: Any, array: Any, index: Any) -> Any:
    """Elements index to index + 7 of an array."""
    return _VECTOR(array, types.intp), vectors.load


@_instruction
def load_wide(typing: Any, array: Any, index: Any) -> Any:
    """Elements index to index + 15 of an array."""
    return _WIDE(array, types.intp), vectors.load


@_instruction
def store(typing: Any, array: Any, index: Any, value: Any) -> Any:
    """Write elements index to index + 7 of an array, or to index + 15."""
    return types.void(array, types.intp, _WIDE if value == _WIDE else _VECTOR), vectors.store


@_instruction
def splat(typing: Any, array: Any, index: Any) -> Any:
    """Element ``index`` of an array, eight times."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = builder.load(vectors.address(context, builder, signature.args[0], *arguments), align=4)
        return vectors.spread(builder, context.get_value_type(_VECTOR), number)

    return _VECTOR(array, types.intp), generate


def _of(*kinds: Any) -> Any:
    """The signature of an operation on vectors, all of one length, and numbers, which become float32."""
    vector = _WIDE if _WIDE in kinds else _VECTOR
    return vector(*(kind if kind == vector else types.float32 for kind in kinds))


@_instruction
def add(typing: Any, a: Any, b: Any) -> Any:
    """a + b; either may be a number."""
    return _of(a, b), vectors.operation("fadd")


@_instruction
def subtract(typing: Any, a: Any, b: Any) -> Any:
    """a - b; either may be a number."""
    return _of(a, b), vectors.operation("fsub")


@_instruction
def multiply(typing: Any, a: Any, b: Any) -> Any:
    """a b; either may be a number."""
    return _of(a, b), vectors.operation("fmul")


@_instruction
def divide(typing: Any, a: Any, b: Any) -> Any:
    """a / b; either may be a number."""
    return _of(a, b), vectors.operation("fdiv")


@_instruction
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """a b + c, rounded once; any may be a number."""
    return _of(a, b, c), vectors.call("llvm.fma")


@_instruction
def square_root(typing: Any, a: Any) -> Any:
    """The square root of a vector."""
    return _of(a), vectors.call("llvm.sqrt")


@_instruction
def maximum(typing: Any, a: Any, b: Any) -> Any:
    """a where it is larger than b, else b; either may be a number."""
    return _of(a, b), vectors.select(">")


@_instruction
def minimum(typing: Any, a: Any, b: Any) -> Any:
    """a where it is smaller than b, else b; either may be a number."""
    return _of(a, b), vectors.select("<")
