"""What samples contribute to sums: independent rows, tables undone at once, and sums taken apart."""

from __future__ import annotations

import numpy as np

from cryptobench.attacks.tools.contributions import Parts, Undone, independent_rows
from cryptobench.attacks.tools.gf2 import null_space

RNG = np.random.default_rng(7)


def rank(rows: np.ndarray) -> int:
    """By the space of solutions, which is found in another way."""
    return rows.shape[1] - len(null_space(rows))


def test_rows_are_chosen_where_the_rank_grows() -> None:
    """As the rank of ever more rows says; a row of zeros is not chosen."""
    rows = RNG.integers(0, 2, (12, 9), np.uint8)
    rows[0], rows[3], rows[5] = 0, rows[1] ^ rows[2], rows[4]
    ranks = [rank(rows[:count]) if count else 0 for count in range(13)]
    assert independent_rows(rows) == [number for number in range(12) if ranks[number + 1] > ranks[number]]


def test_each_sample_is_undone_by_its_table() -> None:
    """Tables of 8, no and 10 bits, one after the other; a value without bits leaves only these unknown."""
    tables = [RNG.integers(0, 2, (256, bits)).astype(np.int8) for bits in (8, 0, 10)]
    tables[2][17] = -1
    undone, image = Undone([table.copy() for table in tables]), np.array([[200, 3, 4]], np.uint8)
    expected = np.concatenate((tables[0][200], tables[2][4]))
    bits = undone(image)
    assert bits is not None
    assert bits.dtype == np.uint8
    assert np.array_equal(bits, expected)
    image[0, 2] = 17
    assert undone(image) is None
    partly, known = undone.partly(image)
    assert np.array_equal(partly[:8], tables[0][200])
    assert known.tolist() == [True] * 8 + [False] * 10


def test_fourth_corners_teach_the_tables() -> None:
    """The bits of an unknown value are the sum of those of three corners."""
    table = RNG.integers(0, 2, (256, 8)).astype(np.int8)
    undone = Undone([np.where(np.arange(256)[:, None] == 9, -1, table).astype(np.int8)])
    one, two, three, unknown = (np.array([value], np.uint8) for value in (1, 2, 3, 9))
    undone.learn(unknown, one, two, three)
    bits = undone(unknown)
    assert bits is not None
    assert np.array_equal(bits, table[1] ^ table[2] ^ table[3])


def test_sums_are_taken_apart_by_sample() -> None:
    """What each sample gave is found again, and samples are alike exactly where they gave the same.

    One sample in the middle and the last one contribute nothing at all.
    """
    dimensions = (3, 0, 5, 2, 0)
    rows = np.zeros((0, 24), np.uint8)
    while len(rows) < sum(dimensions):
        rows = np.concatenate((rows, RNG.integers(0, 2, (1, 24), np.uint8)))
        rows = rows[independent_rows(rows)]
    spans = np.split(rows, np.cumsum(dimensions)[:-1])
    parts = Parts(spans)

    def drawn() -> tuple[list[np.ndarray], np.ndarray]:
        given = [RNG.integers(0, 2, len(span), np.uint8) @ span & 1 for span in spans]
        return given, np.bitwise_xor.reduce(given)

    (one, first), (two, second) = drawn(), drawn()
    found, other = parts.of(first), parts.of(second)
    assert found is not None
    assert other is not None
    assert all(np.array_equal(parts.contribution(found, k), given) for k, given in enumerate(one))
    assert parts.alike(found, other).tolist() == [np.array_equal(a, b) for a, b in zip(one, two, strict=True)]
    beyond = null_space(rows)[0]  # not orthogonal to itself, or to another: some vector is outside of the sums
    outside = next(v for v in np.eye(24, dtype=np.uint8) if v @ beyond & 1)
    assert parts.of(first ^ outside) is None
