"""Control: a block cipher of the whole image with too few rounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.baselines.controls._bit_mixing import mix_bits, unmix_bits
from cryptobench.baselines.controls._parts import keystream, permutation, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage

__all__ = ["FewRounds"]


class FewRounds(Cipher):
    """XOR of a keystream, a dense mixing of all bits that is linear over GF(2), a secret S-box, and to each sample is
    added twice the one behind it, mod 256, and to the last twice the first.
    """

    card = Card(
        name="few-rounds",
        title="One round of linear mixing, an S-box and additions",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds a keystream, the permutation of bits and the S-box"),),
        defect="Everything depends on everything and looks random, but what the S-box makes of a fixed difference is "
        "not uniform, and reaches the lowest bits of the ciphertext.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        box, stream, order = _parts(key, image.size)
        samples = mix_bits(image.ravel() ^ stream, order)
        with stage("substitution"):
            samples = box[samples]
        with stage("diffusion"):
            samples = samples + np.uint8(2) * np.roll(samples, -1)
        return Encrypted(samples.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        box, stream, order = _parts(key, encrypted.image.size)
        with stage("diffusion"):
            samples = _without_neighbours(encrypted.image.ravel())
        with stage("substitution"):
            samples = np.argsort(box).astype(np.uint8)[samples]
        return (unmix_bits(samples, order) ^ stream).reshape(encrypted.image.shape)


def _without_neighbours(samples: Image) -> Image:
    single = samples
    for _ in range(8):  # each time one more of the lowest bits is right
        single = samples - np.uint8(2) * np.roll(single, -1)
    return single


def _parts(key: bytes, size: int) -> tuple[Image, Image, NDArray[np.uint32]]:
    box = permutation(subkey(key, "box"), 256).astype(np.uint8)
    return box, keystream(subkey(key, "keystream"), size), permutation(subkey(key, "permutation"), 8 * size)
