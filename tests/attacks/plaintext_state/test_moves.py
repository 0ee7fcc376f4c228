"""Moves keep what they are named after, and a disturbance keeps none of it."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.plaintext_state.invariants import MOVES, Board, disturbed

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
    "XOR of each column": lambda x: [np.bitwise_xor.reduce(x, axis=0)],
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


def test_disturbances_change_the_rest() -> None:
    """Minimum, maximum, mean, every column and channel, and all samples but those of one band in eight each."""
    board, generator = Board((24, 20, 3)), np.random.default_rng(1)
    start = board.start(generator)
    for _ in range(20):
        images = disturbed(board, start, generator)
        changes = [image ^ start for image in images]
        assert not np.any(changes[0] & changes[1])
        assert np.array_equal(images[0] + images[1] - start, images[0] | images[1])
        untouched = [np.flatnonzero((change[:, 1:8] == 0).all(axis=(1, 2))) for change in changes]
        assert [len(rows) for rows in untouched] == [3, 3]
        assert not set(untouched[0]) & set(untouched[1])
        for image, change in zip(images, changes, strict=True):
            assert np.mean(change > 0) > 0.85
            assert int(image.mean()) != int(start.mean())
            assert np.any(change, axis=(0, 2)).all()
            assert change[board.landmarks].all()
