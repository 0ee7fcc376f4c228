"""Control: a permutation that ends after the first row."""

from __future__ import annotations

from cryptobench.baselines.controls._parts import inverse_permute, permutation, permute
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField

__all__ = ["FirstRowPermutation"]


class FirstRowPermutation(Cipher):
    """The W x C samples of the first row are put in a random order that depends on the key; no other row is touched."""

    card = Card(
        name="first-row-permutation",
        title="Keyed random permutation of the first row only",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds the permutation"),),
        defect="All rows but the first are left as they are, and the first keeps its histogram.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        cipher_image = image.copy()
        cipher_image[0] = permute(image[0].ravel(), permutation(key, image[0].size)).reshape(image[0].shape)
        return Encrypted(cipher_image)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        image, row = encrypted.image.copy(), encrypted.image[0]
        image[0] = inverse_permute(row.ravel(), permutation(key, row.size)).reshape(row.shape)
        return image
