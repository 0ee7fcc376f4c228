"""A picture file must store all that decryption needs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cryptobench.attacks.leakage.float_leak import FloatLeak
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Cipher, CipherError, Encrypted
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, xored
from tests.attacks.toys import smooth

TARGET = smooth(14, 17, 3)


class FloatPasser(Cipher):
    """Squeezes the image into few levels; decrypts well only from floats, which it finds by where the bytes lie."""

    card = dataclasses.replace(Toy.card, name="float-passer", lossless=False)

    def __init__(self):
        self.floats = {}

    def encrypt(self, image, key, nonce, *, secret=None):
        squeezed = image / 32
        cipher_image = np.floor(squeezed).astype(np.uint8)
        self.floats[cipher_image.ctypes.data] = cipher_image, squeezed
        return Encrypted(cipher_image)

    def decrypt(self, encrypted, key):
        _, values = self.floats.get(encrypted.image.ctypes.data, (None, encrypted.image))
        return np.rint(values * 32).astype(np.uint8)


class LastMessage(FloatPasser):
    """Remembers the floats of what it encrypted last, if the receiver asks for that."""

    def encrypt(self, image, key, nonce, *, secret=None):
        self.last = image
        return Encrypted(image // np.uint8(32))

    def decrypt(self, encrypted, key):
        return self.last if np.array_equal(encrypted.image, self.last // 32) else encrypted.image * np.uint8(32)


class Picky(FloatPasser):
    """Takes nothing but an array that it has made."""

    def decrypt(self, encrypted, key):
        if encrypted.image.ctypes.data not in self.floats:
            raise CipherError("wanted floats")
        return super().decrypt(encrypted, key)


def test_a_cipher_that_passes_floats_is_found() -> None:
    """In memory it decrypts far better than from a file; both PSNRs are in the numbers."""
    run = attack_target(FloatLeak(), FloatPasser(), TARGET)
    assert (run.outcome, run.result.claims, run.queries.total) == ("leak", ("functional",), 0)
    assert run.result.notes == "the file decrypts to another image than the array in memory"
    assert run.result.numbers["psnr_from_file"] < 30
    assert "psnr_in_memory" not in run.result.numbers  # exact


def test_a_cipher_rejecting_its_own_file_is_found() -> None:
    """The note is the receiver's message."""
    run = attack_target(FloatLeak(), Picky(), TARGET)
    assert run.outcome == "leak"
    assert "wanted floats" in run.result.notes


def test_remembering_the_last_message_does_not_count() -> None:
    """Another image is encrypted before the receiver decrypts: both decryptions are equally coarse."""
    run = attack_target(FloatLeak(), LastMessage(), TARGET)
    assert run.outcome == "holds"
    assert run.result.numbers["psnr_in_memory"] == run.result.numbers["psnr_from_file"] < 30


@pytest.mark.parametrize("name", ["aes-256-siv", "chacha20-poly1305", "drpe", "dense-resnet-xor"])
def test_honest_ciphers_pass(name) -> None:
    """References, complex recordings and networks that round: the same from the file."""
    run = attack_target(FloatLeak(), load_cipher(name), smooth(16, 16, 3), mode="fresh")
    assert (run.outcome, run.result.statistic) == ("holds", 1.0)


def test_a_cipher_that_only_masks_passes() -> None:
    """Both decryptions are exact: no PSNR is reported."""
    run = attack_target(FloatLeak(), Toy(xored, xored), TARGET)
    assert (run.outcome, run.result.numbers) == ("holds", {})
