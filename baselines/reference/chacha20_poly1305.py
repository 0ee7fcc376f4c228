"""ChaCha20-Poly1305 with the nonce extended as in XChaCha20: authenticated encryption without AES."""

from __future__ import annotations

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as StreamCipher
from cryptography.hazmat.primitives.ciphers import aead, algorithms

from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["ChaCha20Poly1305"]

_TAG_BYTES = 16
_ZERO_NONCE = bytes(12)


class ChaCha20Poly1305(Cipher):
    """XChaCha20-Poly1305 whose 24-byte nonce is the 16-byte nonce and 8 zero bytes; header = nonce, tag.

    All 16 bytes enter HChaCha20, which gives each message its own ChaCha20-Poly1305 key, so random nonces are
    safe. The image shape is associated data.
    """

    card = Card(
        name="chacha20-poly1305",
        title="ChaCha20-Poly1305 (RFC 8439) with a nonce extended by HChaCha20 (XChaCha20)",
        family="reference",
        fidelity="A",
        key=(KeyField("key", 256, "ChaCha20 key"),),
        authors="Nir and Langley",
        year=2018,
        doi="10.17487/RFC8439",
        deviations=("16-byte nonce through HChaCha20, as XChaCha20-Poly1305 with a nonce that ends in 8 zero bytes",),
        authenticated=True,
        claims="confidentiality=5, integrity=rejects",
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        box = aead.ChaCha20Poly1305(hchacha20(key, nonce))
        ciphertext = box.encrypt(_ZERO_NONCE, image.tobytes(), _encode_shape(image))
        cipher_image = np.frombuffer(ciphertext, np.uint8, count=image.size).reshape(image.shape).copy()
        return Encrypted(cipher_image, header=nonce + ciphertext[-_TAG_BYTES:])

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        header, image = encrypted.header, encrypted.image
        if len(header) != NONCE_BYTES + _TAG_BYTES:
            raise CipherError(f"chacha20-poly1305: header has {len(header)} bytes, wanted nonce and tag, 32 bytes")
        nonce, tag = header[:NONCE_BYTES], header[NONCE_BYTES:]
        box = aead.ChaCha20Poly1305(hchacha20(key, nonce))
        try:
            opened = box.decrypt(_ZERO_NONCE, image.tobytes() + tag, _encode_shape(image))
        except InvalidTag:
            raise CipherError("chacha20-poly1305: ciphertext rejected, it was changed or the key is wrong") from None
        return np.frombuffer(opened, np.uint8).reshape(image.shape).copy()


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    """The 32-byte subkey of HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2) for a 16-byte nonce.

    A ChaCha20 block is the permuted state plus the initial state; HChaCha20 is the permuted state's first and
    last row, so subtracting the known initial words leaves it.
    """
    block = StreamCipher(algorithms.ChaCha20(key, nonce), None).encryptor().update(bytes(64))
    words = np.frombuffer(block, "<u4")
    known = np.frombuffer(b"expand 32-byte k" + nonce, "<u4")
    return bytes(np.concatenate([words[:4], words[12:]]) - known)


def _encode_shape(image: Image) -> bytes:
    return np.array(image.shape, ">u4").tobytes()
