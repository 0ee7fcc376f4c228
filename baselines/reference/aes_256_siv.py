"""AES-256-SIV, what the best deterministic cipher can do: the ceiling for published image ciphers."""

from __future__ import annotations

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["Aes256Siv"]

_IV_BYTES = 16


class Aes256Siv(Cipher):
    """AES-256-SIV with the image shape and the nonce as associated data; header = nonce, synthetic IV.

    Under a fixed nonce it is deterministic authenticated encryption: equal images give equal ciphertexts and
    nothing else leaks.
    """

    card = Card(
        name="aes-256-siv",
        title="AES-256-SIV, deterministic authenticated encryption (RFC 5297)",
        family="reference",
        fidelity="A",
        key=(
            KeyField("mac_key", 256, "AES-256-CMAC key of S2V"),
            KeyField("encryption_key", 256, "AES-256-CTR key"),
        ),
        authors="Harkins",
        year=2008,
        doi="10.17487/RFC5297",
        authenticated=True,
        claims="confidentiality=5, misuse=4, integrity=rejects",
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        ciphertext = AESSIV(key).encrypt(image.tobytes(), [_encode_shape(image), nonce])
        cipher_image = np.frombuffer(ciphertext, np.uint8, offset=_IV_BYTES).reshape(image.shape).copy()
        return Encrypted(cipher_image, header=nonce + ciphertext[:_IV_BYTES])

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        header, image = encrypted.header, encrypted.image
        if len(header) != NONCE_BYTES + _IV_BYTES:
            raise CipherError(f"aes-256-siv: header has {len(header)} bytes, wanted nonce and synthetic IV, 32 bytes")
        nonce, synthetic_iv = header[:NONCE_BYTES], header[NONCE_BYTES:]
        try:
            opened = AESSIV(key).decrypt(synthetic_iv + image.tobytes(), [_encode_shape(image), nonce])
        except InvalidTag:
            raise CipherError("aes-256-siv: ciphertext rejected, it was changed or the key is wrong") from None
        return np.frombuffer(opened, np.uint8).reshape(image.shape).copy()


def _encode_shape(image: Image) -> bytes:
    return np.array(image.shape, ">u4").tobytes()
