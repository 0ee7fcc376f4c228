"""Digit images spell every index, and few inputs are named by chance."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.tools.permutation_recovery import (
    digit_images,
    digits_needed,
    distinct_p_value,
    gathered,
    sources,
)


@pytest.mark.parametrize(("samples", "digits"), [(1, 1), (256, 1), (257, 2), (65536, 2), (65537, 3), (196608, 3)])
def test_digits_are_the_logarithm(samples, digits) -> None:
    """ceil(log256 N), at least one."""
    assert digits_needed(samples) == digits


@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (257, 263), (33, 47, 3)])
def test_an_unmoved_image_names_every_index_in_order(shape) -> None:
    """The sources of the digit images themselves are 0, 1, 2, ..."""
    samples = int(np.prod(shape))
    source = sources(digit_images(shape), samples)
    assert np.array_equal(source, np.arange(samples))
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert np.array_equal(gathered(image, source, shape), image)


def test_an_input_named_twice_counts_once() -> None:
    """5 of 100 inputs are named; what names none does not count."""
    source = np.array([0, 7, 7, 99, -1, 50, 50, 50, -1, 3])
    assert distinct_p_value(source, 100)[0] == 0.05
    assert distinct_p_value(np.full(9, -1), 100)[0] == 0


@pytest.mark.parametrize("samples", [200, 300, 8192])
def test_p_values_under_chance_are_no_smaller_than_they_say(samples) -> None:
    """Uniform outputs give p-values below 0.05 in no more of 200 trials than chance allows (22 is 1e-4)."""
    generator = np.random.default_rng(samples)
    labels = 256 ** digits_needed(samples)
    low = 0
    for _ in range(200):
        source = generator.integers(0, labels, samples)
        low += distinct_p_value(np.where(source < samples, source, -1), samples)[2] < 0.05
    assert low <= 22
