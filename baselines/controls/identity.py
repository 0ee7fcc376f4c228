"""Control: no encryption at all."""

from __future__ import annotations

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField

__all__ = ["Identity"]


class Identity(Cipher):
    """c = p."""

    card = Card(
        name="identity",
        title="The image itself",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "said to be key, never read"),),
        defect="The ciphertext is the plaintext, and every key decrypts it.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(image.copy())

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return encrypted.image.copy()
