"""A22: a picture file must carry all that decryption needs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cryptobench.attacks.leakage.float_leak import FloatLeak
from cryptobench.attacks.png_round_trip import through_png
from cryptobench.attacks.runner import play
from cryptobench.cipher import Cipher, CipherError, Encrypted
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, xored
from tests.attacks.toys import smooth

TARGET = smooth(14, 17, 3)


class _WithFloats(np.ndarray):
    """Bytes that have their unrounded values with them."""

    floats: np.ndarray


class FloatPasser(Cipher):
    """Squeezes the image into few levels; decrypts well only from the floats behind the bytes."""

    card = dataclasses.replace(Toy.card, name="float-passer", lossless=False)

    def encrypt(self, image, key, nonce, *, secret=None):
        squeezed = image / 32
        body = np.floor(squeezed).astype(np.uint8).view(_WithFloats)
        body.floats = squeezed
        return Encrypted(body)

    def decrypt(self, encrypted, key):
        values = getattr(encrypted.image, "floats", encrypted.image)
        return np.rint(np.asarray(values) * 32).astype(np.uint8)


class LastMessage(FloatPasser):
    """Remembers the floats of what it encrypted last, if the receiver asks for that."""

    def encrypt(self, image, key, nonce, *, secret=None):
        self.last = image
        return Encrypted(image // np.uint8(32))

    def decrypt(self, encrypted, key):
        return self.last if np.array_equal(encrypted.image, self.last // 32) else encrypted.image * np.uint8(32)


class Picky(FloatPasser):
    """Takes nothing but its own array type."""

    def decrypt(self, encrypted, key):
        if not isinstance(encrypted.image, _WithFloats):
            raise CipherError("wanted floats")
        return super().decrypt(encrypted, key)


def test_a_cipher_that_passes_floats_is_found() -> None:
    """In memory it decrypts far better than from a file; both PSNRs are in the numbers."""
    played = play(FloatLeak(), FloatPasser(), TARGET)
    assert (played.verdict, played.result.claims, played.queries.total) == ("leak", ("functional",), 0)
    assert played.result.notes == "the file decrypts to another image than the array in memory"
    assert played.result.numbers["psnr_from_file"] < 30
    assert "psnr_in_memory" not in played.result.numbers  # exact


def test_a_cipher_that_rejects_its_own_file_is_found() -> None:
    """The note says what the receiver said."""
    played = play(FloatLeak(), Picky(), TARGET)
    assert played.verdict == "leak"
    assert "wanted floats" in played.result.notes


def test_a_message_remembered_as_the_last_one_does_not_count() -> None:
    """Another image is encrypted before the receiver decrypts: both ways are equally coarse."""
    played = play(FloatLeak(), LastMessage(), TARGET)
    assert played.verdict == "holds"
    assert played.result.numbers["psnr_in_memory"] == played.result.numbers["psnr_from_file"] < 30


@pytest.mark.parametrize("name", ["aes-256-siv", "chacha20-poly1305", "drpe", "dense-resnet-xor"])
def test_honest_ciphers_pass(name) -> None:
    """References, complex recordings and networks that round: the same from the file."""
    played = play(FloatLeak(), load_cipher(name), smooth(16, 16, 3), mode="respect")
    assert (played.verdict, played.result.statistic) == ("holds", 1.0)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 2), (5, 7, 3), (5, 7, 4), (1, 40, 6)])
def test_png_keeps_every_shape(shape) -> None:
    """Grey, colour, and channels that no picture has."""
    image = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    read = through_png(image)
    assert read.shape == shape
    assert np.array_equal(read, image)


def test_a_cipher_that_only_masks_passes() -> None:
    """Exact both ways: no PSNR is given."""
    played = play(FloatLeak(), Toy(xored, xored), TARGET)
    assert (played.verdict, played.result.numbers) == ("holds", {})
