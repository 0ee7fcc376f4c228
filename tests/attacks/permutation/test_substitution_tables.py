"""Any table at any place of any permutation is read off."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.permutation.substitution_tables import SubstitutionTables
from cryptobench.attacks.runner import play
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, photograph


def tables(image, seed):
    """A random permutation, and a random table for every one of the samples."""
    generator = np.random.default_rng(order(seed, 8))
    boxes = generator.permuted(np.tile(np.arange(256, dtype=np.uint8), (image.size, 1)), axis=1)
    moved = image.ravel()[order(seed, image.size)]
    return boxes[np.arange(image.size), moved].reshape(image.shape)


@pytest.mark.parametrize(
    ("cipher", "shape"),
    [(load_cipher("permutation-xor"), (32, 32, 3)), (load_cipher("caesar"), (19, 33)), (Toy(tables), (16, 24))],
)
def test_tables_and_permutations_fall(cipher, shape) -> None:
    """256 flat images and two digits recover every sample."""
    played = play(SubstitutionTables(), cipher, photograph(*shape))
    assert (played.verdict, played.score.share) == ("broken", 1.0)
    assert played.queries.total == played.queries.encryptions == 258


@pytest.mark.parametrize("cipher", [load_cipher("aes-256-siv"), load_cipher("truncated-key"), Toy(ideal)])
def test_others_are_left_after_32_queries(cipher) -> None:
    """No leak in 20 keys."""
    played = [play(SubstitutionTables(), cipher, photograph(12, 16), seed, mode="misuse") for seed in range(20)]
    assert {(one.verdict, one.queries.total) for one in played} == {("holds", 32)}
