"""AES-256-GCM-SIV, deterministic authenticated encryption under one key of 256 bits."""

from __future__ import annotations

import numpy as np
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["Aes256GcmSiv"]

_IV_BYTES = 12
_TAG_BYTES = 16


class Aes256GcmSiv(Cipher):
    """AES-256-GCM-SIV with the nonce's first 12 bytes as its own; image shape and last 4 bytes are associated data.

    Header = nonce, tag. Under a fixed nonce it is deterministic: equal images give equal ciphertexts and nothing else
    leaks. A message has 2^36 bytes at most.
    """

    card = Card(
        name="aes-256-gcm-siv",
        title="AES-256-GCM-SIV, authenticated encryption that a repeated nonce does not break (RFC 8452)",
        family="reference",
        fidelity="A",
        key=(KeyField("key", 256, "AES-256 key that generates the keys of each nonce"),),
        authors="Gueron, Langley and Lindell",
        year=2019,
        doi="10.17487/RFC8452",
        deviations=("16-byte nonce: the last 4 bytes are associated data, as the standard's nonce has 12 bytes",),
        authenticated=True,
        known_attacks=("Under one nonce, equal images give equal ciphertexts (RFC 8452, section 9).",),
        claims="confidentiality=5, misuse=4, integrity=rejects",
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        ciphertext = _aes_gcm_siv(key).encrypt(nonce[:_IV_BYTES], image.tobytes(), _associated(image, nonce))
        cipher_image = np.frombuffer(ciphertext, np.uint8, count=image.size).reshape(image.shape).copy()
        return Encrypted(cipher_image, header=nonce + ciphertext[-_TAG_BYTES:])

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        header, image = encrypted.header, encrypted.image
        if len(header) != NONCE_BYTES + _TAG_BYTES:
            raise CipherError(f"aes-256-gcm-siv: header has {len(header)} bytes, wanted nonce and tag, 32 bytes")
        nonce, tag = header[:NONCE_BYTES], header[NONCE_BYTES:]
        box = _aes_gcm_siv(key)
        try:
            opened = box.decrypt(nonce[:_IV_BYTES], image.tobytes() + tag, _associated(image, nonce))
        except InvalidTag:
            raise CipherError("aes-256-gcm-siv: ciphertext rejected, it was changed or the key is wrong") from None
        return np.frombuffer(opened, np.uint8).reshape(image.shape).copy()


def _aes_gcm_siv(key: bytes) -> AESGCMSIV:
    try:
        return AESGCMSIV(key)
    except UnsupportedAlgorithm:
        from cryptography.hazmat.backends.openssl import backend

        raise CipherError(
            f"aes-256-gcm-siv: the cryptography package runs on {backend.openssl_version_text()}, wanted OpenSSL 3.2 "
            "or newer; pip install --upgrade --only-binary :all: cryptography"
        ) from None


def _associated(image: Image, nonce: bytes) -> bytes:
    return np.array(image.shape, ">u4").tobytes() + nonce[_IV_BYTES:]
