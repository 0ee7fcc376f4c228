"""Damaged plaintext samples are counted and compared with the ideal share."""

from __future__ import annotations

import pytest

from cryptobench.attacks.malleability.decryption_avalanche import DecryptionAvalanche
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, photograph, xored


@pytest.mark.parametrize(("name", "most"), [("xor-pad", 1), ("aes-256-ecb", 16), ("hua2021", 64), ("add-chain", 64)])
def test_damage_stays_local(name, most) -> None:
    """One byte damages one sample of a stream, one block of ECB, a few samples of chains."""
    run = attack_target(DecryptionAvalanche(), load_cipher(name), photograph(32, 32, 3))
    assert (run.outcome, run.result.claims, run.queries.total) == ("leak", ("malleable",), 21)
    assert 1 <= run.result.numbers["damaged_samples_max"] <= most


def test_an_ideal_cipher_diffuses() -> None:
    """P-values are valid: over 150 keys at most 18 are below 0.05 (7.5 expected), and none is a leak."""
    cipher = Toy(ideal, lambda image, seed: xored(image * 0, seed + image.tobytes()))
    runs = [attack_target(DecryptionAvalanche(), cipher, photograph(12, 16), seed) for seed in range(150)]
    assert {(one.outcome, one.result.claims) for one in runs} == {("holds", ("diffuses",))}
    assert sum(one.result.p_value < 0.05 for one in runs if one.result.p_value is not None) <= 18


def test_rejection_is_no_damage() -> None:
    """Authenticated ciphers reject; a single sample leaves nothing to change."""
    run = attack_target(DecryptionAvalanche(), load_cipher("aes-256-siv"), photograph(16, 12))
    assert run.result.claims == ("rejects",)
    assert not attack_target(DecryptionAvalanche(), load_cipher("xor-pad"), photograph(1, 1)).result.applicable


def test_trials_are_checked() -> None:
    """Three places are the least."""
    with pytest.raises(ValueError, match="trials is 2, wanted at least 3"):
        DecryptionAvalanche(trials=2)
