"""Eight float32 numbers as one value in numba kernels, so that what is in a register is said, not hoped for.

LLVM lowers the operations to whatever the processor has (AVX, NEON; two or more instructions where vectors are
shorter). Each is the IEEE operation, and `fma` rounds once, everywhere: a kernel that is written in them gives the
same bits on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model
from numpy.typing import NDArray

__all__ = [
    "LANES", "Floats", "add", "aligned", "divide", "fma", "load", "maximum", "minimum", "multiply", "splat", "store",
    "subtract",
]  # fmt: skip

LANES = 8
_ALIGNMENT = 64  # bytes: a cache line
_VECTOR = ir.VectorType(ir.FloatType(), LANES)

Floats = NDArray[np.float32]
_instruction: Callable[[Any], Any] = intrinsic  # untyped in use: a kernel does not pass what the generator takes


class _Float8(types.Type):
    def __init__(self) -> None:
        super().__init__(name="float32x8")


_float8 = _Float8()


@register_model(_Float8)
class _Float8Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: _Float8) -> None:
        super().__init__(manager, kind, _VECTOR)  # type: ignore[no-untyped-call]


def aligned(*shape: int) -> Floats:
    """An array of that shape, not filled, that starts on a cache line."""
    size = int(np.prod(shape))
    spare = _ALIGNMENT // 4
    memory = np.empty(size + spare, np.float32)
    start = -(memory.ctypes.data // 4) % spare
    return memory[start : start + size].reshape(shape)


def _address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])


def _splatted(builder: Any, scalar: Any) -> Any:
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, ir.Constant(_VECTOR, ir.Undefined), lanes)


@_instruction
def load(typing: Any, array: Any, index: Any) -> Any:
    """Elements index to index + 7 of a flat float32 array; not checked against its ends."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments)
        return builder.load(builder.bitcast(address, _VECTOR.as_pointer()), align=4)

    return _float8(array, types.intp), generate


@_instruction
def store(typing: Any, array: Any, index: Any, value: Any) -> Any:
    """Write elements index to index + 7 of a flat float32 array; not checked against its ends."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _address(context, builder, signature, arguments)
        builder.store(arguments[2], builder.bitcast(address, _VECTOR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, _float8), generate


@_instruction
def splat(typing: Any, array: Any, index: Any) -> Any:
    """Element ``index`` of a flat float32 array, eight times; not checked against its ends."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _splatted(builder, builder.load(_address(context, builder, signature, arguments), align=4))

    return _float8(array, types.intp), generate


def _constant(context: Any, builder: Any, value: Any, kind: Any) -> Any:
    """A vector as it is; a number as a vector of equal elements."""
    if isinstance(kind, _Float8):
        return value
    return _splatted(builder, context.cast(builder, value, kind, types.float32))


def _operation(name: str) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = [_constant(context, builder, *pair) for pair in zip(arguments, signature.args, strict=True)]
        if not name.startswith("llvm."):
            return getattr(builder, name)(*values)
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * len(values))
        function = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, kind, f"{name}.v{LANES}f32"
        )
        return builder.call(function, values)

    return generate


def _choice(comparison: str) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, b = (_constant(context, builder, *pair) for pair in zip(arguments, signature.args, strict=True))
        return builder.select(builder.fcmp_ordered(comparison, a, b), a, b)

    return generate


@_instruction
def add(typing: Any, a: Any, b: Any) -> Any:
    """a + b; either may be a number."""
    return _float8(a, b), _operation("fadd")


@_instruction
def subtract(typing: Any, a: Any, b: Any) -> Any:
    """a - b; either may be a number."""
    return _float8(a, b), _operation("fsub")


@_instruction
def multiply(typing: Any, a: Any, b: Any) -> Any:
    """a b; either may be a number."""
    return _float8(a, b), _operation("fmul")


@_instruction
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """a b + c, rounded once; any may be a number."""
    return _float8(a, b, c), _operation("llvm.fma")


@_instruction
def divide(typing: Any, a: Any, b: Any) -> Any:
    """a / b; either may be a number."""
    return _float8(a, b), _operation("fdiv")


@_instruction
def maximum(typing: Any, a: Any, b: Any) -> Any:
    """a where it is larger than b, else b; either may be a number."""
    return _float8(a, b), _choice(">")


@_instruction
def minimum(typing: Any, a: Any, b: Any) -> Any:
    """a where it is smaller than b, else b; either may be a number."""
    return _float8(a, b), _choice("<")
