"""AES-256-GCM, what most programs use: a keystream and a tag, safe as long as no nonce comes twice."""

from __future__ import annotations

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["Aes256Gcm"]

_TAG_BYTES = 16


class Aes256Gcm(Cipher):
    """AES-256-GCM with the image shape as associated data and the whole nonce as IV; header = nonce, tag.

    An IV of 16 bytes passes through GHASH (SP 800-38D, section 7.1), so every byte of the nonce counts; random ones
    are safe for 2^32 messages under a key.
    """

    card = Card(
        name="aes-256-gcm",
        title="AES-256-GCM, authenticated encryption by counter mode and GHASH (NIST SP 800-38D)",
        family="reference",
        fidelity="A",
        key=(KeyField("key", 256, "AES-256 key"),),
        authors="Dworkin",
        year=2007,
        doi="10.6028/NIST.SP.800-38D",
        authenticated=True,
        known_attacks=(
            "Two messages under one nonce: their ciphertexts differ by the XOR of the images (reproduced here).",
            "A. Joux, Authentication failures in NIST version of GCM, comments to NIST, 2006: two messages under one "
            "nonce give the hash key, and with it forgeries under any nonce seen.",
        ),
        claims="confidentiality=5, integrity=rejects",
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        ciphertext = AESGCM(key).encrypt(nonce, image.tobytes(), _encode_shape(image))
        cipher_image = np.frombuffer(ciphertext, np.uint8, count=image.size).reshape(image.shape).copy()
        return Encrypted(cipher_image, header=nonce + ciphertext[-_TAG_BYTES:])

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        header, image = encrypted.header, encrypted.image
        if len(header) != NONCE_BYTES + _TAG_BYTES:
            raise CipherError(f"aes-256-gcm: header has {len(header)} bytes, wanted nonce and tag, 32 bytes")
        nonce, tag = header[:NONCE_BYTES], header[NONCE_BYTES:]
        try:
            opened = AESGCM(key).decrypt(nonce, image.tobytes() + tag, _encode_shape(image))
        except InvalidTag:
            raise CipherError("aes-256-gcm: ciphertext rejected, it was changed or the key is wrong") from None
        return np.frombuffer(opened, np.uint8).reshape(image.shape).copy()


def _encode_shape(image: Image) -> bytes:
    return np.array(image.shape, ">u4").tobytes()
