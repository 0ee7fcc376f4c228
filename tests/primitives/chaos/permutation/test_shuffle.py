"""Shuffle targets against Python's integers, and the shuffle itself."""

import math

import numpy as np
import pytest

from cryptobench.primitives.chaos.permutation.index import shuffle_targets, swap_train

RNG = np.random.default_rng(64)


@pytest.mark.parametrize("first", [0, 5, 786_431, 2**20 - 1, 2**30, 2**31 - 5002])
def test_targets_are_exact_remainders(first: int):
    """Equal to Python's integer arithmetic, up to sizes of 2^31, and for the states 0 and 1."""
    x = RNG.random(5000)
    x[:3] = 0.0, 1.0, 1.0 - 2.0**-53
    out = np.empty(5000, np.int32)
    shuffle_targets(x, first, out)
    assert out.tolist() == [math.floor(v * 2**36) % (first + i + 1) for i, v in enumerate(x.tolist())]


def test_targets_at_exact_multiples_are_zero():
    """Where size divides floor(2^36 x), and one below or above, no rounding of the quotient shows."""
    for size in (3, 7, 1000, 65_537, 3_145_728, 2**31 - 1):
        word = 2**36 // size * size
        x = np.array([(word + d) / 2**36 for d in (-1, 0, 1)])
        for i, expected in enumerate((size - 1, 0, 1 % size)):
            out = np.empty(1, np.int32)
            shuffle_targets(x[i : i + 1], size - 1, out)
            assert out[0] == expected


def test_every_order_of_four_is_equally_likely():
    """24000 shuffles give each of the 24 orders about 1000 times (chi-square below its 0.1 % point, 49.7)."""
    seen: dict[tuple[int, ...], int] = {}
    for _ in range(24_000):
        data, targets = np.arange(4, dtype=np.uint8), np.empty(4, np.int32)
        shuffle_targets(RNG.random(4), 0, targets)
        swap_train(data, 0, targets, True)
        seen[tuple(data.tolist())] = seen.get(tuple(data.tolist()), 0) + 1
    assert len(seen) == 24
    assert sum((count - 1000) ** 2 / 1000 for count in seen.values()) < 49.7


def test_the_shuffle_is_undone_by_the_forward_train():
    """For lengths 1, 2 and 1000."""
    for n in (1, 2, 1000):
        data, targets = RNG.integers(0, 256, n, np.uint8), np.empty(n, np.int32)
        shuffle_targets(RNG.random(n), 0, targets)
        moved = data.copy()
        swap_train(moved, 0, targets, True)
        swap_train(moved, 0, targets, False)
        assert np.array_equal(moved, data)
