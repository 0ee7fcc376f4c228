"""Key bytes that stand in headers or masks are read; keys that are hashed first, and references, show none."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.keys.key_search import KeySearch, shown_key
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import photograph, stream

TARGET = photograph(15, 16, 3)


class Showing(Cipher):
    """A stream cipher whose header is the nonce and whatever ``show`` makes of key and nonce."""

    card = Card(name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 128),))

    def __init__(self, show) -> None:
        self.show = show

    def _mask(self, image, key, nonce):
        return stream(key + nonce, image.size).reshape(image.shape)

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image ^ self._mask(image, key, nonce), nonce + self.show(key, nonce))

    def decrypt(self, encrypted, key):
        return encrypted.image ^ self._mask(encrypted.image, key, encrypted.header[:16])


class Vigenere(Showing):
    """The key, repeated, joined with the nonce, repeated: c = p + (key XOR nonce)."""

    def __init__(self) -> None:
        super().__init__(lambda key, nonce: b"")

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image + self._pad(image, key, nonce), nonce)

    def decrypt(self, encrypted, key):
        return encrypted.image - self._pad(encrypted.image, key, encrypted.header)

    def _pad(self, image, key, nonce):
        pad = np.frombuffer(key, np.uint8) ^ np.frombuffer(nonce, np.uint8)
        return np.resize(pad, image.size).reshape(image.shape)


def _masked(key, nonce):
    return bytes(a ^ b for a, b in zip(key, nonce, strict=True))


@pytest.mark.parametrize(
    "cipher",
    [
        Showing(lambda key, nonce: key[::-1]),
        Showing(_masked),
        Showing(lambda key, nonce: bytes(255 - byte for byte in key)),
        Showing(lambda key, nonce: bytes((byte + 7) % 256 for byte in key[:15])),
        Vigenere(),
    ],
    ids=["backwards", "joined with the nonce", "complement", "but for a byte", "vigenere"],
)
@pytest.mark.parametrize("mode", ["fresh", "fixed"])
def test_a_key_in_sight_opens_everything(cipher, mode) -> None:
    """From one known pair, the last byte by trying all."""
    run = attack_target(KeySearch(), cipher, TARGET, mode=mode)
    assert (run.outcome, run.score.share, run.queries.total) == ("recovered", 1.0, 1)
    assert "key bytes stand in the header or in the mask" in run.result.notes


def test_half_a_key_in_sight_is_a_leak() -> None:
    """Eight bytes are read, and the other eight are too many to try."""
    run = attack_target(KeySearch(), Showing(lambda key, nonce: key[:8]), TARGET)
    assert (run.outcome, run.result.statistic, run.result.claims) == ("leak", 0.5, ("distinguisher",))
    assert run.result.numbers["keys_tried"] == 0


def test_hashed_keys_show_nothing() -> None:
    """The control: a digest of the key in the header is not the key."""
    assert (
        attack_target(KeySearch(keys=64), Showing(lambda key, nonce: hashlib.sha256(key).digest()), TARGET).outcome
        == "holds"
    )


@pytest.mark.parametrize("name", ["aes-256-siv", "aes-256-ctr", "chacha20-poly1305", "aes-256-ecb"])
def test_references_show_nothing(name: str) -> None:
    """Under 100 keys, without a query."""
    cipher = load_cipher(name)
    for seed in range(100):
        oracle = Oracle(AttackExperiment(cipher, TARGET, seed), "KPA", 10)
        assert shown_key(oracle, np.random.default_rng(seed)) is None
        assert oracle.queries.total == 0


def test_odd_images_are_looked_at_too() -> None:
    """One pixel, and fewer samples than key bytes: what there is of the key is read."""
    for shape in ((1, 1), (3, 4)):
        oracle = Oracle(AttackExperiment(Vigenere(), photograph(16, 16)[: shape[0], : shape[1]]), "KPA", 10)
        found = shown_key(oracle, np.random.default_rng(1))
        assert found is not None
        assert found.known.sum() == np.prod(shape)
