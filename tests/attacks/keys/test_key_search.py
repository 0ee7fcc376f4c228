"""Small key spaces are searched, and the challenge opened; large ones are left alone."""

from __future__ import annotations

import hashlib

import pytest

from cryptobench.attacks.keys.key_search import KeySearch
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import photograph, stream

TARGET = photograph(16, 16)


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


def test_tries_may_be_fewer_than_sixteen_to_a_key() -> None:
    """Four to a key find most keys; one to a key is not worth beginning."""
    run = attack_target(KeySearch(keys=128, tries=256), SmallKeys(63), TARGET)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    run = attack_target(KeySearch(keys=128, tries=64), SmallKeys(63), TARGET)
    assert (run.outcome, run.queries.total) == ("holds", 0)


def test_key_sum_and_caesar_fall() -> None:
    """8161 sums behind an authenticated cipher, and 256 shifts, from one known pair each."""
    for name in ("key-sum", "caesar"):
        run = attack_target(KeySearch(keys=512), load_cipher(name), TARGET)
        assert (run.outcome, run.score.share, run.queries.known) == ("recovered", 1.0, 1)


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
