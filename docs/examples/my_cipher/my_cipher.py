"""An example: a keyed permutation and a SHAKE-256 keystream.

Check it:    cryptobench validate my_cipher.py:MyCipher
Measure it:  cryptobench run --ciphers my_cipher.py:MyCipher --profile quick

It runs as it is. Replace the card and the two methods by your own, and keep what the comments ask for.
"""

from __future__ import annotations

import hashlib

import numpy as np

from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image, KeyField, stage


class MyCipher(Cipher):
    """A keyed permutation of all samples, then XOR with a keystream that depends on key and nonce."""

    # Tables and listings show the card. They read it without running this file if it is all literals, as here.
    card = Card(
        name="my_cipher",
        title="Permutation and SHAKE-256 keystream",
        family="mine",
        # A: the full algorithm from a source. B: its main steps, some constants chosen. C: reconstructed from an
        # abstract. Say with B and C what you chose or left out: deviations=("...", "...").
        fidelity="A",
        # The harness draws uniform key bytes and tests every bit of every field. Turning those bits into x0, mu, ...
        # is part of the cipher. Fields follow one another from the first key byte.
        key=(
            KeyField("permutation_key", 128, "orders the samples"),
            KeyField("keystream_key", 128, "seeds the keystream, with the other"),
        ),
        # Also: authors, year, doi, uses_nonce, secret_bits, lossless, authenticated. What images the scheme takes:
        # channels=(1,), square=True, sides_multiple_of=8, min_side, max_side. rejects_with=("InvalidTag",) names what
        # decrypt raises, besides CipherError, to reject. files=("weights.bin",): data not read by Python's open.
        # cost="slow", if `validate` advises it: key bits are then flipped on 64x64 pixels.
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        # `image` is (H, W) or (H, W, C) uint8 and must not be modified; key and nonce have the right length.
        # All randomness comes from key and nonce: equal input, equal output. A scheme that derives its keystream from
        # a hash of the image returns that hash as Encrypted(..., secret=...) and uses the `secret` it is given.
        with stage("permutation"):  # stages are timed apart
            scrambled = image.ravel()[_order(key[:16], image.size)]
        with stage("keystream"):  # of the whole key: what only orders samples puts some where an equal one was
            cipher_image = scrambled ^ _keystream(key + nonce, image.size)
        # The header is public and travels with the cipher image; here it is what decryption needs besides the key.
        return Encrypted(cipher_image.reshape(image.shape), header=nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        # This runs in another process, with nothing but key, cipher image, header and secret.
        # What cannot be decrypted is a CipherError that names what was given and what is wanted.
        if len(encrypted.header) != NONCE_BYTES:
            raise CipherError(f"my_cipher: header has {len(encrypted.header)} bytes, wanted a nonce of {NONCE_BYTES}")
        image = encrypted.image
        scrambled = image.ravel() ^ _keystream(key + encrypted.header, image.size)
        restored = np.empty_like(scrambled)
        restored[_order(key[:16], image.size)] = scrambled
        return restored.reshape(image.shape)


def _keystream(seed: bytes, size: int) -> Image:
    return np.frombuffer(hashlib.shake_256(seed).digest(size), np.uint8)


def _order(seed: bytes, size: int) -> np.ndarray:
    return np.argsort(_keystream(seed, 8 * size).view("<u8"), kind="stable")
