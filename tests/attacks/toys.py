"""Ciphers and attacks that tests of the oracle need."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Mode, Model, Oracle
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField


def smooth(*shape: int) -> Image:
    """A picture with shading and an edge, of any shape."""
    rows, columns = np.indices(shape[:2])
    picture = 40 + 120 * rows / shape[0] + 60 * (columns > shape[1] / 2)
    bands = shape[2] if len(shape) == 3 else 1
    image: Image = np.stack([picture + 7 * band for band in range(bands)], -1).astype(np.uint8).reshape(shape)
    return image


class Pad(Cipher):
    """XOR with a stream from key, nonce and a secret, the image's digest; the header is the nonce."""

    card = Card(name="toy-pad", title="", family="toy", fidelity="A", key=(KeyField("key", 128),), secret_bits=64)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        secret = secret or hashlib.sha256(image.tobytes()).digest()[:8]
        return Encrypted(image ^ _stream(key + nonce + secret, image), nonce, secret)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if len(encrypted.header) != 16:
            raise CipherError(f"toy-pad: header has {len(encrypted.header)} bytes, wanted 16")
        return encrypted.image ^ _stream(key + encrypted.header + encrypted.secret, encrypted.image)


@dataclass(frozen=True)
class Scripted(Attack):
    """Does whatever ``script`` says."""

    name: ClassVar[str] = "scripted"
    title: ClassVar[str] = "Scripted"
    model: ClassVar[Model] = "CCA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh", "fixed")

    script: Any = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        result: AttackResult = self.script(oracle, generator)
        return result


def scripted(script: Callable[[Oracle, np.random.Generator], AttackResult], **parameters: Any) -> Scripted:
    return Scripted(script=script, **parameters)


def _stream(seed: bytes, image: Image) -> Image:
    return np.frombuffer(hashlib.shake_256(seed).digest(image.size), np.uint8).reshape(image.shape)


class Gcm(Cipher):
    """AES-256-GCM whose own exception, InvalidTag, comes through; the header is nonce and tag."""

    card = Card(name="toy-gcm", title="", family="toy", fidelity="A", key=(KeyField("key", 256),))

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        sealed = AESGCM(key).encrypt(nonce[:12], image.tobytes(), None)
        return Encrypted(np.frombuffer(sealed[:-16], np.uint8).reshape(image.shape), nonce[:12] + sealed[-16:])

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        sealed = encrypted.image.tobytes() + encrypted.header[12:]
        opened = AESGCM(key).decrypt(encrypted.header[:12], sealed, None)
        return np.frombuffer(opened, np.uint8).reshape(encrypted.image.shape)


class RejectingGcm(Gcm):
    """The same, whose card says what InvalidTag means."""

    card = replace(Gcm.card, name="toy-rejecting-gcm", rejects_with=("InvalidTag",))


class NeverDecrypts(Gcm):
    """The same, whose decryption always ends in KeyError."""

    card = replace(Gcm.card, name="toy-never-decrypts")

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        raise KeyError("mask")
