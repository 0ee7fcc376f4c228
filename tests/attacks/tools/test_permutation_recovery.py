"""Index images encode every index, and permutations behind masks and chains are recovered from them."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.combiners import COMBINERS
from cryptobench.attacks.tools.permutation_recovery import (
    chained_permutation,
    index_digits,
    index_images,
    masked_permutations,
    source_coverage,
    source_indices,
    unpermuted,
)
from tests.attacks.keyed_toys import chained, permuted, stream


@pytest.mark.parametrize(("samples", "digits"), [(1, 1), (256, 1), (257, 2), (65536, 2), (65537, 3), (196608, 3)])
def test_digits_are_the_logarithm(samples, digits) -> None:
    """ceil(log256 N), at least one."""
    assert index_digits(samples) == digits


@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (257, 263), (33, 47, 3)])
def test_index_images_encode_every_index(shape) -> None:
    """The sources of the index images themselves are 0, 1, 2, ..."""
    samples = int(np.prod(shape))
    source = source_indices(index_images(shape), samples)
    assert np.array_equal(source, np.arange(samples))
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert np.array_equal(unpermuted(image, source, shape), image)


def test_an_input_named_twice_counts_once() -> None:
    """5 of 100 inputs are a source; outputs without one do not count."""
    source = np.array([0, 7, 7, 99, -1, 50, 50, 50, -1, 3])
    assert source_coverage(source, 100)[0] == 0.05
    assert source_coverage(np.full(9, -1), 100)[0] == 0


@pytest.mark.parametrize("samples", [200, 300, 8192])
def test_p_values_under_chance_are_valid(samples) -> None:
    """Uniform outputs give p-values below 0.05 in no more of 200 trials than chance allows (22 is 1e-4)."""
    generator = np.random.default_rng(samples)
    labels = 256 ** index_digits(samples)
    low = 0
    for _ in range(200):
        source = generator.integers(0, labels, samples)
        low += source_coverage(np.where(source < samples, source, -1), samples)[2] < 0.05
    assert low <= 22


@pytest.mark.parametrize("combiner", COMBINERS, ids=lambda combiner: combiner.name)
def test_permutations_behind_each_mask_are_recovered(combiner) -> None:
    """Every input is the source of one output under the right combiner."""
    shape, seed = (33, 20, 3), b"key"
    order, mask = np.random.default_rng(1).permutation(1980), stream(seed, 1980).reshape(shape)

    def encrypt(image):
        return combiner.combine(image.ravel()[order].reshape(shape), mask)

    found = masked_permutations(encrypt(np.zeros(shape, np.uint8)), list(map(encrypt, index_images(shape))), 1980)
    right = next(one for one in found if one.combiner is combiner)
    assert right.share == found[0].share == 1
    assert right.p_value < LEAK_LEVEL
    assert np.array_equal(right.source, order)


@pytest.mark.parametrize("level", [0, 77])
def test_permutations_behind_a_chain_are_recovered(level) -> None:
    """From an image of any level, with the lag and the chain."""
    shape, seed = (16, 15, 3), bytes(16)
    encrypt = permuted(chained(lambda p, f, k: (p + f) ^ k, lag=3))
    image = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    flat = encrypt(np.full(shape, level, np.uint8), seed)
    digits = [encrypt(image, seed) for image in index_images(shape)]
    found = chained_permutation(flat, digits, shape, np.full(1, level, np.uint8))
    assert (found.chain.name, found.lag, found.p_value < LEAK_LEVEL) == ("(p + f) XOR k", 3, True)
    assert np.mean(found.decrypt(encrypt(image, seed), shape) == image) > ALMOST_ALL
