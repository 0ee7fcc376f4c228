"""The public map at one end of a cipher, line by line: a change of one sample behind it, under keys of one's own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cryptobench.attacks.composed.keyed_core.groups import (
    GROUPS,
    Coordinates,
    Group,
    Line,
    line_through,
    name_of,
    on_a_line,
    too_large,
)
from cryptobench.attacks.composed.keyed_core.own_keys import OwnKey
from cryptobench.attacks.composed.keyed_core.patterns import edges, patterns, shifted
from cryptobench.attacks.oracle import LocalCipher
from cryptobench.cipher import CipherError, Image

__all__ = ["PublicMap", "TooLarge", "public_map"]

_VALUES = 10  # of one change, under two keys, of which all differences must be on one line
_MORE_VALUES = 24  # after which a line is given up
_SMALL = 8  # the side, in pixels, at which changes are tried first
_FRUITLESS = 6  # lines that lead to known ones, for each that is known, after which there are no more
_MOST_STARTS = 24
_SHIFTS = 8  # of a pattern that are tried before all others


class TooLarge(Exception):
    """A public map mixes the bits of more samples than can be solved for."""


@dataclass(frozen=True, eq=False)
class PublicMap:
    """The map before the keyed part, or, ``backwards``, the inverse of the one after it, up to what is done to single
    samples and to their order."""

    coordinates: Coordinates
    backwards: bool


def public_map(
    local: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator
) -> PublicMap | None:  # fmt: skip
    """The map at one end, for images of ``shape``; None if it is found at neither, TooLarge if it is too large.

    With E = B(keyed part(A)), encryption under one key and decryption under another is A, a keyed part, and A's
    inverse: whatever B is, it cancels; and the other way round. Changes by `patterns` are tried on small images first:
    where one changes a single sample behind the map, all its multiples change one sample behind the keyed part, and so
    stay on one line. Each line that is found is one of such changes, and leads to others under other keys.

    Where any change stays on a line, the keyed part is linear itself: then the map is that which does nothing.
    """
    small = (min(_SMALL, shape[0]), min(_SMALL, shape[1]), *shape[2:])
    for backwards in (False, True):
        for size in dict.fromkeys((small, shape)):
            try:
                return _map_at(local, size, shape, generator, backwards=backwards)
            except _NotFound:
                break
            except CipherError:  # small images are not taken, or decryption under other keys is not
                continue
    return None


class _NotFound(Exception):
    """No change is one of a single sample behind the map, or none leads to all others."""


def _map_at(
    local: LocalCipher, small: tuple[int, ...], shape: tuple[int, ...], generator: np.random.Generator, *,
    backwards: bool,
) -> PublicMap:  # fmt: skip
    """The map at one end, by changes that are tried on images of the shape ``small``; _NotFound if there is none."""
    if (group := _linear_in(local, small, generator, backwards=backwards)) is not None:
        return PublicMap(_nothing(group, shape), backwards)
    for start in itertools.islice(_starts(local, small, generator, backwards=backwards), _MOST_STARTS):
        if (found := _Search(local, shape, generator, start, backwards=backwards).run()) is not None:
            return PublicMap(found, backwards)
    raise _NotFound


def _linear_in(
    local: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator, *, backwards: bool
) -> Group | None:  # fmt: skip
    """A group in which multiples of an arbitrary change stay on a line."""
    run = _Run(local, shape, generator, backwards=backwards)
    anything = generator.integers(0, 256, run.base.size, np.uint8)
    return next((group for group in GROUPS if run.on_a_line(group, anything)), None)


def _nothing(group: Group, shape: tuple[int, ...]) -> Coordinates:
    """The map of each sample to itself."""
    return Coordinates([_multiples_of(group, unit) for unit in np.eye(int(np.prod(shape)), dtype=np.uint8)])


def _multiples_of(group: Group, pattern: Image) -> Line:
    if not group.xor:
        return Line(group, pattern[None])
    return Line(group, np.stack([group.times(pattern, 1 << bit) for bit in range(8)]))


@dataclass(frozen=True)
class _Start:
    """Multiples, in ``group``, of the pattern of this number are changes of one sample behind the map."""

    number: int
    group: Group


def _starts(
    local: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator, *, backwards: bool
) -> Iterator[_Start]:  # fmt: skip
    first, second = (_Run(local, shape, generator, backwards=backwards) for _ in range(2))
    for number, (_, pattern) in enumerate(patterns(shape)):
        for group in GROUPS:
            if first.on_a_line(group, pattern) and second.on_a_line(group, pattern):
                yield _Start(number, group)


class _Run:
    """A random image, and what becomes of it by encryption under one key of one's own and decryption under another,
    or, ``backwards``, by decryption and encryption; both flat."""

    def __init__(
        self, local: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator, *, backwards: bool
    ) -> None:  # fmt: skip
        self._keys = OwnKey(local, shape, generator), OwnKey(local, shape, generator)
        self._generator, self._backwards = generator, backwards
        self.base = generator.integers(0, 256, self._keys[0].samples, np.uint8)
        self.answer = self._mapped(self.base)

    def _mapped(self, image: Image) -> Image:
        one, other = self._keys
        return other.run(one.run(image, backwards=self._backwards), backwards=not self._backwards)

    def difference(self, group: Group, change: Image) -> Image:
        """By what the answer changes, if the image changes by this."""
        found = self._mapped(group.leave(group.plus(group.enter(self.base), change)))
        return group.minus(group.enter(found), group.enter(self.answer))

    def on_a_line(self, group: Group, pattern: Image) -> bool:
        """Whether multiples of the pattern change the answer along a line."""
        differences: list[Image] = []
        for value in (self._generator.permutation(255)[:_VALUES] + 1).tolist():
            differences.append(self.difference(group, group.times(pattern, value)))
            if not group.xor and len({name_of(group, one) for one in differences} - {None}) > 1:
                return False
        return on_a_line(group, differences)


class _Search:
    """Follows lines to others until all are known."""

    def __init__(
        self, local: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator, start: _Start, *,
        backwards: bool,
    ) -> None:  # fmt: skip
        self._local, self._shape, self._generator, self._backwards = local, shape, generator, backwards
        self._group, self._pattern = start.group, patterns(shape)[start.number]
        self._samples = int(np.prod(shape))
        self._lines: list[Line] = []
        self._names: set[int] = set()

    def run(self) -> Coordinates | None:
        """The map; None if not all lines are found."""
        self._add(_multiples_of(self._group, self._pattern[1]))
        try:
            if not self._complete() and self._pattern[0] != "area":
                self._shift()  # where the key permutes nothing, one line does not lead to all
            return Coordinates(self._lines) if self._complete() else None
        except ValueError:  # a difference is on no line, or lines are not independent: the group is another
            return None

    def _complete(self) -> bool:
        """Whether all lines are known, once no others are found."""
        fruitless = 0
        while len(self._lines) < self._samples:
            if fruitless > _FRUITLESS * (len(self._lines) + 1):
                return False
            run = self._run()
            for index in self._generator.permutation(len(self._lines)):
                fruitless = 0 if self._followed(run, self._lines[index]) else fruitless + 1
                if len(self._lines) == self._samples:
                    break
        return True

    def _run(self) -> _Run:
        return _Run(self._local, self._shape, self._generator, backwards=self._backwards)

    def _followed(self, run: _Run, line: Line) -> bool:
        """Whether the line leads to a new one, which is added; ValueError if to none."""
        differences: list[Image] = []
        while len(differences) < _MORE_VALUES:
            differences.append(run.difference(self._group, line.multiple(self._generator)))
            if hash(name_of(self._group, differences[-1])) in self._names:
                return False
            if (new := line_through(self._group, differences)) is not None:
                return self._add(new)
        return False

    def _add(self, line: Line) -> bool:
        if too_large(line):
            raise TooLarge
        names = {hash(name) for name in line.names()}
        if not self._names.isdisjoint(names):
            return False
        self._lines.append(line)
        self._names |= names
        return True

    def _shift(self) -> None:
        """Adds the pattern at all other places where it is one sample behind the map."""
        run, pattern = self._run(), self._pattern[1]
        moves = self._generator.permutation(np.arange(-self._samples + 1, self._samples)).tolist()
        inside = [moved for by in moves if np.any(moved := shifted(pattern, by))]
        hits = 0
        for tried, moved in enumerate([*inside, *edges(self._shape)]):
            if (tried == _SHIFTS and not hits) or len(self._lines) == self._samples:
                return
            if run.on_a_line(self._group, moved) or run.on_a_line(
                self._group, moved
            ):  # few of the multiples may be odd
                self._add(_multiples_of(self._group, moved))
                hits += 1
