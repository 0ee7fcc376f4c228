"""Maps of ciphertexts to plaintexts, read from random pairs, whatever class these are of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.composed.decryption_map.reversed_oracle import ClassPairs
from cryptobench.attacks.composed.state_class.affine_in_class import solve_pairs
from cryptobench.attacks.tools.combiners import (
    ADDITION,
    BASE4_ADDITION,
    BYTE_COMBINERS,
    COMBINERS,
    XOR,
    XOR_AND_ADDITION,
    Combiner,
)
from cryptobench.attacks.tools.gf2 import left_inverse
from cryptobench.attacks.tools.permutation_recovery import index_digits
from cryptobench.cipher import Image

__all__ = ["READERS", "MapReader", "Predict"]

Predict = Callable[[Image], Image | None]
"""The plaintext of a flat ciphertext of the class, flat."""

_SPARE = 24  # equations more than unknowns
_MOST_UNKNOWNS = 1 << 11
_MOST_TRIPLED = 1 << 11  # bits of which sums of three are looked for
_PATTERNS = 128  # pairs by whose coincidences tables are recognised
_TABLE_PAIRS = 1280  # after which a table lacks 0.7 % of its values
_COMPLETE = 0.9


@dataclass(frozen=True)
class MapReader:
    """One kind of map. ``read`` asks for the pairs that it needs and gives the map; None if there is no such map, or if
    the budget does not allow it. ``formula`` says how many for N samples, ``in_class`` how many if that is another."""

    name: str
    formula: str
    read: Callable[[ClassPairs], Predict | None]
    in_class: str = ""


def _masked_permutation(pairs: ClassPairs) -> Predict | None:
    """Each plaintext sample is one of the ciphertext under a mask: differences of pairs tell which."""
    if not pairs.ask(2 * index_digits(pairs.samples) + 3):
        return None
    cipher, plain = pairs.cipher, pairs.plain
    best: tuple[int, Combiner, NDArray[np.int64]] | None = None
    for combiner in COMBINERS:
        source = _equal_columns(*_differences(combiner, cipher, plain))
        found = int(np.sum(source >= 0))
        if best is None or found > best[0]:
            best = found, combiner, source
    if best is None or best[0] < _COMPLETE * plain.shape[1]:
        return None
    _, combiner, source = best
    mask = combiner.mask(plain[0], cipher[0][source])
    return lambda ciphertext: combiner.combine(ciphertext[source], mask)


def _differences(combiner: Combiner, cipher: Image, plain: Image) -> tuple[Image, Image]:
    """What pairs differ by from the first, such that a mask does not matter: equal for a sample and its source."""
    base4 = combiner not in BYTE_COMBINERS
    difference = (BASE4_ADDITION if base4 else ADDITION).invert
    if combiner is XOR:
        return cipher[1:] ^ cipher[0], plain[1:] ^ plain[0]
    if combiner in (ADDITION, BASE4_ADDITION):
        return difference(cipher[1:], cipher[0]), difference(plain[1:], plain[0])
    return difference(cipher[1:], cipher[0]), difference(plain[0], plain[1:])


def _equal_columns(inputs: Image, outputs: Image) -> NDArray[np.int64]:
    """The first column of ``inputs`` that each column of ``outputs`` equals; -1 for none."""
    places = {column.tobytes(): index for index, column in reversed(list(enumerate(np.ascontiguousarray(inputs.T))))}
    return np.array([places.get(column.tobytes(), -1) for column in np.ascontiguousarray(outputs.T)], np.int64)


def _masked_bits(pairs: ClassPairs) -> Predict | None:
    """Each plaintext bit is one of the ciphertext under a mask."""
    if not pairs.ask(2 * ceil(log2(8 * pairs.samples)) + 1):
        return None
    return _bit_map(pairs, 1)


def _sums_of_bits(pairs: ClassPairs) -> Predict | None:
    """Each plaintext bit is the XOR of at most three of the ciphertext, under a mask."""
    if 8 * pairs.samples > _MOST_TRIPLED or not pairs.ask(4 * ceil(log2(8 * pairs.samples)) + 9):
        return None
    return _bit_map(pairs, 3)


def _bit_map(pairs: ClassPairs, most: int) -> Predict | None:
    """``most`` is 1, 2 or 3: how many bits are added. Where the pairs in which they are ones are told by labels of up
    to 64 bits, one for each pair but the first."""
    inputs, outputs = _bits(pairs.cipher), _bits(pairs.plain)
    terms = _sums_found(_labels(inputs[1:] ^ inputs[0]), _labels(outputs[1:] ^ outputs[0]), most)
    if np.mean((terms >= 0).any(axis=1)) < _COMPLETE:
        return None
    mask = outputs[0] ^ _summed(inputs[0], terms)

    def predict(ciphertext: Image) -> Image:
        plaintext: Image = np.packbits(_summed(_bits(ciphertext[None])[0], terms) ^ mask)
        return plaintext

    return predict


def _bits(rows: Image) -> Image:
    return np.unpackbits(rows, axis=1)


def _labels(bits: Image) -> NDArray[np.uint64]:
    """A number for each column, of its first 64 bits."""
    labels = np.zeros(bits.shape[1], np.uint64)
    for row in bits[:64]:
        labels = labels << np.uint64(1) | row
    return labels


def _summed(bits: Image, terms: NDArray[np.int64]) -> Image:
    """The XOR of the bits named by each row of ``terms``, -1 for none."""
    summed: Image = np.bitwise_xor.reduce(np.where(terms >= 0, bits[terms], np.uint8(0)), axis=1)
    return summed


def _sums_found(inputs: NDArray[np.uint64], outputs: NDArray[np.uint64], most: int) -> NDArray[np.int64]:
    """(outputs, 3): the inputs, at most ``most``, whose labels add up to an output's; -1 for none."""
    terms = np.full((outputs.size, 3), -1, np.int64)
    order = np.argsort(inputs, kind="stable")
    _look_up(inputs[order], outputs, order, np.full(order.size, -1), terms)
    if most == 1:
        return terms
    one, other = np.triu_indices(inputs.size, 1)
    sums = inputs[one] ^ inputs[other]
    order = np.argsort(sums, kind="stable")
    sums, one, other = sums[order], one[order], other[order]
    _look_up(sums, outputs, one, other, terms)
    if most == 2 or not (lacking := np.flatnonzero((terms < 0).all(axis=1))).size:
        return terms
    tried = lacking[:: -(-lacking.size // 32)]
    if sum(_third(inputs, outputs[index], sums, one, other, terms[index]) for index in tried) > len(tried) // 2:
        for index in lacking:
            _third(inputs, outputs[index], sums, one, other, terms[index])
    return terms


def _look_up(
    known: NDArray[np.uint64], wanted: NDArray[np.uint64], one: NDArray[np.int64], other: NDArray[np.int64],
    terms: NDArray[np.int64],
) -> None:  # fmt: skip
    """Gives outputs without terms the two inputs whose sum, among the sorted ``known``, they are."""
    at = np.minimum(np.searchsorted(known, wanted), known.size - 1)
    hit = (known[at] == wanted) & (terms < 0).all(axis=1)
    terms[hit, 0], terms[hit, 1] = one[at[hit]], other[at[hit]]


def _third(
    inputs: NDArray[np.uint64], wanted: np.uint64, sums: NDArray[np.uint64], one: NDArray[np.int64],
    other: NDArray[np.int64], terms: NDArray[np.int64],
) -> bool:  # fmt: skip
    """Whether this output is the sum of three inputs, which it is then given."""
    rest = inputs ^ wanted
    at = np.minimum(np.searchsorted(sums, rest), sums.size - 1)
    hits = np.flatnonzero(sums[at] == rest)
    if hits.size:
        terms[:] = hits[0], one[at[hits[0]]], other[at[hits[0]]]
    return bool(hits.size)


def _tables(pairs: ClassPairs) -> Predict | None:
    """Each plaintext sample is a table of one of the ciphertext: where values coincide tells which."""
    if not pairs.ask(_PATTERNS):
        return None
    source = _equal_columns(_coincidences(pairs.cipher[:_PATTERNS]), _coincidences(pairs.plain[:_PATTERNS]))
    if np.mean(source >= 0) < _COMPLETE:
        return None
    places = np.arange(source.size)
    tables = np.zeros((256, source.size), np.uint8)
    if pairs.state is None:
        if (flats := pairs.flats()) is None:
            return None
        tables = flats
    elif not pairs.ask(_TABLE_PAIRS):
        return None
    for ciphertext, plain in zip(pairs.cipher, pairs.plain, strict=True):
        tables[ciphertext[source], places] = plain
    return lambda ciphertext: tables[ciphertext[source], places]


def _coincidences(rows: Image) -> Image:
    """(rows, columns), below 256 rows: for each value the first row of its column that has it."""
    first: Image = np.argmax(rows[None] == rows[:, None], axis=1).astype(np.uint8)
    return first


def _affine_planes(pairs: ClassPairs) -> Predict | None:
    """Affine over GF(2), each bit plane by itself."""
    return _affine(pairs, [1 << plane for plane in range(8)], pairs.samples)


def _affine_bits(pairs: ClassPairs) -> Predict | None:
    """Affine over GF(2)."""
    return _affine(pairs, [255], 8 * pairs.samples)


def _affine(pairs: ClassPairs, planes: list[int], unknowns: int) -> Predict | None:
    if unknowns > _MOST_UNKNOWNS or (mask := _mask_before(pairs, XOR)) is None or not pairs.ask(unknowns + _SPARE):
        return None
    cipher, plain = pairs.cipher[: unknowns + _SPARE], mask.off(pairs.plain[: unknowns + _SPARE])

    def predict(ciphertext: Image) -> Image | None:
        solved = solve_pairs(plain, cipher, ciphertext[None], planes)
        return None if solved is None else mask.on(solved[0])

    return predict


@dataclass(frozen=True, eq=False)
class _Mask:
    """What is combined with the plaintext after an affine map of the ciphertext."""

    combiner: Combiner
    image: Image

    def off(self, plain: Image) -> Image:
        return self.combiner.invert(plain, self.image)

    def on(self, plain: Image) -> Image:
        return self.combiner.combine(plain, self.image)


def _mask_before(pairs: ClassPairs, form: Combiner) -> _Mask | None:
    """The mask without which decryption is linear, that of zeros, added or XORed; None if it is linear under neither.

    Two queries, where every ciphertext is in the class. In another class nothing can be tested so: a mask of the form
    itself is part of an affine map.
    """
    if pairs.state is not None:
        return _Mask(form, np.zeros(1, np.uint8))
    if not pairs.ask(4):
        return None
    total = form.combine(pairs.cipher[0], pairs.cipher[1])
    zero, both = pairs.decrypt(np.zeros_like(total)), pairs.decrypt(total)
    for combiner in XOR_AND_ADDITION:
        one, other, wanted = (combiner.invert(plain, zero) for plain in (pairs.plain[0], pairs.plain[1], both))
        if float(np.mean(form.combine(one, other) == wanted)) > _COMPLETE:
            return _Mask(combiner, zero)
    return None


def _affine_bytes(pairs: ClassPairs) -> Predict | None:
    """Affine over Z/256."""
    if pairs.samples > _MOST_UNKNOWNS or (mask := _mask_before(pairs, ADDITION)) is None:
        return None
    if not pairs.ask(pairs.samples + _SPARE):
        return None
    cipher, plain = pairs.cipher[: pairs.samples + _SPARE], mask.off(pairs.plain[: pairs.samples + _SPARE])
    changes = cipher[1:] - cipher[0]
    inverse = left_inverse(changes)
    if inverse is None:
        return None
    coefficients = changes.astype(np.float32)  # sums stay below 2^24, so float32 is exact
    matrix, rest = np.zeros((pairs.samples, plain.shape[1]), np.uint8), (plain[1:] - plain[0]).astype(np.int64)
    for bit in range(8):  # the lowest bits by an inverse mod 2, the rest halved, as in `solve_z256`
        digit = (inverse @ (rest & 1).astype(np.float32)).astype(np.int64) & 1
        matrix |= (digit << bit).astype(np.uint8)
        rest = (rest - (coefficients @ digit.astype(np.float32)).astype(np.int64)) >> 1

    def predict(ciphertext: Image) -> Image:
        return mask.on(plain[0] + (ciphertext - cipher[0]) @ matrix)

    return predict


READERS = (
    MapReader("samples permuted, under a mask", "2 * ceil(log256(N)) + 3", _masked_permutation),
    MapReader("bits permuted, under a mask", "2 * ceil(log2(8 * N)) + 1", _masked_bits),
    MapReader("sums of up to three bits", "4 * ceil(log2(8 * N)) + 9", _sums_of_bits),
    MapReader("a table for each sample", f"{_PATTERNS + 256}", _tables, f"{_TABLE_PAIRS}"),
    MapReader("affine over Z/256", f"N + {_SPARE + 2}", _affine_bytes),
    MapReader("affine over GF(2), plane by plane", f"N + {_SPARE + 2}", _affine_planes),
    MapReader("affine over GF(2)", f"8 * N + {_SPARE + 2}", _affine_bits),
)
