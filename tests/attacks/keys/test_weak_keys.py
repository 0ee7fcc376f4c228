"""Equivalent and weak keys of several kinds are found, without a query, and none in the references."""

from __future__ import annotations

import hashlib
from functools import reduce
from operator import xor

import numpy as np
import pytest

from cryptobench.attacks.keys.weak_keys import WeakKeys
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import stream
from tests.attacks.toys import smooth

TARGET = smooth(12, 12)
QUICK = WeakKeys(keys=256, bases=2)


class Derived(Cipher):
    """XOR with a stream from ``derive(key)``; with a tag under the whole key, if ``tagged``."""

    card = Card(name="toy", title="", family="toy", fidelity="A", key=(KeyField("x", 64), KeyField("y", 64)))

    def __init__(self, derive, tagged=False) -> None:
        self.derive, self.tagged = derive, tagged

    def encrypt(self, image, key, nonce, *, secret=None):
        cipher_image = image ^ stream(self.derive(key) + nonce, image.size).reshape(image.shape)
        tag = hashlib.sha256(key + cipher_image.tobytes()).digest() if self.tagged else b""
        return Encrypted(cipher_image, nonce + tag)

    def decrypt(self, encrypted, key):
        raise NotImplementedError


def _logistic(key):
    x = int.from_bytes(key[:8], "little")
    return (x * (2**64 - x)).to_bytes(16, "big") + key[8:]


@pytest.mark.parametrize(
    ("derive", "kind"),
    [
        (lambda key: key[:12], "bit flipped"),
        (_logistic, "negated, little-endian"),
        (lambda key: bytes(a ^ b for a, b in zip(key[:8], key[8:], strict=True)) + b"x", "words swapped"),
        (lambda key: bytes([reduce(xor, key), sum(key) & 255]) + bytes(sorted(key)), "neighbouring bytes swapped"),
    ],
)
def test_structural_equivalents_are_found(derive, kind: str) -> None:
    """Unused bits, pairs x and 1 - x, swapped words and unordered bytes are each reported under their kind."""
    run = attack_target(QUICK, Derived(derive), TARGET)
    assert (run.outcome, run.result.claims, run.queries.total) == ("leak", ("distinguisher",), 0)
    assert f"{kind}:" in run.result.notes


def test_a_small_key_space_is_measured_by_collisions() -> None:
    """A key hashed to 12 bits has 12 effective bits, within the error of some 30 expected collisions."""
    cipher = Derived(lambda key: bytes([hashlib.sha256(key).digest()[0], hashlib.sha256(key).digest()[1] & 15]))
    result = attack_target(WeakKeys(keys=512, bases=1), cipher, TARGET).result
    assert result.numbers["effective_key_bits"] == pytest.approx(12, abs=1)
    assert result.numbers["weak_key_share"] > 0.05  # 512 keys with some 60 that share their ciphertext, and 300 related
    assert result.p_value is not None
    assert result.p_value < 1e-6


def test_special_keys_that_stop_the_keystream_are_weak() -> None:
    """A key of zeros that leaves the image as it is."""

    class Frozen(Derived):
        def encrypt(self, image, key, nonce, *, secret=None):
            return Encrypted(image, nonce) if not any(key) else super().encrypt(image, key, nonce)

    run = attack_target(QUICK, Frozen(lambda key: key), TARGET)
    assert (run.outcome, run.result.notes) == ("leak", "weak: every byte 0x00")
    assert 0 < run.result.numbers["weak_key_share"] < 0.005  # one of all that were tried


def test_weakness_under_every_key_is_no_weak_key() -> None:
    """A keystream of 251 bytes repeats under every key, so that special keys are none."""
    assert attack_target(QUICK, load_cipher("short-cycle"), TARGET).outcome == "holds"


def test_keys_of_the_tag_are_not_equivalent() -> None:
    """Half of the key authenticates and leaves the cipher image alone: that is sound, and the headers differ."""
    assert attack_target(QUICK, Derived(lambda key: key[:8], tagged=True), TARGET).outcome == "holds"


@pytest.mark.parametrize("name", ["aes-256-ctr", "aes-256-siv", "chacha20-poly1305"])
def test_references_have_none(name: str) -> None:
    """Not one equal ciphertext, and no weak key, under any of 3 sets of keys."""
    cipher, grey = load_cipher(name), np.ascontiguousarray(TARGET)
    for seed in range(3):
        run = attack_target(WeakKeys(keys=128, bases=1), cipher, grey, seed)
        assert (run.outcome, run.result.statistic, run.result.numbers["weak_keys"]) == ("holds", 0.0, 0)
        assert run.result.numbers["weak_key_share"] == 0
