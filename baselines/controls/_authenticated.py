"""The sound cipher that controls spoil in one place: an authenticated stream cipher, its IV a MAC of the message."""

from __future__ import annotations

import hmac
from abc import abstractmethod

from cryptobench.baselines.controls._parts import subkey, synthetic_iv
from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, Encrypted, Image

__all__ = ["AuthenticatedStream"]

_IV_BYTES = 16


class AuthenticatedStream(Cipher):
    """c = p XOR mask(IV), IV = HMAC(nonce, shape, p); the header is nonce and IV, and the receiver checks the IV.

    With a sound mask this is randomised, gives nothing away under a repeated nonce but the equality of two
    images, and rejects every changed ciphertext: whatever else is found against a control is what it plants.
    """

    @abstractmethod
    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        """What is XORed with an image of ``shape``: uint8 of that shape, from the IV under a 32-byte key."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        iv = _iv(image, key, nonce)
        return Encrypted(image ^ self.mask(subkey(key, "encryption"), iv, image.shape), header=nonce + iv)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        header, cipher_image = encrypted.header, encrypted.image
        if len(header) != NONCE_BYTES + _IV_BYTES:
            raise CipherError(
                f"{self.card.name}: header has {len(header)} bytes, wanted {NONCE_BYTES + _IV_BYTES}, nonce and IV"
            )
        nonce, iv = header[:NONCE_BYTES], header[NONCE_BYTES:]
        image = cipher_image ^ self.mask(subkey(key, "encryption"), iv, cipher_image.shape)
        if not hmac.compare_digest(iv, _iv(image, key, nonce)):
            raise CipherError(f"{self.card.name}: the IV does not match the image: wrong key or changed ciphertext")
        return image


def _iv(image: Image, key: bytes, nonce: bytes) -> bytes:
    return synthetic_iv(subkey(key, "mac"), nonce + repr(image.shape).encode() + image.tobytes())
