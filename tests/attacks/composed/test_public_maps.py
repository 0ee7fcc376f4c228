"""Groups of bytes, lines in them, and the maps that lines make up."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.composed.keyed_core.groups import (
    GROUPS,
    Coordinates,
    Group,
    Line,
    line_through,
    name_of,
    on_a_line,
)
from cryptobench.attacks.composed.keyed_core.patterns import edges, patterns, shifted

RNG = np.random.default_rng
BYTES = np.arange(256, dtype=np.uint8)


@pytest.mark.parametrize(("group", "sum_of"), [
    (GROUPS[0], lambda a, b: a ^ b),
    (GROUPS[1], lambda a, b: (a + b) % 256),
    (GROUPS[2], lambda a, b: (a + 1) * (b + 1) % 257 - 1),
    (GROUPS[3], lambda a, b: (a or 256) * (b or 256) % 257 % 256),
], ids=[group.name for group in GROUPS])  # fmt: skip
def test_sums_are_what_they_are_called(group: Group, sum_of) -> None:
    """All bytes with 20 others: XOR, addition, and both readings of multiplication modulo 257."""
    assert np.array_equal(group.leave(group.enter(BYTES)), BYTES)
    for other in range(0, 256, 13):
        total = group.leave(group.plus(group.enter(BYTES), group.enter(np.full(256, other, np.uint8))))
        assert total.tolist() == [sum_of(a, other) for a in range(256)]
        assert np.array_equal(group.minus(group.enter(total), group.enter(np.full(256, other, np.uint8))),
                              group.enter(BYTES))  # fmt: skip


def some_lines(group: Group, samples: int, generator, *, mixed=False) -> list[Line]:
    """Of an invertible random map."""
    while True:
        if not group.xor:
            lines = [Line(group, row[None]) for row in generator.integers(0, 256, (samples, samples), np.uint8)]
        elif mixed:
            lines = [Line(group, generator.integers(0, 256, (8, samples), np.uint8)) for _ in range(samples)]
        else:
            rows = generator.integers(0, 2, (samples, samples), np.uint8)
            lines = [Line(group, np.outer(1 << np.arange(8), row).astype(np.uint8)) for row in rows]
        try:
            Coordinates(lines)
        except ValueError:
            continue
        return lines


@pytest.mark.parametrize(("group", "mixed"), [(GROUPS[0], False), (GROUPS[0], True), (GROUPS[1], False)])
def test_coordinates_are_read_back(group, mixed) -> None:
    """Any values, combined and read; those of one sample are a member of its line."""
    generator = RNG(3)
    lines = some_lines(group, 12, generator, mixed=mixed)
    map_of = Coordinates(lines)
    for _ in range(5):
        values = generator.integers(0, 256, 12, np.uint8)
        assert np.array_equal(map_of.read(map_of.combined(values)), values)
    single = np.zeros(12, np.uint8)
    single[4] = 77
    assert on_a_line(group, [map_of.combined(single * np.uint8(k % 256)) for k in range(1, 20, 2)])
    assert name_of(group, map_of.combined(single)) in lines[4].names()


@pytest.mark.parametrize("group", GROUPS[:2], ids=lambda group: group.name)
def test_lines_are_told_from_what_is_none(group) -> None:
    """Multiples of one vector give its line; random differences, or those of two samples, give none."""
    generator = RNG(4)
    one, other = some_lines(group, 12, generator)[:2]
    found = line_through(group, [one.multiple(generator) for _ in range(20)])
    assert found is not None
    assert set(found.names()) == set(one.names()) or not group.xor
    assert not on_a_line(group, list(generator.integers(0, 256, (10, 12), np.uint8)))
    mixed = [group.plus(one.multiple(generator), other.multiple(generator)) for _ in range(12)]
    assert not on_a_line(group, mixed)
    with pytest.raises(ValueError, match="on no line"):
        line_through(group, mixed)
    assert line_through(group, [np.zeros(12, np.uint8)] * 3) is None


@pytest.mark.parametrize("shape", [(4, 8), (5, 7), (6, 6, 3), (2, 9)])
def test_patterns_fit_images(shape) -> None:
    """Each changes something, has the image's size, and can be moved until nothing is left of it."""
    size = int(np.prod(shape))
    found = patterns(shape)
    assert {kind for kind, _ in found} == {"unit", "passes", "area"}
    assert all(pattern.size == size and pattern.any() for _, pattern in found)
    assert all(edge.size == size for edge in edges(shape))
    larger = patterns((shape[0] + 9, shape[1] + 9, *shape[2:]))
    assert [kind for kind, _ in larger][: len(found)] == [kind for kind, _ in found]
    for by in (-size + 1, -1, 0, 2, size - 1):
        moved = shifted(found[3][1], by)
        places = np.flatnonzero(found[3][1]) + by
        assert np.flatnonzero(moved).tolist() == [place for place in places.tolist() if 0 <= place < size]
