"""The non-adjacent lattice of `basic.ncml_orbit` with nine sites, held in vector registers from step to step.

Doubling mod 9 leads round the ring 1, 2, 4, 8, 7, 5 and swaps 3 with 6. Where j = m i mod 9 with m = 2 mod 3, as for
p = 1 and q = 2 mod 3, j lies an odd number of places further on. So the sites (1, 4, 7 | 3) are coupled to
(8, 5, 2 | 6) alone and the other way round, and in two vectors of four all the neighbours of one are the
other with its first three elements turned: no table, no memory. Site 0 is coupled to itself alone and left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending, njit, types

from cryptobench.primitives.simd.float64 import is_float64s

__all__ = ["PLACES", "SITES", "remainders", "ring_pair", "ring_step", "store_bit_places", "store_key_bytes"]

SITES = (1, 4, 7, 3, 8, 5, 2, 6)  # in the order of the two vectors
PLACES = (0, 6, 3, 1, 5, 7, 2, 4)  # the place of each of the sites 1 to 8 in SITES

_PAIRS = ((0, 1), (0, 2), (1, 2), (0, 0), (1, 1), (2, 2))  # turns

_INT32 = ir.IntType(32)
_intrinsic: Any = extending.intrinsic


def ring_pair(p: int, q: int) -> int:
    """Which two turns of the elements lead to the sites j and k of `basic.ncml_neighbours`, 0 to 5.

    The neighbours are only added up, so that their order does not matter. ValueError if they are no turns.
    """
    turns = {8: 0, 5: 1, 2: 2}
    j, k = (1 + p) % 9, (q + p * q + 1) % 9
    if j not in turns or k not in turns:
        raise ValueError(f"p = {p} and q = {q} do not couple the sites in a ring: p must be 1 mod 3 and q 2 mod 3")
    return _PAIRS.index((min(turns[j], turns[k]), max(turns[j], turns[k])))


def _turning(places: tuple[int, int, int, int]) -> Any:
    @_intrinsic
    def turning(typing: Any, v: Any) -> Any:
        if not is_float64s(v, 4):
            return None

        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.shuffle_vector(args[0], args[0], ir.Constant(ir.VectorType(_INT32, 4), list(places)))

        return v(v), code

    return turning


_by_one, _by_two = _turning((1, 2, 0, 3)), _turning((2, 0, 1, 3))


@njit(inline="always")
def _neighbours(f: Any, g: Any, pair: int) -> Any:
    """The sums of the two neighbours of each element of f, among g, and of each of g, among f, by a pair of `_PAIRS`.

    Along an orbit ``pair`` never changes: the branches are free.
    """
    if pair < 3:
        if pair == 0:
            return g + _by_one(g), f + _by_one(f)
        if pair == 1:
            return g + _by_two(g), f + _by_two(f)
        return _by_one(g) + _by_two(g), _by_one(f) + _by_two(f)
    if pair == 3:
        return g + g, f + f
    u, v = (_by_one(g), _by_one(f)) if pair == 4 else (_by_two(g), _by_two(f))
    return u + u, v + v


@njit(inline="always")
def ring_step(x: Any, y: Any, mu: float, eps: float, pair: int) -> Any:
    """The states after those of `SITES`, x of the first four and y of the rest; ``pair`` from `ring_pair`."""
    own, half = 1.0 - eps, eps / 2.0
    f, g = mu * x * (1.0 - x), mu * y * (1.0 - y)
    beside_x, beside_y = _neighbours(f, g, pair)
    return own * f + half * beside_x, own * g + half * beside_y


@njit(inline="always")
def remainders(x: Any, modulus: Any) -> Any:
    """2^40 x mod modulus, exact, for x in [0, 1), but a value from modulus to modulus + 2^-12 where it is near 0.

    The factor is rounded down, so that the quotient is right or one too small; `store_bit_places` puts that right.
    """
    return x * 2.0**40 - np.floor(x * (2.0**40 / modulus * (1.0 - 2.0**-51))) * modulus


@_intrinsic
def store_bit_places(typing: Any, x: Any, y: Any, modulus: Any, places: Any, bits: Any, first: Any) -> Any:
    """Write w // 8 to places[first], ... and w mod 8 to bits[first], ..., site by site, as int32.

    w is the whole part of an element of x or y, 0 to ``modulus``, but 0 where that is ``modulus``.
    """
    integers = isinstance(places, types.Array) and places.dtype == types.int32 and places.ndim == 1
    if not (is_float64s(x, 4) and x == y and integers and places == bits):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        eight = ir.VectorType(_INT32, 8)
        undefined = ir.Constant(eight, ir.Undefined)
        top = builder.insert_element(undefined, args[2], ir.Constant(_INT32, 0))
        top = builder.shuffle_vector(top, undefined, ir.Constant(eight, [0] * 8))
        parts = [builder.fptosi(v, ir.VectorType(_INT32, 4)) for v in args[:2]]
        whole = builder.shuffle_vector(*parts, ir.Constant(eight, list(PLACES)))
        rest = builder.select(builder.icmp_signed("==", whole, top), ir.Constant(eight, None), whole)
        three, seven = (ir.Constant(eight, [n] * 8) for n in (3, 7))
        for array, values in ((args[3], builder.lshr(rest, three)), (args[4], builder.and_(rest, seven))):
            place = builder.gep(context.make_array(places)(context, builder, array).data, [args[5]])
            builder.store(values, builder.bitcast(place, eight.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(x, y, types.int32, places, bits, types.intp), code


@_intrinsic
def store_key_bytes(typing: Any, x: Any, y: Any, K1: Any, K2: Any, n: Any) -> Any:
    """K1[n] = (w_2 xor (w_6 >> 8)) & 255 and K2[n] = (w_3 xor (w_7 >> 8)) & 255, where w_i = floor(2^36 x_i) of site i.

    x and y are the states of `SITES`, in [0, 1). Added to 2^52, a whole number is the end of a float64's bits.
    """
    bytes_ = isinstance(K1, types.Array) and K1.dtype == types.uint8 and K1.ndim == 1
    if not (is_float64s(x, 4) and x == y and bytes_ and K1 == K2):
        return None

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        four, integers = args[0].type, ir.VectorType(ir.IntType(64), 4)
        floor = builder.module.declare_intrinsic("llvm.floor.v4f64", fnty=ir.FunctionType(four, [four]))
        chosen = ir.Constant(ir.VectorType(_INT32, 4), [2, 7, 3, 6])  # sites 2 and 3, then 6 and 7
        states = builder.fmul(builder.shuffle_vector(args[1], args[0], chosen), ir.Constant(four, [2.0**36] * 4))
        whole = builder.bitcast(builder.fadd(builder.call(floor, [states]), ir.Constant(four, [2.0**52] * 4)), integers)
        low, high = (
            builder.shuffle_vector(whole, whole, ir.Constant(ir.VectorType(_INT32, 2), places))
            for places in ([0, 1], [2, 3])
        )
        mixed = builder.xor(low, builder.lshr(high, ir.Constant(high.type, [8, 8])))
        for array, values, k in ((args[2], K1, 0), (args[3], K2, 1)):
            byte = builder.trunc(builder.extract_element(mixed, ir.Constant(_INT32, k)), ir.IntType(8))
            builder.store(byte, builder.gep(context.make_array(values)(context, builder, array).data, [args[4]]))
        return context.get_dummy_value()

    return types.void(x, y, K1, K2, types.intp), code
