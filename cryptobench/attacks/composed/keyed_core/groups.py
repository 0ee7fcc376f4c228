"""Groups of bytes in which public maps may be linear, and what a linear map makes of one sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.tools.gf2 import left_inverse, pack_rows, reduce_rows
from cryptobench.cipher import Image

__all__ = ["GROUPS", "Coordinates", "Group", "Line", "line_through", "name_of", "on_a_line", "too_large"]

_BITS = 8
_INVERSES = np.array([pow(odd, -1, 256) if odd % 2 else 0 for odd in range(256)], np.uint8)
_MOST_UNKNOWNS = 1 << 12  # where bits mix
_FEWEST = 2  # odd differences that must be multiples of one another


@dataclass(frozen=True, eq=False)
class Group:
    """Bytes with a sum. ``labels`` gives every byte a number such that the sum is XOR (``xor``) or addition mod 256."""

    name: str
    labels: Image
    xor: bool

    def enter(self, image: Image) -> Image:
        """Bytes to numbers."""
        return self.labels[image]

    def leave(self, numbers: Image) -> Image:
        """Numbers to bytes."""
        return self._bytes[numbers]

    @cached_property
    def _bytes(self) -> Image:
        return np.argsort(self.labels).astype(np.uint8)

    def plus(self, one: Image, other: Image) -> Image:
        return one ^ other if self.xor else one + other

    def minus(self, one: Image, other: Image) -> Image:
        return one ^ other if self.xor else one - other

    def times(self, coefficients: Image, number: int) -> Image:
        """The multiple of a vector of integers mod 256; over XOR only whether they are odd counts."""
        factor = np.uint8(number)
        return (coefficients & np.uint8(1)) * factor if self.xor else coefficients * factor


def _logarithms(first: int) -> Image:
    """Discrete logarithms, base 3, of 1 to 256 modulo 257; byte b stands for b + 1, or (``first`` 256) 0 for 256."""
    labels = np.zeros(256, np.uint8)
    number = 1
    for power in range(256):
        labels[number - 1 if first == 1 else number % 256] = power
        number = number * 3 % 257
    return labels


_IDENTITY = np.arange(256, dtype=np.uint8)
GROUPS = (
    Group("XOR", _IDENTITY, True),
    Group("addition", _IDENTITY, False),
    Group("multiplication of x + 1 mod 257", _logarithms(1), False),
    Group("multiplication mod 257", _logarithms(256), False),
)


@dataclass(frozen=True, eq=False)
class Line:
    """All that a linear map makes of one sample: sums of ``basis``, (8, N) over XOR, or multiples of it, (1, N)."""

    group: Group
    basis: Image

    def multiple(self, generator: np.random.Generator) -> Image:
        """A random one other than zero."""
        number = generator.integers(1, 256, 1, np.uint8)
        if not self.group.xor:
            only: Image = self.basis[0] * number
            return only
        member: Image = np.bitwise_xor.reduce(self.basis[np.unpackbits(number) > 0])
        return member

    def members(self) -> Image:
        """All 256 of a line over XOR, that of zero first, (256, N)."""
        members = np.zeros((1, self.basis.shape[1]), np.uint8)
        for row in self.basis:
            members = np.concatenate([members, members ^ row])
        return members

    def names(self) -> list[bytes]:
        """By which its members are recognised (see `name_of`)."""
        if not self.group.xor:
            name = name_of(self.group, self.basis[0])
            return [] if name is None else [name]
        return [member.tobytes() for member in self.members()[1:]]


def name_of(group: Group, difference: Image) -> bytes | None:
    """What all odd multiples of a vector have in common; over XOR the vector itself. None of an even one."""
    if group.xor:
        return difference.tobytes() if difference.any() else None
    odd = np.flatnonzero(difference & 1)
    return (difference * _INVERSES[difference[odd[0]]]).tobytes() if odd.size else None


def line_through(group: Group, differences: Sequence[Image]) -> Line | None:
    """The line that all these differences are on; None if there are not enough to tell.

    Over XOR they must span 8 dimensions, and be two more; else two must be odd. ValueError if there is no such line.
    """
    if group.xor:
        if len(differences) < _BITS + 2:
            return None
        basis = _independent(np.stack(differences))
        if len(basis) > _BITS:
            raise ValueError("the differences are on no line")
        return Line(group, basis) if len(basis) == _BITS else None
    names = _names(group, differences)
    if len(set(names)) > 1:
        raise ValueError("the differences are on no line")
    return Line(group, np.frombuffer(names[0], np.uint8)[None]) if len(names) >= _FEWEST else None


def on_a_line(group: Group, differences: Sequence[Image]) -> bool:
    """Whether these differences, more than 8, are on one line, as others would not be by chance."""
    if group.xor:
        return len(_independent(np.stack(differences))) <= _BITS
    names = _names(group, differences)
    return len(names) >= _FEWEST and len(set(names)) == 1


def _names(group: Group, differences: Sequence[Image]) -> list[bytes]:
    return [name for difference in differences if (name := name_of(group, difference)) is not None]


def _independent(rows: Image) -> Image:
    """The first rows that are independent over GF(2)."""
    bits = np.unpackbits(rows, axis=1).T
    pivots = np.full(len(rows), -1, np.int64)
    reduce_rows(pack_rows(np.ascontiguousarray(bits)), len(rows), pivots)
    return rows[pivots >= 0]


class Coordinates:
    """The linear map whose lines are given, N of N samples each, and its inverse.

    ValueError if the lines are not independent.
    """

    def __init__(self, lines: list[Line]) -> None:
        self.group = lines[0].group
        supports = [_support(line) for line in lines] if self.group.xor else [line.basis[0] for line in lines]
        self._bitwise = any(support is None for support in supports)
        if self._bitwise:
            matrix = np.unpackbits(np.concatenate([line.basis for line in lines]), axis=1).T
        else:
            matrix = np.stack([support for support in supports if support is not None]).T
        inverse = left_inverse(np.ascontiguousarray(matrix))
        if inverse is None:
            raise ValueError("the lines are not independent")
        self._matrix = matrix.astype(np.float64)  # sums of products of bytes are exact
        self._inverse = inverse if self.group.xor else _lifted(self._matrix, inverse.astype(np.float64))

    def combined(self, values: Image) -> Image:
        """(N,) numbers of the group: the sum of each line's member of its value, (N,)."""
        return self._times(self._matrix, values)

    def read(self, numbers: Image) -> Image:
        """The values, (N,), whose combination these numbers, (N,), are."""
        return self._times(self._inverse, numbers)

    def _times(self, matrix: NDArray[np.floating], numbers: Image) -> Image:
        """The product mod 256, or mod 2: of all bits, (8 N, 1), where they mix, else of each plane, (N, 8)."""
        if not self.group.xor:
            return _low_byte(matrix @ numbers)
        bits = np.unpackbits(numbers[:, None], axis=1)
        product = _low_byte(matrix @ (bits.reshape(-1, 1) if self._bitwise else bits)) & 1
        return np.packbits(product.reshape(-1, _BITS), axis=1).ravel()


def _low_byte(integers: NDArray[np.floating]) -> Image:
    low: Image = integers.astype(np.int64).astype(np.uint8)
    return low


def _lifted(matrix: NDArray[np.float64], inverse: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse mod 256 from that mod 2: each of Newton's steps X (2 - M X) doubles the bits that are right."""
    for _ in range(3):
        rest = (2 * np.eye(len(matrix)) - _low_byte(matrix @ inverse)) % 256
        inverse = _low_byte(inverse @ rest).astype(np.float64)
    return inverse


def too_large(line: Line) -> bool:
    """Whether a map with this line mixes more bits than can be solved for."""
    return line.group.xor and _BITS * line.basis.shape[1] > _MOST_UNKNOWNS and _support(line) is None


def _support(line: Line) -> Image | None:
    """Ones where the line, over XOR, has the sample itself, zeros elsewhere; None if it has something else."""
    support = np.bitwise_or.reduce(line.basis) > 0
    same = line.basis[:, support] == line.basis[:, np.argmax(support), None]
    return support.astype(np.uint8) if same.all() else None
