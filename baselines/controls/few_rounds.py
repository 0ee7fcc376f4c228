"""Control: a block cipher of the whole image with too few rounds."""

from __future__ import annotations

import numpy as np
from numba import njit

from cryptobench.baselines.controls._parts import keystream, permutation, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage

__all__ = ["FewRounds"]

_ROUNDS = 3


class FewRounds(Cipher):
    """Three rounds of XOR with a round key, a secret S-box, c[i] = s[i] + c[i-1] and backwards, and a rotation of each
    sample by three bits.
    """

    card = Card(
        name="few-rounds",
        title="Three rounds of S-boxes, chains in both directions and rotations",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds the S-box and a round key for each round"),),
        defect="Everything depends on everything and looks random, but plaintexts with certain differences give ciphertexts "
        "whose differences are not uniform.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        box, keys = _parts(key, image.size)
        samples = image.ravel()
        with stage("diffusion"):
            for turn in range(_ROUNDS):
                samples = np.add.accumulate(box[samples ^ keys[turn]], dtype=np.uint8)
                samples = np.add.accumulate(samples[::-1], dtype=np.uint8)
                samples = samples << np.uint8(3) | samples >> np.uint8(5)
        return Encrypted(samples.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        box, keys = _parts(key, encrypted.image.size)
        inverse = np.argsort(box).astype(np.uint8)
        samples = encrypted.image.ravel()
        with stage("diffusion"):
            for turn in reversed(range(_ROUNDS)):
                samples = samples >> np.uint8(3) | samples << np.uint8(5)
                samples = _differences(_differences(samples)[::-1])
                samples = inverse[samples] ^ keys[turn]
        return samples.reshape(encrypted.image.shape)


def _parts(key: bytes, size: int) -> tuple[Image, Image]:
    keys = keystream(subkey(key, "round keys"), _ROUNDS * size).reshape(_ROUNDS, size)
    return permutation(subkey(key, "box"), 256).astype(np.uint8), keys


@njit(cache=True, nogil=True)
def _differences(samples: Image) -> Image:
    plain = samples.copy()
    for place in range(1, samples.size):
        plain[place] -= samples[place - 1]
    return plain
