"""Any substitution table of any permuted sample is recovered."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.permutation.substitution_tables import SubstitutionTables
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, photograph


def tables(image, seed):
    """A random permutation, and a random table for every one of the samples."""
    generator = np.random.default_rng(order(seed, 8))
    boxes = generator.permuted(np.tile(np.arange(256, dtype=np.uint8), (image.size, 1)), axis=1)
    shuffled = image.ravel()[order(seed, image.size)]
    return boxes[np.arange(image.size), shuffled].reshape(image.shape)


@pytest.mark.parametrize(
    ("cipher", "shape"),
    [(load_cipher("permutation-xor"), (32, 32, 3)), (load_cipher("caesar"), (19, 33)), (Toy(tables), (16, 24))],
)
def test_tables_and_permutations_fall(cipher, shape) -> None:
    """256 flat images and two digits recover every sample."""
    run = attack_target(SubstitutionTables(), cipher, photograph(*shape))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total == run.queries.encryptions == 258


@pytest.mark.parametrize("cipher", [load_cipher("aes-256-siv"), load_cipher("truncated-key"), Toy(ideal)])
def test_other_ciphers_take_32_queries(cipher) -> None:
    """No leak under 20 keys."""
    runs = [attack_target(SubstitutionTables(), cipher, photograph(12, 16), seed, mode="fixed") for seed in range(20)]
    assert {(one.outcome, one.queries.total) for one in runs} == {("holds", 32)}
