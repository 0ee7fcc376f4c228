"""Ciphers that are affine over Z/256 are recognised; others are not."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.algebraic.affine_z256 import AffineZ256
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, xored
from tests.attacks.toys import smooth

TARGET = smooth(24, 20, 3)


@pytest.mark.parametrize("name", ["add-chain", "hua2021", "permutation-only", "caesar"])
def test_addition_ciphers_are_affine_over_z256(name) -> None:
    """Every sample satisfies the relation, with four queries."""
    run = attack_target(AffineZ256(), load_cipher(name), smooth(32, 32, 3))
    assert (run.outcome, run.result.statistic, run.result.claims) == ("leak", 1.0, ("affine",))
    assert run.queries.total == run.queries.encryptions == 4


def sums_xored(image, seed):
    return xored(np.cumsum(image, axis=1, dtype=np.uint8), seed)


def test_a_mask_of_the_other_kind_hides_nothing() -> None:
    """The map behind it is as linear as it was."""
    run = attack_target(AffineZ256(), Toy(sums_xored), TARGET)
    assert (run.outcome, run.result.statistic, run.result.claims) == ("leak", 1.0, ("affine",))
    assert "mask: y = x XOR k" in run.result.notes


@pytest.mark.parametrize(
    ("name", "mode"), [("aes-256-siv", "fresh"), ("aes-256-siv", "fixed"), ("aes-256-ctr", "fresh")]
)
def test_other_ciphers_hold(name, mode) -> None:
    """Over 100 keys the verdict holds, and p-values below 0.05 are as rare as they say."""
    cipher, target = load_cipher(name), smooth(16, 16, 3)
    runs = [attack_target(AffineZ256(), cipher, target, seed, mode=mode) for seed in range(100)]
    assert {one.outcome for one in runs} == {"holds"}
    assert sum(one.result.p_value < 0.05 for one in runs) <= 15  # 5 expected
