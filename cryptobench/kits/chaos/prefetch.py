"""Asking for memory before it is needed."""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, types

__all__ = ["prefetch"]

_intrinsic: Any = extending.intrinsic


@_intrinsic
def prefetch(typing: Any, array: Any, index: Any) -> Any:
    """Have the cache line of array[index] fetched for writing, inside a compiled kernel; nothing waits for it.

    ``array`` is flat and C-contiguous, ``index`` is not checked. For places spread over more than the second-level
    cache holds, where a kernel knows them a hundred or so accesses ahead.
    """
    if not (isinstance(array, types.Array) and array.ndim == 1 and isinstance(index, types.Integer)):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.gep(context.make_array(array)(context, builder, args[0]).data, [args[1]])
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        for_writing, keep, data = word(1), word(3), word(1)
        call = builder.module.declare_intrinsic("llvm.prefetch", (byte,), fnty=kind)
        builder.call(call, [builder.bitcast(place, byte), for_writing, keep, data])
        return context.get_dummy_value()

    return types.void(array, index), code
