"""Leaked keys are read and small key spaces are searched; large key spaces and references hold."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.keys.key_search import KeySearch, find_key_leak
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import photograph, stream

TARGET = photograph(16, 16)
COLOUR_TARGET = photograph(15, 16, 3)


class SmallKeys(Cipher):
    """A stream from ``bits`` bits of the hash of the key and, if ``by_message``, the nonce."""

    card = Card(name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 128),))

    def __init__(self, mask: int, by_message: bool = False) -> None:
        self.mask, self.by_message = mask, by_message

    def _stream(self, image, key, nonce):
        seed = hashlib.sha256(key + (nonce if self.by_message else b"")).digest()[0] & self.mask
        return stream(bytes([seed]) + nonce, image.size).reshape(image.shape)

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image ^ self._stream(image, key, nonce), nonce)

    def decrypt(self, encrypted, key):
        if len(encrypted.header) != 16:
            raise CipherError("toy: header")
        return encrypted.image ^ self._stream(encrypted.image, key, encrypted.header)


@pytest.mark.parametrize("mode", ["fresh", "fixed"])
@pytest.mark.parametrize("by_message", [False, True], ids=["by key", "by key and nonce"])
def test_a_small_effective_key_space_is_searched(mode, by_message: bool) -> None:
    """One known pair, or the challenge's smoothness alone where its nonce has other equivalent keys."""
    run = attack_target(KeySearch(keys=128), SmallKeys(63, by_message), TARGET, mode=mode)
    assert (run.outcome, run.score.share, run.queries.total) == ("recovered", 1.0, 1)


def test_four_tries_for_each_key_suffice() -> None:
    """Four for each key find most keys; with one for each key nothing is tried."""
    run = attack_target(KeySearch(keys=128, tries=256), SmallKeys(63), TARGET)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    run = attack_target(KeySearch(keys=128, tries=64), SmallKeys(63), TARGET)
    assert (run.outcome, run.queries.total) == ("holds", 0)


def test_keys_are_tried_on_the_pair_first() -> None:
    """One decryption for each key, and two of the challenge under the right one."""
    numbers = attack_target(KeySearch(keys=128), SmallKeys(63), TARGET).result.numbers
    assert numbers["offline_decryptions"] == numbers["keys_tried"] + 2


def test_key_sum_and_caesar_fall() -> None:
    """8161 sums of key bytes behind an authenticated cipher, and 256 shifts, from one known pair each."""
    for name in ("key-sum", "caesar"):
        run = attack_target(KeySearch(keys=512), load_cipher(name), TARGET)
        assert (run.outcome, run.score.share, run.queries.known) == ("recovered", 1.0, 1)


class Tagged(SmallKeys):
    """Behind the stream a tag, of the whole key or of what the stream depends on."""

    def __init__(self, mask: int, by_message: bool = False, *, whole: bool) -> None:
        super().__init__(mask, by_message)
        self.whole = whole

    def _tag(self, image, key, nonce):
        seed = key if self.whole else self._stream(np.zeros(16, np.uint8), key, nonce).tobytes()
        return hashlib.sha256(seed + nonce + image.tobytes()).digest()

    def encrypt(self, image, key, nonce, *, secret=None):
        encrypted = super().encrypt(image, key, nonce)
        return Encrypted(encrypted.image, nonce + self._tag(encrypted.image, key, nonce))

    def decrypt(self, encrypted, key):
        nonce, tag = encrypted.header[:16], encrypted.header[16:]
        if tag != self._tag(encrypted.image, key, nonce):
            raise CipherError("toy: tag")
        return super().decrypt(Encrypted(encrypted.image, nonce), key)


def test_tags_of_whole_keys_end_the_search() -> None:
    """The row says why, after 256 keys; 16,384 were tried twice. Tags of what keys have in common do not end it."""
    run = attack_target(KeySearch(keys=128), Tagged(63, whole=True), TARGET)
    assert (run.outcome, run.result.numbers["keys_tried"]) == ("holds", 256)
    assert "keys of equal cipher images reject one another's messages" in run.result.notes
    for by_message in (False, True):
        run = attack_target(KeySearch(keys=128), Tagged(63, by_message, whole=False), TARGET)
        assert (run.outcome, run.score.share) == ("recovered", 1.0)


@pytest.mark.parametrize("name", ["aes-256-ctr", "aes-256-siv", "chacha20-poly1305", "truncated-key"])
def test_large_key_spaces_are_not_searched(name: str) -> None:
    """No collision among random keys: no query, no decryption, nothing found."""
    for seed in range(2):
        run = attack_target(KeySearch(keys=256), load_cipher(name), TARGET, seed)
        assert (run.outcome, run.queries.total) == ("holds", 0)
        assert run.result.numbers["offline_decryptions"] == 0


def test_a_withheld_secret_cannot_be_searched_for() -> None:
    """Ciphers with a per-message secret decrypt under no key alone."""
    assert attack_target(KeySearch(), load_cipher("guo2020"), TARGET).outcome == "n/a"


class Leaking(Cipher):
    """A stream cipher whose header is the nonce and ``leak`` of key and nonce."""

    card = Card(name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 128),))

    def __init__(self, leak) -> None:
        self.leak = leak

    def _mask(self, image, key, nonce):
        return stream(key + nonce, image.size).reshape(image.shape)

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image ^ self._mask(image, key, nonce), nonce + self.leak(key, nonce))

    def decrypt(self, encrypted, key):
        return encrypted.image ^ self._mask(encrypted.image, key, encrypted.header[:16])


class Vigenere(Leaking):
    """The key and the nonce, both repeated: c = p + (key XOR nonce)."""

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
        Leaking(lambda key, nonce: key[::-1]),
        Leaking(_masked),
        Leaking(lambda key, nonce: bytes(255 - byte for byte in key)),
        Leaking(lambda key, nonce: bytes((byte + 7) % 256 for byte in key[:15])),
        Vigenere(),
    ],
    ids=["backwards", "XORed with the nonce", "complement", "all but one byte", "vigenere"],
)
@pytest.mark.parametrize("mode", ["fresh", "fixed"])
def test_a_visible_key_decrypts_everything(cipher, mode) -> None:
    """From one known pair, the last byte by trying all."""
    run = attack_target(KeySearch(), cipher, COLOUR_TARGET, mode=mode)
    assert (run.outcome, run.score.share, run.queries.total) == ("recovered", 1.0, 1)
    assert "key bytes are visible in the header or in the mask" in run.result.notes


class MaskedDigest(Leaking):
    """The header is a hash of the image XORed with the key; the keystream is that of the hash."""

    def __init__(self, name: str) -> None:
        self.name = name

    def encrypt(self, image, key, nonce, *, secret=None):
        digest = hashlib.new(self.name, image.tobytes()).digest()[:16]
        masked = bytes(a ^ b for a, b in zip(digest, key, strict=True))
        return Encrypted(image ^ stream(digest, image.size).reshape(image.shape), masked)

    def decrypt(self, encrypted, key):
        digest = bytes(a ^ b for a, b in zip(encrypted.header, key, strict=False))
        return encrypted.image ^ stream(digest, encrypted.image.size).reshape(encrypted.image.shape)


@pytest.mark.parametrize("name", ["md5", "sha256"])
def test_keys_that_mask_a_hash_are_read(name: str) -> None:
    """One known plaintext has a known hash, and the header XORed with that is the key."""
    run = attack_target(KeySearch(), MaskedDigest(name), TARGET)
    assert (run.outcome, run.score.share, run.queries.total) == ("recovered", 1.0, 1)


def test_half_a_visible_key_is_a_leak() -> None:
    """Eight bytes are read, and the other eight are too many to try."""
    run = attack_target(KeySearch(), Leaking(lambda key, nonce: key[:8]), COLOUR_TARGET)
    assert (run.outcome, run.result.statistic, run.result.claims) == ("leak", 0.5, ("distinguisher",))
    assert run.result.numbers["keys_tried"] == 0


def test_hashed_keys_are_no_leak() -> None:
    """The control: a digest of the key in the header is not the key."""
    cipher = Leaking(lambda key, nonce: hashlib.sha256(key).digest())
    assert attack_target(KeySearch(keys=64), cipher, COLOUR_TARGET).outcome == "holds"


@pytest.mark.parametrize("name", ["aes-256-siv", "aes-256-ctr", "chacha20-poly1305", "aes-256-ecb"])
def test_references_leak_no_key_bytes(name: str) -> None:
    """Under 100 keys, without a query."""
    cipher = load_cipher(name)
    for seed in range(100):
        oracle = Oracle(AttackExperiment(cipher, COLOUR_TARGET, seed), "KPA", 10)
        assert find_key_leak(oracle, np.random.default_rng(seed)) is None
        assert oracle.queries.total == 0


def test_tiny_images_leak_key_bytes_too() -> None:
    """One pixel, and fewer samples than key bytes: every sample leaks a key byte."""
    for shape in ((1, 1), (3, 4)):
        oracle = Oracle(AttackExperiment(Vigenere(), photograph(16, 16)[: shape[0], : shape[1]]), "KPA", 10)
        found = find_key_leak(oracle, np.random.default_rng(1))
        assert found is not None
        assert found.known.sum() == np.prod(shape)
