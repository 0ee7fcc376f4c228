"""Moves keep what they are named after, and a disturbance keeps none of it."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.moves import MOVES, Board, disturb

KEPT = {
    "border, middle and extremes": lambda x: [x[0], x[-1], x[:, 0], x[:, -1], x[12, 10], x.min(), x.max()],
    "rounded mean": lambda x: [int(x.mean())],
    "upper seven bits": lambda x: [x >> 1],
    "lower six bits": lambda x: [x & 63],
    "all channels but the first": lambda x: [x[..., 1:]],
    "all channels but the last": lambda x: [x[..., :-1]],
    "the upper half": lambda x: [x[:12]],
    "the lower half": lambda x: [x[12:]],
    "sum mod 256": lambda x: [x.sum(dtype=int) % 256],
    "sum": lambda x: [x.sum(dtype=int)],
    "sum of each channel": lambda x: [x.sum(axis=(0, 1), dtype=int)],
    "sum of each row": lambda x: [x.sum(axis=1, dtype=int)],
    "sum of each column": lambda x: [x.sum(axis=0, dtype=int)],
    "XOR": lambda x: [np.bitwise_xor.reduce(x, axis=None)],
    "XOR of each channel": lambda x: [np.bitwise_xor.reduce(x, axis=(0, 1))],
    "XOR of each row": lambda x: [np.bitwise_xor.reduce(x, axis=1)],
    "histogram": lambda x: [np.sort(x, axis=None)],
    "histogram of each channel": lambda x: [np.sort(x.reshape(-1, 3), axis=0)],
    "histogram of each row": lambda x: [np.sort(x, axis=1)],
}


@pytest.mark.parametrize("name", MOVES)
def test_moves_keep_what_they_say(name) -> None:
    """In 50 draws the image changes, its property and its landmarks do not."""
    board, generator = Board((24, 20, 3)), np.random.default_rng(0)
    start = board.start(generator)
    for _ in range(50):
        image = start.copy()
        MOVES[name](board, image, generator)
        assert not np.array_equal(image, start)
        assert np.array_equal(image[board.landmarks], start[board.landmarks])
        for before, after in zip(KEPT[name](start), KEPT[name](image), strict=True):
            assert np.array_equal(before, after)


@pytest.mark.parametrize("lower", [False, True])
def test_disturbances_change_the_rest(lower) -> None:
    """First, last and middle pixel, extremes, mean, and every row and channel are changed."""
    board, generator = Board((24, 20, 3)), np.random.default_rng(1)
    start = board.start(generator)
    image = start.copy()
    disturb(board, image, generator, lower=lower)
    assert (image[0, 0] != start[0, 0]).all()
    assert (image[-1, -1] != start[-1, -1]).all()
    assert (image[12, 10] != start[12, 10]).all()
    assert (image.min(), image.max()) != (start.min(), start.max())
    assert int(image.mean()) != int(start.mean())
    assert np.any(image != start, axis=(1, 2)).all()
    assert np.any(image != start, axis=(0, 1)).all()
