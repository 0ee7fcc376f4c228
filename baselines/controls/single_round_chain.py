"""Control: one round of permutation and chaining, in one direction."""

from __future__ import annotations

import numpy as np

from cryptobench.baselines.controls._parts import inverse_permute, keystream, permutation, permute, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage

__all__ = ["SingleRoundChain"]


class SingleRoundChain(Cipher):
    """All samples are permuted, then chained once: c[i] = (p[i] + k[i] mod 256) ^ c[i-1]."""

    card = Card(
        name="single-round-chain",
        title="One round of permutation and chaining",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds permutation and keystream"),),
        defect="A change reaches only what comes later in the chain, by one and the same XOR, half of the image on "
        "average; a changed ciphertext sample spoils two samples.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        moved = permute(image.ravel(), permutation(subkey(key, "permutation"), image.size))
        stream = keystream(subkey(key, "keystream"), image.size)
        with stage("diffusion"):
            return Encrypted(np.bitwise_xor.accumulate(moved + stream).reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        chained = encrypted.image.ravel()
        stream = keystream(subkey(key, "keystream"), chained.size)
        with stage("diffusion"):
            moved = np.concatenate([chained[:1], chained[1:] ^ chained[:-1]]) - stream
        return inverse_permute(moved, permutation(subkey(key, "permutation"), chained.size)).reshape(
            encrypted.image.shape
        )
