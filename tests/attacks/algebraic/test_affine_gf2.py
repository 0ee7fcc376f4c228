"""Ciphers that are affine over GF(2), or in single bit planes, are recognised; others are not."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.algebraic.affine_gf2 import AffineGf2
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added
from tests.attacks.toys import smooth

TARGET = smooth(24, 20, 3)


@pytest.mark.parametrize("name", ["xor-pad", "permutation-xor", "xor-chain", "permutation-only"])
def test_xor_ciphers_are_affine_over_gf2(name) -> None:
    """Every sample satisfies the relation, with four queries."""
    run = attack_target(AffineGf2(), load_cipher(name), TARGET)
    assert (run.outcome, run.result.statistic, run.result.claims) == ("leak", 1.0, ("affine",))
    assert run.queries.total == run.queries.encryptions == 4


def xors_added(image, seed):
    return added(np.bitwise_xor.accumulate(image, axis=1), seed)


def test_a_mask_of_the_other_kind_hides_nothing() -> None:
    """The map behind it is as linear as it was."""
    run = attack_target(AffineGf2(), Toy(xors_added), TARGET)
    assert (run.outcome, run.result.statistic, run.result.claims) == ("leak", 1.0, ("affine",))
    assert "mask: y = x + k" in run.result.notes


@pytest.mark.parametrize(("name", "planes"), [("chen2004", (0, 1)), ("barik2020", (0, 1)), ("hua2021", (0,))])
def test_low_bit_planes_alone_may_be_affine(name, planes) -> None:
    """Ciphers that mix XOR and addition are exactly affine in their lowest planes only."""
    run = attack_target(AffineGf2(), load_cipher(name), smooth(64, 64, 3))
    numbers = run.result.numbers
    assert [plane for plane in range(8) if numbers[f"affine_plane_{plane}"] == 1.0] == list(planes)
    assert (run.outcome, run.result.claims) == ("leak", ())
    assert run.result.statistic is not None
    assert run.result.statistic < 0.05


@pytest.mark.parametrize(
    ("name", "mode"), [("aes-256-siv", "fresh"), ("aes-256-siv", "fixed"), ("aes-256-ctr", "fresh")]
)
def test_other_ciphers_hold(name, mode) -> None:
    """Over 100 keys the verdict holds, and p-values below 0.05 are as rare as they say."""
    cipher, target = load_cipher(name), smooth(16, 16, 3)
    runs = [attack_target(AffineGf2(), cipher, target, seed, mode=mode) for seed in range(100)]
    assert {one.outcome for one in runs} == {"holds"}
    assert sum(one.result.p_value < 0.05 for one in runs) <= 15  # 5 expected
