"""The algorithm under keys of the attacker's own: work that needs no oracle."""

from __future__ import annotations

import numpy as np

from cryptobench.cipher import Cipher, Encrypted, Image

__all__ = ["Offline"]


class Offline:
    """Encrypts and decrypts under any key that the attacker names, and counts it; it knows nothing of the challenge.

    ``encryptions`` and ``decryptions`` count calls.
    """

    def __init__(self, cipher: Cipher) -> None:
        self.cipher = cipher
        self.encryptions = 0
        self.decryptions = 0

    def encrypt(self, image: Image, key: bytes, nonce: bytes, secret: bytes | None = None) -> Encrypted:
        """The ciphertext with its secret; CipherError if the cipher cannot take key, nonce, secret or image."""
        self.encryptions += 1
        return self.cipher.encrypt(np.array(image, order="C"), key, nonce, secret=secret)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        """The plaintext of any ciphertext under the attacker's key; CipherError if it is rejected."""
        self.decryptions += 1
        copy = np.array(encrypted.image, order="C")
        return self.cipher.decrypt(Encrypted(copy, encrypted.header, encrypted.secret), key)

    @property
    def numbers(self) -> dict[str, float]:
        """The work done so far, by the names that the measurement table has for it."""
        return {"offline_encryptions": self.encryptions, "offline_decryptions": self.decryptions}
