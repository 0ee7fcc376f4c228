"""Ciphertexts whose size depends on the plaintext's compressibility are found."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from cryptobench.attacks.leakage.length_leak import LengthLeak
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import stream
from tests.attacks.toys import smooth


class CompressThenEncrypt(Cipher):
    """zlib, then a keystream; ``part`` is where the result goes, ``padding`` adds random bytes."""

    card = Card(name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 64),), secret_bits=8)

    def __init__(self, part: str, padding: bool = False) -> None:
        self.part, self.padding = part, padding

    def encrypt(self, image, key, nonce, *, secret=None):
        packed = np.frombuffer(zlib.compress(image.tobytes()), np.uint8)
        if self.padding:
            packed = np.append(packed, np.zeros(256 * nonce[0] + nonce[1], np.uint8))
        masked = packed ^ stream(key + nonce, packed.size)
        if self.part == "body":
            return Encrypted(masked[None])
        data = masked.tobytes()
        return Encrypted(image, data if self.part == "header" else b"", data if self.part == "secret" else b"")

    def decrypt(self, encrypted, key):
        raise NotImplementedError


@pytest.mark.parametrize(
    ("part", "note"), [("body", "cipher image"), ("header", "header"), ("secret", "per-message secret")]
)
def test_compression_before_encryption_leaks(part: str, note: str) -> None:
    """In the cipher image, the header or the secret, at an odd shape in grey and colour."""
    for shape in ((9, 14), (33, 7, 3)):
        run = attack_target(LengthLeak(), CompressThenEncrypt(part), smooth(*shape))
        assert (run.outcome, run.result.notes.startswith(f"{note}: flat black")) == ("leak", True)
        assert run.result.numbers[f"{part}_bytes_spread"] > 0


def test_random_sizes_are_no_leak() -> None:
    """Padding of random length makes sizes of one image differ, and the note says so."""
    run = attack_target(LengthLeak(), CompressThenEncrypt("body", padding=True), smooth(9, 14))
    assert (run.outcome, run.result.notes) == ("holds", "the cipher image's size is random")


@pytest.mark.parametrize("name", ["aes-256-ctr", "aes-256-siv", "chacha20-poly1305"])
def test_references_keep_their_size(name: str) -> None:
    """One size for images of one shape, under any of 5 keys."""
    cipher = load_cipher(name)
    for seed in range(5):
        run = attack_target(LengthLeak(), cipher, smooth(8, 11, 3), seed)
        assert (run.outcome, run.result.statistic) == ("holds", 1.0)
