"""Toy ciphers whose statistics are known beforehand, and images for them."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement


def card(name: str, **fields: Any) -> Card:
    return Card(name=name, title=name, family="toy", fidelity="A", key=(KeyField("key", 128),), **fields)


def uniform(shape: tuple[int, ...], *parts: bytes) -> Image:
    """Uniform bytes that depend on every bit of ``parts``."""
    seed = hashlib.shake_256(b"|".join(parts)).digest(16)
    generator = np.random.Generator(np.random.SFC64(int.from_bytes(seed, "big")))
    return generator.integers(0, 256, shape, dtype=np.uint8)


class Toy(Cipher):
    """Encrypts only."""

    card = card("toy")

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        raise CipherError("a toy that only encrypts")


class Ideal(Toy):
    """An independent uniform cipher image for every key, nonce and plaintext."""

    card = card("ideal")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(uniform(image.shape, key, nonce, image.tobytes()))


class Deterministic(Ideal):
    """Ideal without a nonce."""

    card = card("deterministic", uses_nonce=False)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(uniform(image.shape, key, image.tobytes()))


class Identity(Toy):
    """The plaintext itself, the very array."""

    card = card("identity", uses_nonce=False)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(image)


class Pad(Toy):
    """Exclusive or with a pad of key and nonce: perfect statistics, no diffusion."""

    card = card("pad")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(image ^ uniform(image.shape, key, nonce))


class Separate(Toy):
    """Ideal within each channel; channels never mix."""

    card = card("separate", uses_nonce=False)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        channels = [uniform(image.shape[:2], key, bytes([c]), image[..., c].tobytes()) for c in range(image.shape[2])]
        return Encrypted(np.stack(channels, axis=2))


class Reshaping(Toy):
    """An ideal cipher image of another size, with two channels."""

    card = card("reshaping")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        height, width = image.shape[:2]
        return Encrypted(uniform((height + 3, 2 * width, 2), key, nonce, image.tobytes()))


class Ragged(Toy):
    """An ideal cipher image whose height depends on everything, so that pairs often differ in size."""

    card = card("ragged")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        extra = int(uniform((1,), key, nonce, image.tobytes(), b"height")[0]) % 2
        return Encrypted(uniform((image.shape[0] + extra, *image.shape[1:]), key, nonce, image.tobytes()))


class Refusing(Ideal):
    """Ideal, but refuses half of all keys."""

    card = card("refusing")

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        if key[0] % 2:
            raise CipherError("refusing: the key is odd, wanted an even one")
        return Encrypted(uniform(image.shape, key, nonce, image.tobytes()))


SHAPES = ((32, 32), (33, 47, 3), (8, 8, 1), (1, 40), (40, 1, 3), (1, 1), (5, 7, 5), (2, 2))


def photograph(*shape: int) -> Image:
    """A smooth image with strong correlation in every direction."""
    rows, columns = np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij")
    smooth = 128 + 60 * np.sin(rows / 9) + 50 * np.cos(columns / 7)
    planes = [smooth + 5 * channel for channel in range(shape[2] if len(shape) == 3 else 1)]
    return np.clip(np.stack(planes, axis=2), 0, 255).astype(np.uint8).reshape(shape)


def rows(analysis: Any, cipher: Cipher, image: Image, seed: int = 1) -> list[Measurement]:
    """All rows of an analysis."""
    return list(analysis.measure(Experiment(cipher, image, seed)))


def pick(table: list[Measurement], metric: str, **columns: Any) -> list[Measurement]:
    """The rows of ``metric`` that have these columns."""
    return [
        row for row in table if row.metric == metric and all(getattr(row, name) == c for name, c in columns.items())
    ]


def one(table: list[Measurement], metric: str, **columns: Any) -> Measurement:
    """The only such row."""
    (row,) = pick(table, metric, **columns)
    return row


def binomial_limit(trials: int, share: float) -> int:
    """The largest number of failures that an honest test of level ``share`` shows but for one chance in 10^5."""
    from scipy.special import betainc

    counts = np.arange(trials)
    return int(counts[np.argmax(betainc(trials - counts, counts + 1, 1 - share) > 1 - 1e-5)])
