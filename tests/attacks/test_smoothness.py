"""The smoothest of many candidates is found, whole or part by part, and noise has no smoothest."""

from __future__ import annotations

import numpy as np

from cryptobench.attacks.smoothness import Smoothest
from tests.attacks.toys import smooth


def test_a_picture_among_noise_is_found() -> None:
    """As a whole, and one row in each of several candidates."""
    generator, target = np.random.default_rng(0), smooth(16, 64, 3)
    whole, by_row = Smoothest(target.shape), Smoothest(target.shape)
    for index in range(32):
        noise = generator.integers(0, 256, target.shape, np.uint8)
        whole.offer(target if index == 20 else noise)
        if index < 16:
            noise[index] = target[index]
        by_row.offer(noise)
    choice = whole.best()
    assert np.unique(choice.chosen).tolist() == [20]
    assert choice.log_p < -100
    assert np.array_equal(np.broadcast_to(by_row.best().chosen, (16, 3))[:, 0], np.arange(16))


def test_p_values_of_noise_are_no_smaller_than_they_say() -> None:
    """In 200 searches among noise at most 22 p-values are below 0.05 (10 expected)."""
    generator = np.random.default_rng(1)
    low = 0
    for _ in range(200):
        search = Smoothest((16, 16))
        for _ in range(8):
            search.offer(generator.integers(0, 256, (16, 16), np.uint8))
        low += search.best().log_p < np.log(0.05)
    assert low <= 22
