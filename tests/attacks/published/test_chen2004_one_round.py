"""Four chosen plaintexts break one round of Chen, Mao and Chui's cipher."""

import numpy as np
import pytest

from cryptobench.attacks.published.chen2004_one_round import Chen2004OneRound
from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.chaotic.chen2004 import Chen2004
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import photograph


@pytest.mark.parametrize("shape", [(256, 256), (64, 64, 3), (33, 47)], ids=str)
def test_four_queries_break_one_round(shape) -> None:
    """Every sample, up to 256 x 256 of them, under three keys."""
    for seed in range(3):
        run = attack_target(Chen2004OneRound(), Chen2004(rounds=1), photograph(*shape), seed)
        assert run.queries.total == run.queries.encryptions == 4
        assert (run.outcome, run.score.share) == ("recovered", 1.0)


def test_larger_images_take_a_digit_more() -> None:
    """256 x 256 x 3 needs three digits of each index: five queries."""
    run = attack_target(Chen2004OneRound(), Chen2004(rounds=1), photograph(256, 256, 3))
    assert (run.outcome, run.queries.total) == ("recovered", 5)


@pytest.mark.parametrize(
    "cipher", [Chen2004(rounds=2), Chen2004(), load_cipher("aes-256-siv")], ids=["two", "three", "siv"]
)
def test_more_rounds_hold(cipher) -> None:
    """Nothing is claimed."""
    run = attack_target(Chen2004OneRound(), cipher, np.ascontiguousarray(photograph(64, 64)))
    assert (run.outcome, run.score.share) == ("holds", 0.0)
