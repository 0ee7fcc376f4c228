"""Control: a permutation that is keyed with the sum of what it permutes, which only a receiver can compute."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.baselines.controls._parts import inverse_permute, keystream, permutation, permute, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField

__all__ = ["SumKeyedPermutation"]


class SumKeyedPermutation(Cipher):
    """c = (p XOR keystream), permuted by an order that is derived from the key and the sum of c; there is no header."""

    card = Card(
        name="sum-keyed-permutation",
        title="XOR with a fixed keystream and a permutation keyed with the sum of the ciphertext",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives the keystream, and one permutation for each sum"),),
        defect="One changed sample changes the sum and so everything, in both directions; plaintexts of equal sums do "
        "not help, since the keystream hides what is summed. But decryption is one masked permutation for all "
        "ciphertexts of equal sum, and whoever chooses ciphertexts sees that sum.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        samples = image.ravel() ^ keystream(subkey(key, "keystream"), image.size)
        return Encrypted(permute(samples, _order(key, samples)).reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        samples = encrypted.image.ravel()
        image = inverse_permute(samples, _order(key, samples)) ^ keystream(subkey(key, "keystream"), samples.size)
        return image.reshape(encrypted.image.shape)


def _order(key: bytes, samples: Image) -> NDArray[np.uint32]:
    """That of samples with this sum, which it does not change."""
    return permutation(subkey(key, f"order {samples.sum(dtype=np.int64)}"), samples.size)
