"""Ascon-AEAD128, the NIST standard for small devices: authenticated encryption by a sponge, without AES."""

from __future__ import annotations

import hmac
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["AsconAead128", "ascon_aead128"]

Words = NDArray[np.uint64]

_TAG_BYTES = 16
_RATE = 16  # bytes
_IV = np.uint64(0x0000_1000_808C_0001)
_DOMAIN = np.uint64(1 << 63)  # separates associated data from text


class AsconAead128(Cipher):
    """Ascon-AEAD128 (NIST SP 800-232) with the image shape as associated data; header = nonce, tag.

    It is not Ascon-128 or Ascon-128a of version 1.2, whose words are big-endian and whose initial value is another.
    """

    card = Card(
        name="ascon-aead128",
        title="Ascon-AEAD128, lightweight authenticated encryption (NIST SP 800-232)",
        family="reference",
        fidelity="A",
        key=(KeyField("key", 128, "Ascon key"),),
        authors="Dobraunig, Eichlseder, Mendel and Schläffer",
        year=2025,
        doi="10.6028/NIST.SP.800-232",
        authenticated=True,
        known_attacks=(
            "Two messages under one nonce: all blocks of 16 bytes before the first that differs are equal, and in "
            "that one the ciphertexts differ by the XOR of the images (reproduced here).",
        ),
        claims="confidentiality=5, integrity=rejects",
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        ciphertext, tag = ascon_aead128(key, nonce, _encode_shape(image), image.tobytes())
        return Encrypted(np.frombuffer(ciphertext, np.uint8).reshape(image.shape).copy(), header=nonce + tag)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        header, image = encrypted.header, encrypted.image
        if len(header) != NONCE_BYTES + _TAG_BYTES:
            raise CipherError(f"ascon-aead128: header has {len(header)} bytes, wanted nonce and tag, 32 bytes")
        opened, tag = ascon_aead128(key, header[:NONCE_BYTES], _encode_shape(image), image.tobytes(), opening=True)
        if not hmac.compare_digest(tag, header[NONCE_BYTES:]):
            raise CipherError("ascon-aead128: ciphertext rejected, it was changed or the key is wrong")
        return np.frombuffer(opened, np.uint8).reshape(image.shape).copy()


def ascon_aead128(
    key: bytes, nonce: bytes, associated: bytes, message: bytes, *, opening: bool = False
) -> tuple[bytes, bytes]:
    """Ciphertext and tag of a text, or, ``opening``, text and tag of a ciphertext; key, nonce and tag have 16 bytes."""
    absorbed = _words(_padded(associated)) if associated else np.zeros(0, np.uint64)
    rest = len(message) % _RATE
    words = _words(message + bytes(_RATE - rest))
    mask = _words(b"\xff" * rest + bytes(_RATE - rest))
    padding = _words(bytes(rest) + b"\x01" + bytes(_RATE - rest - 1))
    tag = _run(_words(key), _words(nonce), absorbed, words, mask, padding, opening)
    return words.astype("<u8").tobytes()[: len(message)], tag.astype("<u8").tobytes()


def _padded(message: bytes) -> bytes:
    return message + b"\x01" + bytes(-(len(message) + 1) % _RATE)


def _words(message: bytes) -> Words:
    return np.frombuffer(message, "<u8").astype(np.uint64)


@njit(cache=True, nogil=True)
def _run(key: Words, nonce: Words, absorbed: Words, words: Words, mask: Words, padding: Words, opening: bool) -> Words:
    """Initialisation, associated data, text, finalisation (section 4.1); returns the tag.

    ``words`` become ciphertext or text; the last two are a block that ``mask`` cuts and ``padding`` ends.
    """
    s0, s1, s2, s3, s4 = _permuted(np.int64(12), _IV, key[0], key[1], nonce[0], nonce[1])
    s3, s4 = s3 ^ key[0], s4 ^ key[1]
    for i in range(0, len(absorbed), 2):
        s0, s1, s2, s3, s4 = _permuted(np.int64(8), s0 ^ absorbed[i], s1 ^ absorbed[i + 1], s2, s3, s4)
    s4 ^= _DOMAIN
    last = len(words) - 2
    for i in range(0, last, 2):
        a, b = words[i], words[i + 1]
        words[i], words[i + 1] = s0 ^ a, s1 ^ b
        s0, s1 = (a, b) if opening else (s0 ^ a, s1 ^ b)
        s0, s1, s2, s3, s4 = _permuted(np.int64(8), s0, s1, s2, s3, s4)
    a, b = (s0 ^ words[last]) & mask[0], (s1 ^ words[last + 1]) & mask[1]
    if opening:
        s0, s1 = s0 ^ a, s1 ^ b
    else:
        s0, s1 = s0 ^ words[last], s1 ^ words[last + 1]
    words[last], words[last + 1] = a, b
    s0, s1 = s0 ^ padding[0], s1 ^ padding[1]
    s0, s1, s2, s3, s4 = _permuted(np.int64(12), s0, s1, s2 ^ key[0], s3 ^ key[1], s4)
    return np.array([s3 ^ key[0], s4 ^ key[1]])


@njit(cache=True, nogil=True)
def _permuted(rounds: Any, s0: Any, s1: Any, s2: Any, s3: Any, s4: Any) -> tuple[Any, Any, Any, Any, Any]:
    """The last so many of the 12 rounds of the permutation (section 3): constant, substitution, linear layer."""
    for i in range(12 - rounds, 12):
        s2 ^= np.uint64(0xF0 - 15 * i)
        s0, s4, s2 = s0 ^ s4, s4 ^ s3, s2 ^ s1
        t0, t1, t2, t3, t4 = ~s0 & s1, ~s1 & s2, ~s2 & s3, ~s3 & s4, ~s4 & s0
        s0, s1, s2, s3, s4 = s0 ^ t1, s1 ^ t2, s2 ^ t3, s3 ^ t4, s4 ^ t0
        s1, s0, s3, s2 = s1 ^ s0, s0 ^ s4, s3 ^ s2, ~s2
        s0 ^= _rotated(s0, np.uint64(19)) ^ _rotated(s0, np.uint64(28))
        s1 ^= _rotated(s1, np.uint64(61)) ^ _rotated(s1, np.uint64(39))
        s2 ^= _rotated(s2, np.uint64(1)) ^ _rotated(s2, np.uint64(6))
        s3 ^= _rotated(s3, np.uint64(10)) ^ _rotated(s3, np.uint64(17))
        s4 ^= _rotated(s4, np.uint64(7)) ^ _rotated(s4, np.uint64(41))
    return s0, s1, s2, s3, s4


@njit(cache=True, nogil=True)
def _rotated(word: Any, right: Any) -> Any:
    return (word >> right) | (word << (np.uint64(64) - right))


def _encode_shape(image: Image) -> bytes:
    return np.array(image.shape, ">u4").tobytes()
