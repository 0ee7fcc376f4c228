"""Control: a secret table and permutation between two public linear maps, each of which mixes all samples."""

from __future__ import annotations

import numpy as np

from cryptobench.baselines.controls._parts import inverse_permute, keystream, permutation, permute, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage

__all__ = ["EnclosedTables"]


class EnclosedTables(Cipher):
    """XORs run along the samples and back, which needs no key. Then they are permuted, XORed with a keystream and
    substituted by one table, all from the key. Last, without a key, each sample is replaced by minus its neighbours
    plus twice itself, mod 256: differences of differences, in both directions.
    """

    card = Card(
        name="enclosed-tables",
        title="A secret table and permutation between public linear maps",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds the permutation, the keystream and the table"),),
        defect="One changed sample changes everything, in both directions, but all that mixes is public: under keys of "
        "one's own it can be found out and taken off, and each sample then passes through one table.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("diffusion"):
            mixed = np.bitwise_xor.accumulate(np.bitwise_xor.accumulate(image.ravel())[::-1])[::-1]
        samples = permute(mixed, permutation(subkey(key, "permutation"), image.size))
        samples = _table(key)[samples ^ keystream(subkey(key, "keystream"), image.size)]
        with stage("diffusion"):
            return Encrypted(_differences(_differences(samples)[::-1])[::-1].reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        samples = encrypted.image.ravel()
        with stage("diffusion"):
            samples = np.cumsum(np.cumsum(samples[::-1], dtype=np.uint8)[::-1], dtype=np.uint8)
        inner = np.argsort(_table(key)).astype(np.uint8)[samples] ^ keystream(subkey(key, "keystream"), samples.size)
        mixed = inverse_permute(inner, permutation(subkey(key, "permutation"), samples.size))
        with stage("diffusion"):
            return _steps(_steps(mixed[::-1])[::-1]).reshape(encrypted.image.shape)


def _table(key: bytes) -> Image:
    return permutation(subkey(key, "table"), 256).astype(np.uint8)


def _differences(samples: Image) -> Image:
    """Each sample minus the one before it, mod 256."""
    return np.diff(samples, prepend=np.uint8(0))


def _steps(samples: Image) -> Image:
    """Each sample XOR the one before it."""
    return samples ^ np.concatenate((np.zeros(1, np.uint8), samples[:-1]))
