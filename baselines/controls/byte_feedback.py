"""Control: cipher feedback through one S-box, a byte at a time."""

from __future__ import annotations

import hmac

import numpy as np
from numba import njit

from cryptobench.baselines.controls._parts import permutation, subkey, synthetic_iv
from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image, KeyField, stage

__all__ = ["ByteFeedback"]

_IV_BYTES = 16


class ByteFeedback(Cipher):
    """c[i] = S[p[i] ^ c[i-1]], S a permutation of the bytes that the key gives; c[-1] is a byte of the IV, which is a
    MAC of nonce and image. The header is nonce and IV.
    """

    card = Card(
        name="byte-feedback",
        title="Cipher block chaining with blocks of one byte",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives the MAC key and the S-box"),),
        defect="The S-box stands in known pairs, at 256 values of p[i] ^ c[i-1], and no nonce hides it.",
        authenticated=True,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        iv = _iv(image, key, nonce)
        with stage("diffusion"):
            cipher_image = _chain(image.ravel(), _box(key), iv[0]).reshape(image.shape)
        return Encrypted(cipher_image, header=nonce + iv)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        header, cipher_image = encrypted.header, encrypted.image.ravel()
        if len(header) != NONCE_BYTES + _IV_BYTES:
            raise CipherError(
                f"byte-feedback: header has {len(header)} bytes, wanted {NONCE_BYTES + _IV_BYTES}, nonce and IV"
            )
        nonce, iv = header[:NONCE_BYTES], header[NONCE_BYTES:]
        back = np.empty(256, np.uint8)
        back[_box(key)] = np.arange(256)
        before = np.concatenate((np.frombuffer(iv[:1], np.uint8), cipher_image[:-1]))
        image: Image = (back[cipher_image] ^ before).reshape(encrypted.image.shape)
        if not hmac.compare_digest(iv, _iv(image, key, nonce)):
            raise CipherError("byte-feedback: the IV does not match the image: wrong key or changed ciphertext")
        return image


def _box(key: bytes) -> Image:
    return permutation(subkey(key, "box"), 256).astype(np.uint8)


def _iv(image: Image, key: bytes, nonce: bytes) -> bytes:
    return synthetic_iv(subkey(key, "mac"), nonce + repr(image.shape).encode() + image.tobytes())


@njit(cache=True, nogil=True)
def _chain(samples: Image, box: Image, before: int) -> Image:
    chained = np.empty_like(samples)
    for place in range(samples.size):
        before = box[samples[place] ^ before]
        chained[place] = before
    return chained
