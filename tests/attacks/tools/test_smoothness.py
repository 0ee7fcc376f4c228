"""The smoothest of many candidates is found, as a whole or by parts; among noise nothing is significant."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.tools.smoothness import Smoothest
from tests.attacks.toys import smooth


def test_a_picture_among_noise_is_found() -> None:
    """As a whole, and one row in each of several candidates."""
    generator, target = np.random.default_rng(0), smooth(16, 64, 3)
    whole, by_row = Smoothest(target.shape), Smoothest(target.shape)
    for index in range(32):
        noise = generator.integers(0, 256, target.shape, np.uint8)
        whole.add(target if index == 20 else noise)
        if index < 16:
            noise[index] = target[index]
        by_row.add(noise)
    choice = whole.best()
    assert np.unique(choice.chosen).tolist() == [20]
    assert choice.log_p < -100
    assert np.array_equal(np.broadcast_to(by_row.best().chosen, (16, 3))[:, 0], np.arange(16))


@pytest.mark.parametrize("shape", [(1, 1), (7, 1, 3), (1, 9), (33, 47, 3), (5, 2, 4)])
def test_roughness_sums_distances_of_disjoint_neighbours(shape) -> None:
    """In a row, an odd last column left out, for each row of each channel; the least of all candidates is kept."""
    images = np.random.default_rng(2).integers(0, 256, (3, *shape), np.uint8)
    search = Smoothest(shape)
    for image in images:
        search.add(image)
    even = shape[1] // 2 * 2
    cells = images.reshape(3, *shape[:2], -1).astype(int)
    rough = np.abs(cells[:, :, 1:even:2] - cells[:, :, 0:even:2]).sum(axis=2)
    choice = search.best()
    total = {"image": (1, 2), "channel": (1,), "row": (2,), "row of a channel": ()}[choice.parts]
    assert np.array_equal(choice.chosen, rough.sum(axis=total, keepdims=True).argmin(axis=0))


def test_p_values_of_noise_are_valid() -> None:
    """In 200 searches among noise at most 22 p-values are below 0.05 (10 expected)."""
    generator = np.random.default_rng(1)
    low = 0
    for _ in range(200):
        search = Smoothest((16, 16))
        for _ in range(8):
            search.add(generator.integers(0, 256, (16, 16), np.uint8))
        low += search.best().log_p < np.log(0.05)
    assert low <= 22
