"""Control: a block cipher of the whole image with too few rounds."""

from __future__ import annotations

import numpy as np

from cryptobench.baselines.controls._parts import keystream, permutation, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage

__all__ = ["FewRounds"]

_POLYNOMIAL = 0x1B  # of GF(256), as in AES


class FewRounds(Cipher):
    """XOR of a round key and a secret S-box, three times; between them rows are mixed, then columns: each byte becomes
    twice itself and the sum of all in its row (column), in GF(256). A row is that of all channels.
    """

    card = Card(
        name="few-rounds",
        title="Two rounds of rows and columns in the manner of AES",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds the S-box and three round keys"),),
        defect="Everything depends on everything and looks random, but a change of one plaintext byte changes every "
        "ciphertext byte, always, where one in 256 should stay as it was.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        samples = image.reshape(len(image), -1)
        box, keys = _parts(key, samples.shape)
        with stage("substitution"):
            samples = box[samples ^ keys[0]]
        for axis in range(2):
            with stage("diffusion"):
                samples = _doubled(samples) ^ _sum(samples, axis)
            with stage("substitution"):
                samples = box[samples ^ keys[1 + axis]]
        return Encrypted(samples.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        samples = encrypted.image.reshape(len(encrypted.image), -1)
        box, keys = _parts(key, samples.shape)
        box = _inverse(box)
        for axis in (1, 0):
            with stage("substitution"):
                samples = box[samples] ^ keys[1 + axis]
            with stage("diffusion"):
                total = _sum(samples, axis)  # twice or three times that of the bytes before
                whole = _TRIPLED if samples.shape[_axis(axis)] % 2 else _DOUBLED
                samples = _inverse(_DOUBLED)[samples ^ _inverse(whole)[total]]
        with stage("substitution"):
            plain: Image = box[samples] ^ keys[0]
        return plain.reshape(encrypted.image.shape)


def _axis(axis: int) -> int:
    """Rows are mixed along their columns, first."""
    return 1 - axis


def _sum(samples: Image, axis: int) -> Image:
    total: Image = np.bitwise_xor.reduce(samples, axis=_axis(axis), keepdims=True)
    return total


def _doubled(samples: Image) -> Image:
    doubled: Image = samples << np.uint8(1) ^ (samples >> np.uint8(7)) * np.uint8(_POLYNOMIAL)
    return doubled


_DOUBLED = _doubled(np.arange(256, dtype=np.uint8))
_TRIPLED = _DOUBLED ^ np.arange(256, dtype=np.uint8)


def _inverse(table: Image) -> Image:
    return np.argsort(table).astype(np.uint8)


def _parts(key: bytes, shape: tuple[int, ...]) -> tuple[Image, Image]:
    keys = keystream(subkey(key, "round keys"), 3 * int(np.prod(shape))).reshape(3, *shape)
    return permutation(subkey(key, "box"), 256).astype(np.uint8), keys
