"""A20: what known pairs alone teach."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.learning.known_pairs_regression import KnownPairsRegression
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added, ideal, permuted_and_xored, photograph, xored

TARGET = photograph(16, 16)
ATTACK = KnownPairsRegression(pairs=192)


@pytest.mark.parametrize("body", [xored, added, permuted_and_xored])
def test_fixed_masks_and_permutations_fall(body) -> None:
    """All of the challenge, exactly, and regression alone explains a good part of other plaintexts."""
    run = attack_target(ATTACK, Toy(body), TARGET)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.known == run.queries.total == 192
    numbers = run.result.numbers
    assert numbers["psnr_regression"] > numbers["psnr_mean_image"] + 0.5
    assert run.result.p_value < 1e-6
    assert numbers["joined_bytes"] == 1


def test_a_map_of_sums_is_learned_by_regression_alone() -> None:
    """Neighbours averaged before a mask: no column is the same, and the plaintext is still explained."""

    def blurred(image, seed):
        return xored((image // 2 + np.roll(image, 1, 1) // 2) & np.uint8(0xF0), seed)

    run = attack_target(ATTACK, Toy(blurred), TARGET)
    assert run.result.numbers["joined_bits"] == 0
    assert run.result.statistic > 0.3
    assert run.result.p_value < 1e-6


def test_a_nonce_helps_where_it_is_fresh() -> None:
    """The same pad falls with the nonce held still and holds with fresh ones."""
    cipher = load_cipher("aes-256-ctr")
    assert attack_target(ATTACK, cipher, TARGET, mode="fixed").outcome == "recovered"
    assert attack_target(ATTACK, cipher, TARGET, mode="fresh").outcome == "holds"


@pytest.mark.parametrize("seed", range(6))
def test_an_ideal_cipher_leaves_the_mean_image(seed) -> None:
    """Regression explains nothing, and the guess is not called a leak."""
    run = attack_target(ATTACK, Toy(ideal), TARGET, seed=seed)
    assert run.outcome == "holds"
    assert run.result.statistic < 0.02
    numbers = run.result.numbers
    assert numbers["psnr_regression"] == pytest.approx(numbers["psnr_mean_image"], abs=0.6)


def test_too_few_pairs_are_refused() -> None:
    """The message says how many are wanted."""
    with pytest.raises(ValueError, match="wanted at least 96"):
        KnownPairsRegression(pairs=20)
