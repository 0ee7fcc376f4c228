"""Base class of ciphers whose key is their weights: nothing but the networks, and a key that selects a trained pair."""

from __future__ import annotations

from cryptobench.cipher import CipherError, Encrypted, Image
from cryptobench.kits.learned.cipher import SHAPE_BYTES, LearnedCipher

__all__ = ["WeightKeyCipher"]


class WeightKeyCipher(LearnedCipher):
    """The encoder's 8-bit output is the ciphertext. The key's first byte, modulo the number of pairs, selects one.

    The header is the plaintext's shape.
    """

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(*self.encode(image, self.pair_of(key)))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if len(encrypted.header) != SHAPE_BYTES or encrypted.secret:
            raise CipherError(
                f"{self.card.name}: header has {len(encrypted.header)} bytes and the secret {len(encrypted.secret)}, "
                f"wanted {SHAPE_BYTES} (the shape) and none"
            )
        return self.decode(encrypted.image, encrypted.header, self.pair_of(key))

    def pair_of(self, key: bytes) -> int:
        """The trained pair that ``key`` selects."""
        return key[0] % len(self.weights)
