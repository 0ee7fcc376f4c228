"""Control: cipher block chaining under a constant initialisation vector."""

from __future__ import annotations

import hmac

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from cryptobench.baselines.controls._parts import inverse_permute, permutation, permute, subkey, synthetic_iv
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage

__all__ = ["CbcConstantIv"]

_BLOCK = 16


class CbcConstantIv(Cipher):
    """Blocks of 16 samples in an order that the key gives, AES-256-CBC under an IV that the key gives too, and a MAC of
    the cipher image as header.

    A last incomplete block is XORed with the encryption of the ciphertext block before it.
    """

    card = Card(
        name="cbc-constant-iv",
        title="AES-256-CBC under a constant IV, with a MAC",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives an AES-256 key, the IV, a MAC key and the order of blocks"),),
        defect="Images whose first blocks are equal have equal first ciphertext blocks, so that each block can be "
        "guessed by itself, once those before it are known.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        samples, whole = image.ravel(), image.size // _BLOCK * _BLOCK
        blocks = samples[:whole].reshape(-1, _BLOCK)
        chained = self._chain(permute(blocks, permutation(subkey(key, "order"), len(blocks))), key)
        cipher_image = np.concatenate([chained, samples[whole:] ^ self._mask(chained, key, image.size - whole)])
        cipher_image = cipher_image.reshape(image.shape)
        return Encrypted(cipher_image, header=_tag(cipher_image, key))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        image = encrypted.image
        if len(encrypted.header) != _BLOCK:
            raise CipherError(f"cbc-constant-iv: header has {len(encrypted.header)} bytes, wanted {_BLOCK}, the MAC")
        if not hmac.compare_digest(encrypted.header, _tag(image, key)):
            raise CipherError("cbc-constant-iv: the cipher image does not match its MAC")
        samples, whole = image.ravel(), image.size // _BLOCK * _BLOCK
        chained = samples[:whole]
        with stage("diffusion"):
            opened = _aes(key).decryptor().update(chained.tobytes())
        blocks = np.frombuffer(opened, np.uint8).reshape(-1, _BLOCK)
        blocks = inverse_permute(blocks, permutation(subkey(key, "order"), len(blocks)))
        last = samples[whole:] ^ self._mask(chained, key, image.size - whole)
        return np.concatenate([blocks.ravel(), last]).reshape(image.shape)

    @staticmethod
    def _chain(blocks: Image, key: bytes) -> Image:
        with stage("diffusion"):
            return np.frombuffer(_aes(key).encryptor().update(blocks.tobytes()), np.uint8)

    @staticmethod
    def _mask(chained: Image, key: bytes, size: int) -> Image:
        before = chained[-_BLOCK:].tobytes() or subkey(key, "iv")[:_BLOCK]
        encryptor = BlockCipher(algorithms.AES256(subkey(key, "aes")), modes.ECB()).encryptor()
        return np.frombuffer(encryptor.update(before), np.uint8)[:size]


def _aes(key: bytes) -> BlockCipher[modes.CBC]:
    return BlockCipher(algorithms.AES256(subkey(key, "aes")), modes.CBC(subkey(key, "iv")[:_BLOCK]))


def _tag(image: Image, key: bytes) -> bytes:
    """Of shape and samples."""
    return synthetic_iv(subkey(key, "mac"), repr(image.shape).encode() + image.tobytes())
