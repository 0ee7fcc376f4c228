"""What blocks of samples may hold, in order of likelihood."""

from __future__ import annotations

import numpy as np

from cryptobench.attacks.tools.likely_blocks import LikelyBlocks


def block(*samples):
    return np.array(samples, np.uint8)


def all_of(likely, number=0):
    found = []
    while (one := likely.next(number)) is not None:
        found.append(tuple(one.tolist()))
    return found


def test_levels_come_before_pictures() -> None:
    """256 flat blocks, then what pictures hold that is not flat."""
    found = all_of(LikelyBlocks([[block(1, 2, 3), block(7, 7, 7)]]))
    assert found == [*((level,) * 3 for level in range(256)), (1, 2, 3)]


def test_what_was_read_comes_first() -> None:
    """The last first, each once, and only in blocks of its size; then edges between its levels."""
    likely = LikelyBlocks([[block(0, 0, 0)], [block(0, 0)]])
    for one in (block(5, 5, 5), block(4, 9, 9), block(5, 5, 5)):
        likely.was_read(one)
    found = all_of(likely)
    assert found[:3] == [(5, 5, 5), (4, 9, 9), (0, 0, 0)]
    assert found.count((5, 5, 5)) == found.count((4, 9, 9)) == 1
    edges = {(one,) * at + (other,) * (3 - at) for one in (4, 5, 9) for other in (4, 5, 9) for at in (1, 2)}
    assert set(found[257:]) == {edge for edge in edges if len(set(edge)) > 1} - {(4, 9, 9)}
    assert likely.next(1).tolist() == [0, 0]


def test_what_is_read_meanwhile_comes_next() -> None:
    """A block that was being tried is given what another was found to hold."""
    likely = LikelyBlocks([[block(0, 0, 0)]])
    likely.next(0)
    likely.was_read(block(3, 1, 2))
    assert likely.next(0).tolist() == [3, 1, 2]
    assert likely.next(0).tolist() == [1, 1, 1]


def test_two_samples_take_all_values() -> None:
    """Each pair once, by the distance of its levels."""
    found = all_of(LikelyBlocks([[block(9, 200)]]))
    assert len(found) == len(set(found)) == 65536
    distances = [abs(one - other) for one, other in found if (one, other) != (9, 200)]
    assert distances == sorted(distances)


def test_a_block_can_be_tried_again() -> None:
    """From the first on."""
    likely = LikelyBlocks([[block(0, 0, 1)]])
    first = all_of(likely)
    likely.start_again(0)
    assert all_of(likely) == first
