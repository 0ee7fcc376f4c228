"""Determinism is found where it is, and only there."""

from __future__ import annotations

import pytest

from cryptobench.attacks.leakage.determinism import Determinism
from cryptobench.attacks.runner import modes_played, play
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, order, xored
from tests.attacks.toys import smooth

TARGET = smooth(8, 11, 3)


@pytest.mark.parametrize("name", ["caesar", "xor-pad", "add-chain", "sum-ctr", "aes-256-ecb"])
def test_ciphers_without_nonce_are_deterministic(name) -> None:
    """Two encryptions suffice to see it."""
    played = play(Determinism(), load_cipher(name), TARGET)
    assert (played.verdict, played.result.claims, played.queries.total) == ("leak", ("deterministic",), 2)


def test_a_nonce_that_is_sent_and_not_used_changes_nothing() -> None:
    """Cipher images are equal though the headers are not."""
    cipher = Toy(lambda image, seed: xored(image, seed[:16]), nonce=True)
    played = play(Determinism(), cipher, TARGET)
    assert (played.verdict, played.result.claims) == ("leak", ("deterministic",))
    assert played.result.notes == "headers differ"


def test_a_fresh_permutation_is_not_deterministic() -> None:
    """Flat images would come out the same."""
    cipher = Toy(lambda image, seed: image.ravel()[order(seed, image.size)].reshape(image.shape), nonce=True)
    assert play(Determinism(), cipher, TARGET).verdict == "holds"


@pytest.mark.parametrize("name", ["aes-256-ctr", "aes-256-siv", "chacha20-poly1305"])
def test_references_with_fresh_nonces_are_not(name) -> None:
    """No claim and p-value 1 under any of 100 keys."""
    cipher = load_cipher(name)
    for seed in range(100):
        played = play(Determinism(), cipher, TARGET, seed)
        assert (played.verdict, played.result.p_value) == ("holds", 1.0)


def test_it_is_not_played_with_the_nonce_held_still() -> None:
    """There every cipher is deterministic, and that says nothing."""
    assert modes_played(Determinism(), load_cipher("aes-256-siv")) == ("respect",)
