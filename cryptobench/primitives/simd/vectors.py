"""The type of a SIMD vector in numba kernels, and the generators of the instructions that act on it.

LLVM lowers the instructions to whatever the processor has (AVX, NEON; two or more where vectors are shorter). Each is
the IEEE operation, with one rounding, so that a kernel that is written in them gives the same bits on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import models, register_model

__all__ = [
    "INT32", "Generator", "Vector", "address", "call", "load", "operation", "select", "shuffled", "spread", "store",
]  # fmt: skip

INT32 = ir.IntType(32)
Generator = Callable[[Any, Any, Any, Any], Any]  # (context, builder, signature, arguments) to an LLVM value


class Vector(types.Type):
    """``count`` numbers of the type ``element`` side by side."""

    def __init__(self, element: types.Float, count: int) -> None:
        self.element, self.count = element, count
        super().__init__(name=f"{element}x{count}")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, vector: Vector) -> None:
        element = manager.lookup(vector.element).get_value_type()
        super().__init__(manager, vector, ir.VectorType(element, vector.count))  # type: ignore[no-untyped-call]


def address(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """Where the element ``index`` of a flat array of the type ``kind`` is; not checked against its ends."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


def shuffled(builder: Any, a: Any, b: Any, places: list[int]) -> Any:
    """The elements ``places`` of a followed by b."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(INT32, len(places)), places))


def spread(builder: Any, vector: Any, value: Any) -> Any:
    """A number in every element of an LLVM ``vector`` type; a vector as it is."""
    if value.type == vector:
        return value
    undefined = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(INT32, 0))
    return shuffled(builder, first, undefined, [0] * vector.count)


def load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Of (array, first, ...): a vector of the elements from ``first`` on."""
    place = address(context, builder, signature.args[0], *arguments[:2])
    vector = context.get_value_type(signature.return_type)
    return builder.load(builder.bitcast(place, vector.as_pointer()), align=_alignment(signature.args[0]))


def store(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Of (array, first, vector): write the vector to the elements from ``first`` on."""
    place = address(context, builder, signature.args[0], *arguments[:2])
    vector = arguments[2].type
    builder.store(arguments[2], builder.bitcast(place, vector.as_pointer()), align=_alignment(signature.args[0]))
    return context.get_dummy_value()


def _alignment(array: Any) -> int:
    return int(array.dtype.bitwidth) // 8


def operation(name: str) -> Generator:
    """An instruction of LLVM's builder ("fadd", "fmul") on vectors and numbers; numbers are spread."""
    return _on_vectors(lambda builder, vector, values: getattr(builder, name)(*values))


def select(comparison: str) -> Generator:
    """The elements of the first vector where they compare so ("<", ">") with the second's, else those of the second."""
    return _on_vectors(
        lambda builder, vector, values: builder.select(builder.fcmp_ordered(comparison, *values), *values)
    )


def call(name: str) -> Generator:
    """One of LLVM's intrinsic functions ("llvm.fma", "llvm.floor"); numbers are spread."""

    def generate(builder: Any, vector: Vector, values: Any) -> Any:
        kind = ir.FunctionType(values[0].type, [value.type for value in values])
        suffix = f"v{vector.count}f{vector.element.bitwidth}"
        return builder.call(builder.module.declare_intrinsic(f"{name}.{suffix}", fnty=kind), values)

    return _on_vectors(generate)


def _on_vectors(instruction: Callable[[Any, Vector, list[Any]], Any]) -> Generator:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = context.get_value_type(signature.return_type)
        values = [spread(builder, vector, argument) for argument in arguments]
        return instruction(builder, signature.return_type, values)

    return generate
