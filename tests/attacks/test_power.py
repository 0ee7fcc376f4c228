"""Every control falls to, or is flagged by, attacks on its kind of defect; references fall to none."""

from __future__ import annotations

import math

import pytest

from cryptobench.attacks.query_formula import queries_at
from cryptobench.attacks.runner import AttackRun, attack_target, modes_of, photographs_for
from cryptobench.cipher import Image
from cryptobench.registry import attack_names, cipher_names, load_attack, load_cipher, read_card
from tests.attacks.keyed_toys import photograph

# Attacks, the side of the challenge in pixels, and the verdict.
POWER = {
    "aes-256-ecb": [("block_repetition", 16, "leak")],
    "add-chain": [("affine_cca", 16, "recovered"), ("affine_z256", 16, "leak")],
    "arnold-cat": [("permutation", 16, "recovered"), ("histogram_preserved", 16, "leak")],
    "biased-keystream": [("keystream_bias", 16, "leak")],
    "byte-feedback": [("cipher_feedback", 16, "recovered"), ("locality", 16, "leak")],
    "caesar": [("keystream_reuse", 16, "recovered")],
    "cbc-constant-iv": [("block_dictionary", 4, "leak"), ("locality", 16, "leak")],
    "channelwise": [("locality", 16, "leak")],
    "correlated-channels": [("keystream_bias", 16, "leak")],
    "enclosed-tables": [("keyed_core", 8, "recovered")],
    "equal-tags": [("equality_leak", 16, "leak")],
    "few-rounds": [("chosen_differences", 8, "leak")],
    "first-row-permutation": [("permutation", 16, "recovered"), ("histogram_preserved", 16, "leak")],
    "float-orbit": [("shared_cycles", 32, "recovered")],
    "identity": [("keystream_reuse", 16, "recovered")],
    "key-sum": [("key_search", 16, "recovered")],
    "latin-chain": [("adaptive_values", 4, "recovered")],
    "low-entropy-keystream": [("keystream_bias", 16, "leak")],
    "lsb-leak": [("keystream_bias", 16, "leak"), ("affine_gf2", 16, "leak")],
    "packed-preview": [("length_leak", 16, "leak")],
    "permutation-only": [("permutation", 16, "recovered"), ("histogram_preserved", 16, "leak")],
    "permutation-xor": [("permutation", 16, "recovered"), ("substitution_tables", 16, "recovered")],
    "public-hash": [("header_replay", 16, "recovered")],
    "sample-keyed": [("state_class", 8, "recovered")],
    "short-cycle": [("periodic_keystream", 16, "leak")],
    "short-iv": [("nonce_search", 32, "recovered")],
    "single-round-chain": [("locality", 16, "leak"), ("substitution_tables", 16, "recovered")],
    "stuck-counter": [("periodic_keystream", 32, "recovered"), ("block_repetition", 16, "leak")],
    "sum-ctr": [("plaintext_state", 16, "recovered")],
    "sum-keyed-permutation": [("decryption_map", 16, "recovered")],
    "truncated-key": [("weak_keys", 16, "leak")],
    "two-round-spn": [("sums_of_tables", 4, "recovered")],
    "two-way-chain": [("bit_plane_lifting", 16, "recovered")],
    "xor-chain": [("affine_cca", 16, "recovered"), ("affine_gf2", 16, "leak")],
    "xor-keyed-chain": [("state_class", 16, "recovered")],
    "xor-pad": [("keystream_reuse", 8, "recovered")],
}
ON_AVERAGE = ("adaptive_values",)  # attacks whose formula is what they need on average
REFERENCES = ("aes-256-ctr", "aes-256-siv", "chacha20-poly1305")
_SIDE = 16


def run(attack: str, cipher: str, target: Image, seed: int = 0, mode: str = "fresh") -> AttackRun:
    return attack_target(
        load_attack(attack), load_cipher(cipher), target, seed, mode=mode, photographs=photographs_for("astronaut")
    )  # fmt: skip


def test_every_control_has_an_attack() -> None:
    """The table names all registered controls."""
    assert set(POWER) == {name for name in cipher_names() if read_card(name).family == "control"}


@pytest.mark.parametrize("control", POWER)
def test_controls_are_caught(control: str) -> None:
    """Under fresh nonces, by each attack in the table, with the verdict of the table, in no more queries than its
    formula says."""
    for attack, side, verdict in POWER[control]:
        one = run(attack, control, photograph(side, side, 3))
        assert (attack, one.outcome) == (attack, verdict), one.result
        if one.outcome == "recovered":
            most = queries_at(one.formula, math.prod(one.shape)) * (1.1 if attack in ON_AVERAGE else 1)
            assert one.queries.total <= most, (attack, one.formula)


@pytest.mark.parametrize("reference", REFERENCES)
def test_references_are_not(reference: str) -> None:
    """Two keys and fresh nonces: nothing is found, but that AES-256-SIV is deterministic where it takes no nonce.

    Chosen ciphertexts are left out against AES-256-CTR, which is malleable.
    """
    cipher, target = load_cipher(reference), photograph(_SIDE, _SIDE, 3)
    for seed in range(2):
        for name in attack_names():
            attack = load_attack(name)
            malleable = reference == "aes-256-ctr" and attack.model == "CCA"
            if attack.against or malleable or "fresh" not in modes_of(attack, cipher.card):
                continue
            one = run(name, reference, target, seed)
            known = "deterministic" in one.result.claims and one.outcome == "leak"
            assert known or one.outcome in ("holds", "n/a"), (name, seed, one.result)
