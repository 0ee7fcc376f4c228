"""Deterministic encryption is found, and only that."""

from __future__ import annotations

import pytest

from cryptobench.attacks.leakage.determinism import Determinism
from cryptobench.attacks.runner import attack_target, modes_of
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, order, xored
from tests.attacks.toys import smooth

TARGET = smooth(8, 11, 3)


@pytest.mark.parametrize("name", ["caesar", "xor-pad", "add-chain", "sum-ctr", "aes-256-ecb"])
def test_ciphers_without_nonce_are_deterministic(name) -> None:
    """Two encryptions suffice."""
    run = attack_target(Determinism(), load_cipher(name), TARGET)
    assert (run.outcome, run.result.claims, run.queries.total) == ("leak", ("deterministic",), 2)


def test_an_unused_nonce_changes_nothing() -> None:
    """Cipher images are equal though the headers are not."""
    cipher = Toy(lambda image, seed: xored(image, seed[:16]), nonce=True)
    run = attack_target(Determinism(), cipher, TARGET)
    assert (run.outcome, run.result.claims) == ("leak", ("deterministic",))
    assert run.result.notes == "headers differ"


def test_a_fresh_permutation_is_not_deterministic() -> None:
    """Flat images would come out the same."""
    cipher = Toy(lambda image, seed: image.ravel()[order(seed, image.size)].reshape(image.shape), nonce=True)
    assert attack_target(Determinism(), cipher, TARGET).outcome == "holds"


@pytest.mark.parametrize("name", ["aes-256-ctr", "aes-256-siv", "chacha20-poly1305"])
def test_references_with_fresh_nonces_are_not(name) -> None:
    """No claim and p-value 1 under any of 100 keys."""
    cipher = load_cipher(name)
    for seed in range(100):
        run = attack_target(Determinism(), cipher, TARGET, seed)
        assert (run.outcome, run.result.p_value) == ("holds", 1.0)


def test_it_is_not_run_with_fixed_nonces() -> None:
    """There every cipher is deterministic, and that means nothing."""
    assert modes_of(Determinism(), load_cipher("aes-256-siv").card) == ("fresh",)
