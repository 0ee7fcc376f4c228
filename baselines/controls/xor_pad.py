"""Control: one AES-CTR pad for every message."""

from __future__ import annotations

from cryptobench.baselines.controls._parts import keystream
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField

__all__ = ["XorPad"]


class XorPad(Cipher):
    """c = p XOR AES-256-CTR(key) with a counter that starts at zero for each message."""

    card = Card(
        name="xor-pad",
        title="Fixed AES-256-CTR keystream without a nonce",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "AES-256 key"),),
        defect="The keystream never changes: one known image gives it away, and the XOR of two ciphertexts is the "
        "XOR of the two images.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(image ^ keystream(key, image.size).reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return encrypted.image ^ keystream(key, encrypted.image.size).reshape(encrypted.image.shape)
