"""Control: AES-256 block by block."""

from __future__ import annotations

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["Aes256Ecb"]

_BLOCK = 16


class Aes256Ecb(Cipher):
    """AES-256-ECB over the raster of samples, in blocks of 16.

    The last block is filled up with zeros; those bytes of its ciphertext that have no place in an image of
    the plaintext's shape, at most 15, are the header.
    """

    card = Card(
        name="aes-256-ecb",
        title="AES-256 in electronic-codebook mode",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "AES-256 key"),),
        defect="Equal blocks of 16 samples encrypt equally, so flat areas show, and a change reaches only its block.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        padded = image.tobytes() + bytes(-image.size % _BLOCK)
        blocks = BlockCipher(algorithms.AES256(key), modes.ECB()).encryptor().update(padded)
        cipher_image = np.frombuffer(blocks, np.uint8, count=image.size).reshape(image.shape).copy()
        return Encrypted(cipher_image, header=blocks[image.size :])

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        image, tail = encrypted.image, -encrypted.image.size % _BLOCK
        if len(encrypted.header) != tail:
            raise CipherError(
                f"aes-256-ecb: header has {len(encrypted.header)} bytes, wanted the {tail} that fill the last block "
                f"of a {'x'.join(map(str, image.shape))} image"
            )
        blocks = image.tobytes() + encrypted.header
        opened = BlockCipher(algorithms.AES256(key), modes.ECB()).decryptor().update(blocks)
        return np.frombuffer(opened, np.uint8, count=image.size).reshape(image.shape).copy()
