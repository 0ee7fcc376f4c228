"""Control: one round of permutation and XOR, the pattern of many published image ciphers."""

from __future__ import annotations

from cryptobench.baselines.controls._parts import inverse_permute, keystream, permutation, permute, subkey
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField

__all__ = ["PermutationXor"]


class PermutationXor(Cipher):
    """c = permute(p) XOR keystream, both fixed by the key."""

    card = Card(
        name="permutation-xor",
        title="Keyed permutation followed by a fixed keystream",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds permutation and keystream"),),
        defect="Nothing diffuses and nothing depends on the message: a flat image reveals the keystream, then "
        "log256 of the image size more reveal the permutation.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        moved = permute(image.ravel(), permutation(subkey(key, "permutation"), image.size))
        return Encrypted((moved ^ keystream(subkey(key, "keystream"), image.size)).reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        image = encrypted.image
        moved = image.ravel() ^ keystream(subkey(key, "keystream"), image.size)
        return inverse_permute(moved, permutation(subkey(key, "permutation"), image.size)).reshape(image.shape)
