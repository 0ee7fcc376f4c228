"""A cipher that keeps the contract, from which toys that break it, or look as if they did, are made."""

from __future__ import annotations

import hashlib
from typing import ClassVar

import numpy as np

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField


def pad(key: bytes, nonce: bytes, shape: tuple[int, ...]) -> Image:
    return np.frombuffer(hashlib.shake_256(key + nonce).digest(int(np.prod(shape))), np.uint8).reshape(shape)


class Toy(Cipher):
    """A stream cipher that keeps the contract; the others break it in one way each."""

    card: ClassVar[Card] = Card(name="toy", title="t", family="mine", fidelity="A", key=(KeyField("key", 128),))

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(image ^ pad(key, nonce, image.shape), nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return encrypted.image ^ pad(key, encrypted.header, encrypted.image.shape)
