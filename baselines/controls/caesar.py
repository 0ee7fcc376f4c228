"""Control: one constant added to every sample."""

from __future__ import annotations

import numpy as np

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField

__all__ = ["Caesar"]


class Caesar(Cipher):
    """c = p + k mod 256 with one key byte for the whole image."""

    card = Card(
        name="caesar",
        title="Caesar's shift on grey levels",
        family="control",
        fidelity="A",
        key=(KeyField("shift", 8, "added to every sample, mod 256"),),
        defect="Every sample is shifted by the same constant: the image stays visible and there are only 256 keys.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(image + np.uint8(key[0]))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return encrypted.image - np.uint8(key[0])
