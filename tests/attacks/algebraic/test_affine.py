"""Affine ciphers are recognised over GF(2), by bit plane too, and over Z/256; others are not."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.algebraic.affine_gf2 import AffineGf2
from cryptobench.attacks.algebraic.affine_z256 import AffineZ256
from cryptobench.attacks.runner import play
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added, xored
from tests.attacks.toys import smooth

TARGET = smooth(24, 20, 3)


@pytest.mark.parametrize("name", ["xor-pad", "permutation-xor", "xor-chain", "permutation-only"])
def test_xor_ciphers_are_affine_over_gf2(name) -> None:
    """Every sample satisfies the relation, with four queries."""
    played = play(AffineGf2(), load_cipher(name), TARGET)
    assert (played.verdict, played.result.statistic, played.result.claims) == ("leak", 1.0, ("affine",))
    assert played.queries.total == played.queries.encryptions == 4


@pytest.mark.parametrize("name", ["add-chain", "hua2021", "permutation-only", "caesar"])
def test_addition_ciphers_are_affine_over_z256(name) -> None:
    """Every sample satisfies the relation, with four queries."""
    played = play(AffineZ256(), load_cipher(name), smooth(32, 32, 3))
    assert (played.verdict, played.result.statistic, played.result.claims) == ("leak", 1.0, ("affine",))
    assert played.queries.total == played.queries.encryptions == 4


@pytest.mark.parametrize(
    ("attack", "body", "note"),
    [
        (AffineGf2(), lambda image, seed: added(np.bitwise_xor.accumulate(image, axis=1), seed), "mask: y = x + k"),
        (AffineZ256(), lambda image, seed: xored(np.cumsum(image, axis=1, dtype=np.uint8), seed), "mask: y = x XOR k"),
    ],
    ids=["XORs, then a sum", "sums, then XOR"],
)
def test_a_mask_of_the_other_kind_hides_nothing(attack, body, note) -> None:
    """The map behind it is as linear as it was."""
    played = play(attack, Toy(body), TARGET)
    assert (played.verdict, played.result.statistic, played.result.claims) == ("leak", 1.0, ("affine",))
    assert note in played.result.notes


@pytest.mark.parametrize(("name", "planes"), [("chen2004", (0, 1)), ("barik2020", (0, 1)), ("hua2021", (0,))])
def test_low_bit_planes_are_affine_where_the_whole_is_not(name, planes) -> None:
    """Ciphers that mix XOR and addition are exactly affine in their lowest planes only."""
    played = play(AffineGf2(), load_cipher(name), smooth(64, 64, 3))
    numbers = played.result.numbers
    assert [plane for plane in range(8) if numbers[f"affine_plane_{plane}"] == 1.0] == list(planes)
    assert (played.verdict, played.result.claims) == ("leak", ())
    assert played.result.statistic is not None
    assert played.result.statistic < 0.05


@pytest.mark.parametrize("attack", [AffineGf2(), AffineZ256()])
@pytest.mark.parametrize(
    ("name", "mode"), [("aes-256-siv", "respect"), ("aes-256-siv", "misuse"), ("aes-256-ctr", "respect")]
)
def test_nothing_is_found_in_ciphers_that_are_not_affine(attack, name, mode) -> None:
    """Over 100 keys the verdict holds, and p-values below 0.05 are as rare as they say."""
    cipher, target = load_cipher(name), smooth(16, 16, 3)
    played = [play(attack, cipher, target, seed, mode=mode) for seed in range(100)]
    assert {one.verdict for one in played} == {"holds"}
    assert sum(one.result.p_value < 0.05 for one in played) <= 15  # 5 expected


def test_the_relations_are_those_of_the_plaintexts() -> None:
    """a XOR b and a + b mod 256 are what the probes are called."""
    from cryptobench.attacks.experiment import Scene

    scene = Scene(load_cipher("xor-pad"), TARGET)
    a, b = scene.probe("a").astype(int), scene.probe("b").astype(int)
    assert np.array_equal(scene.probe("a^b"), a ^ b)
    assert np.array_equal(scene.probe("a+b"), (a + b) % 256)
