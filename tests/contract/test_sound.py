"""Sound ciphers that look odd, and built-in ones, break nothing; some refuse keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, UnsupportedImage
from cryptobench.contract import find_breaches, refused_keys
from cryptobench.registry import load_cipher
from tests.contract.toys import Toy, pad


class Views(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted((image ^ pad(key, nonce, image.shape))[::-1], nonce)

    def decrypt(self, encrypted, key):
        image = encrypted.image[::-1]
        return image ^ pad(key, encrypted.header, image.shape)


class Talks(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        print("round 1")
        return super().encrypt(image, key, nonce)


class LastAxis(Toy):
    """Gives (H, W, 1) for grey images, and back."""

    def encrypt(self, image, key, nonce, *, secret=None):
        return super().encrypt(image.reshape(*image.shape[:2], -1), key, nonce)


class CachesKeySchedule(Toy):
    def __init__(self) -> None:
        self.schedules: dict[bytes, bytes] = {}

    def encrypt(self, image, key, nonce, *, secret=None):
        if key not in self.schedules:
            self.schedules[key] = hashlib.sha256(key).digest()
        return super().encrypt(image, self.schedules[key][:16], nonce)

    def decrypt(self, encrypted, key):
        return super().decrypt(encrypted, hashlib.sha256(key).digest()[:16])


class SeedsGlobally(Toy):
    """Draws from the generator of the process, which it seeds with the key: the same every time."""

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image ^ self._drawn(key + nonce, image.shape), nonce)

    def decrypt(self, encrypted, key):
        return encrypted.image ^ self._drawn(key + encrypted.header, encrypted.image.shape)

    def _drawn(self, seed: bytes, shape: tuple[int, ...]) -> Image:
        np.random.seed(int.from_bytes(seed[:4], "big"))  # noqa: NPY002
        return np.random.randint(0, 256, shape).astype(np.uint8)  # noqa: NPY002


class RefusesSomeKeys(Toy):
    """Refuses one key in four, as a chaotic map does whose orbit is degenerate."""

    def encrypt(self, image, key, nonce, *, secret=None):
        if key[0] % 4 == 0:
            raise CipherError(f"the orbit of key {key.hex()} is degenerate; use another key")
        return super().encrypt(image, key, nonce)


class RefusesByName(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        if image.ndim == 3 or image.shape[0] != image.shape[1] or len(image) % 64:
            raise UnsupportedImage("wanted 64x64")
        return super().encrypt(image, key, nonce)


class Lossy(Toy):
    card: ClassVar[Card] = Card(
        name="toy", title="t", family="mine", fidelity="A", key=(KeyField("key", 128),), lossless=False
    )

    def decrypt(self, encrypted, key):
        return super().decrypt(encrypted, key) & 254


class Doubles(Toy):
    """Sends every sample twice, so that cipher and plain image differ in shape, and keeps a lock."""

    def __init__(self) -> None:
        self.lock: Iterator[Any] = iter(())

    def encrypt(self, image, key, nonce, *, secret=None):
        return super().encrypt(np.repeat(image, 2, axis=0), key, nonce)

    def decrypt(self, encrypted, key):
        return super().decrypt(encrypted, key)[::2]


SOUND = [
    Toy, Views, Talks, LastAxis, CachesKeySchedule, SeedsGlobally, RefusesSomeKeys, RefusesByName, Lossy, Doubles,
]  # fmt: skip


@pytest.mark.parametrize("toy", SOUND, ids=lambda toy: toy.__name__)
def test_odd_but_sound_ciphers_break_nothing(toy: type[Cipher]) -> None:
    """Views, prints, a last axis of one, caches, seeded global generators and refusals are nobody's fault."""
    assert find_breaches(toy()) == []


@pytest.mark.parametrize("name", ["aes-256-siv", "chen2004", "arnold-cat", "li2021", "drpe", "hua2021", "qian2021"])
def test_built_in_ciphers_keep_the_contract(name: str) -> None:
    """Authenticated, key-refusing, square, colour-only, lossy, chained and secret-keeping schemes alike."""
    assert find_breaches(load_cipher(name)) == []


def test_the_share_of_refused_keys_is_counted() -> None:
    """One key in four within sampling error, none of a scheme that takes all, nothing for one that takes no image."""
    share = refused_keys(RefusesSomeKeys(), 256)
    assert share is not None
    assert 0.15 < share < 0.35
    assert refused_keys(Toy(), 8) == 0
