"""AES-256 in counter mode, the yardstick for speed and for every statistical test."""

from __future__ import annotations

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["Aes256Ctr"]


class Aes256Ctr(Cipher):
    """AES-256-CTR; the nonce is the first counter block and the whole header."""

    card = Card(
        name="aes-256-ctr",
        title="AES-256 in counter mode (NIST SP 800-38A)",
        family="reference",
        fidelity="A",
        key=(KeyField("key", 256, "AES-256 key"),),
        authors="Dworkin",
        year=2001,
        doi="10.6028/NIST.SP.800-38A",
        known_attacks=("a repeated nonce repeats the keystream", "malleable: nothing detects a changed ciphertext"),
        claims="confidentiality=5",
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(_apply_keystream(image, key, nonce), header=nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if len(encrypted.header) != NONCE_BYTES:
            raise CipherError(
                f"aes-256-ctr: header has {len(encrypted.header)} bytes, wanted the {NONCE_BYTES} byte nonce"
            )
        return _apply_keystream(encrypted.image, key, encrypted.header)


def _apply_keystream(image: Image, key: bytes, counter: bytes) -> Image:
    output = np.empty_like(image, order="C")
    encryptor = BlockCipher(algorithms.AES256(key), modes.CTR(counter)).encryptor()
    encryptor.update_into(np.ascontiguousarray(image).data.cast("B"), output.data.cast("B"))
    return output
