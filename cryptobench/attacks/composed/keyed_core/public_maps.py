"""The two public maps around a keyed part, line by line: a change of one sample between them, seen from both ends."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

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

__all__ = ["TooLarge", "public_maps"]

_VALUES = 10  # of one change, under one key, of which all differences must be on one line
_MORE_VALUES = 24  # after which a line is given up
_SMALL = 8  # the side, in pixels, at which changes are tried first
_FRUITLESS = 6  # lines that lead to known ones, for each that is known, after which there are no more
_MOST_STARTS = 24
_SHIFTS = 8  # of a pattern that are tried before all others


class TooLarge(Exception):
    """A public map mixes the bits of more samples than can be solved for."""


@dataclass(frozen=True)
class _Start:
    """A change, multiples of the pattern of this number in ``group``, that is one sample between the maps.

    ``backwards``: it is one of the ciphertext; ``far`` is the group in which the other end is linear.
    """

    number: int
    group: Group
    far: Group
    backwards: bool


@dataclass(eq=False)
class _End:
    """What is known of the public map at one end: plaintext (before the keyed part) or ciphertext (after it)."""

    group: Group
    lines: list[Line] = field(default_factory=list)
    _names: set[int] = field(default_factory=set)

    def add(self, line: Line) -> bool:
        """Whether the line is new; it is known then."""
        names = {hash(name) for name in line.names()}
        if not self._names.isdisjoint(names):
            return False
        self.lines.append(line)
        self._names |= names
        return True

    def knows(self, difference: Image) -> bool:
        """Whether it is on a known line, as far as one can tell from it alone."""
        return hash(name_of(self.group, difference)) in self._names


def public_maps(
    local: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator
) -> tuple[Coordinates, Coordinates] | None:  # fmt: skip
    """The maps at the plaintext's end and at the ciphertext's, for images of ``shape``; None if they are not found,
    TooLarge if they are too large.

    Changes by `patterns` are tried on small images first: where one changes a single sample between the maps, all its
    multiples, under one key, change one sample behind the keyed part, and so stay on one line of the other end. Each
    line found there is one of changes in the other direction, which under other keys lead to other lines.
    """
    small = (min(_SMALL, shape[0]), min(_SMALL, shape[1]), *shape[2:])
    try:
        for start in itertools.islice(_starts(local, small, generator), _MOST_STARTS):
            if (maps := _Search(local, shape, generator).run(start)) is not None:
                return maps
    except CipherError:  # small images, or decryption under other headers, are not taken
        pass
    return None


def _starts(local: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator) -> Iterator[_Start]:
    """Changes that are those of a single sample."""
    for backwards in (False, True):
        first, second = (_Run.under_new_key(local, shape, generator, backwards=backwards) for _ in range(2))
        anything = generator.integers(0, 256, first.base.size, np.uint8)
        if any(first.lines_to(group, anything, GROUPS, generator) for group in GROUPS):
            return  # the whole cipher is linear: that says nothing about its parts
        for number, (kind, pattern) in enumerate(patterns(shape)):
            for group in GROUPS[:1] if kind == "unit" else GROUPS:
                fits = first.lines_to(group, pattern, GROUPS, generator)
                fits = second.lines_to(group, pattern, fits, generator) if fits else fits
                for far in fits:  # a change of a single sample is a multiple of it in any group
                    yield from (
                        _Start(number, near, far, backwards) for near in (GROUPS if kind == "unit" else [group])
                    )


@dataclass(frozen=True, eq=False)
class _Run:
    """A random image and what the cipher makes of it under a key of one's own, or ``backwards``; both flat."""

    own: OwnKey
    base: Image
    answer: Image
    backwards: bool

    @classmethod
    def under_new_key(
        cls, local: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator, *, backwards: bool
    ) -> _Run:  # fmt: skip
        own = OwnKey(local, shape, generator)
        base = generator.integers(0, 256, own.samples, np.uint8)
        return cls(own, base, own.run(base, backwards=backwards), backwards)

    def difference(self, near: Group, change: Image, far: Sequence[Group]) -> list[Image]:
        """By what the answer changes in each of the groups ``far``, if the image changes by this in ``near``."""
        found = self.own.run(near.leave(near.plus(near.enter(self.base), change)), backwards=self.backwards)
        return [group.minus(group.enter(found), group.enter(self.answer)) for group in far]

    def lines_to(
        self, near: Group, pattern: Image, far: Sequence[Group], generator: np.random.Generator
    ) -> list[Group]:  # fmt: skip
        """The groups in which multiples of the pattern change the answer along a line; the first alone, if they change
        one sample of it, as in all groups."""
        values = (generator.permutation(255)[:_VALUES] + 1).tolist()
        rows = [self.difference(near, near.times(pattern, value), far) for value in values]
        if (
            all(np.count_nonzero(row[0]) == 1 for row in rows)
            and np.count_nonzero(sum(row[0] != 0 for row in rows)) == 1
        ):
            return list(far[:1])
        columns = zip(far, zip(*rows, strict=True), strict=True)
        return [group for group, differences in columns if on_a_line(group, differences)]


class _Search:
    """Follows lines from one end to the other and back until all are known."""

    def __init__(self, local: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator) -> None:
        self._local, self._shape, self._generator = local, shape, generator
        self._samples = int(np.prod(shape))
        self._fruitless = 0

    def run(self, start: _Start) -> tuple[Coordinates, Coordinates] | None:
        near, far = _End(start.group), _End(start.far)
        pattern = patterns(self._shape)[start.number]
        near.add(_line_of(start.group, pattern[1]))
        try:
            if not self._complete(near, far, start) and pattern[0] != "area":
                self._shift(pattern[1], near, start)  # where the key permutes nothing, one line does not lead to all
            if not self._complete(near, far, start):
                return None
            maps = Coordinates(near.lines), Coordinates(far.lines)
        except ValueError:  # a difference is on no line, or lines are not independent: the groups are others
            return None
        return maps[::-1] if start.backwards else maps

    def _complete(self, near: _End, far: _End, start: _Start) -> bool:
        """Whether all lines are known, once no others are found."""
        self._fruitless = 0
        while (known := min(len(near.lines), len(far.lines))) < self._samples:
            if self._fruitless > _FRUITLESS * (known + 1):
                return False
            if len(far.lines) < self._samples:
                self._follow(near, far, backwards=start.backwards)
            if far.lines and len(near.lines) < self._samples:
                self._follow(far, near, backwards=not start.backwards)
        return True

    def _follow(self, end: _End, other: _End, *, backwards: bool) -> None:
        """The known lines of one end, under a new key, to the other end."""
        run = _Run.under_new_key(self._local, self._shape, self._generator, backwards=backwards)
        for index in self._generator.permutation(len(end.lines)):
            line = self._followed(run, end.group, end.lines[index], other)
            if line is not None and too_large(line):
                raise TooLarge
            self._fruitless = 0 if line is not None and other.add(line) else self._fruitless + 1
            if len(other.lines) == self._samples:
                return

    def _followed(self, run: _Run, near: Group, line: Line, other: _End) -> Line | None:
        """The line to which this one leads, if it is new; ValueError if to none."""
        differences: list[Image] = []
        while len(differences) < _MORE_VALUES:
            differences += run.difference(near, line.multiple(self._generator), [other.group])
            if other.knows(differences[-1]):
                return None
            if (new := line_through(other.group, differences)) is not None:
                return new
        return None

    def _shift(self, pattern: Image, near: _End, start: _Start) -> None:
        """Adds the pattern at all other places where it is one sample between the maps."""
        run = _Run.under_new_key(self._local, self._shape, self._generator, backwards=start.backwards)
        hits = 0
        moves = self._generator.permutation(np.arange(-self._samples + 1, self._samples)).tolist()
        inside = [moved for by in moves if np.any(moved := shifted(pattern, by))]
        for tried, moved in enumerate([*inside, *edges(self._shape)]):
            if (tried == _SHIFTS and not hits) or len(near.lines) == self._samples:
                return
            for _ in range(2):  # few of the multiples may be odd at the other end
                if run.lines_to(start.group, moved, [start.far], self._generator):
                    near.add(_line_of(start.group, moved))
                    hits += 1
                    break


def _line_of(group: Group, pattern: Image) -> Line:
    if group.xor:
        return Line(group, np.stack([group.times(pattern, 1 << bit) for bit in range(8)]))
    return Line(group, pattern[None])
