"""Control: three samples of the image key everything else."""

from __future__ import annotations

import hmac

import numpy as np
from numpy.typing import NDArray

from cryptobench.baselines.controls._parts import inverse_permute, keystream, permutation, permute, subkey, synthetic_iv
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage

__all__ = ["SampleKeyed"]

_FEW, _TAG = 3, 16


class SampleKeyed(Cipher):
    """Three samples, in places that the key gives, go through an S-box one after the other, each plus the ciphertext of
    the one before. The others are XORed with a keystream, go through another S-box and are permuted; key and the three
    samples together give these three parts. The header is a MAC of the cipher image.
    """

    card = Card(
        name="sample-keyed",
        title="Keystream, S-box and permutation keyed with three samples, with a MAC",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives the three places, their S-box and a MAC key, and with the samples all else"),),
        defect="Each of the three samples changes the whole ciphertext, but while they are held, every other sample "
        "reaches one place through one table; and the three are read from their own places, one by one.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        few, rest = _places(key, image.size)
        samples, cipher_image = image.ravel(), np.empty(image.size, np.uint8)
        box, before = permutation(subkey(key, "box"), 256), 0
        for place in few:
            before = int(box[(int(samples[place]) + before) % 256])
            cipher_image[place] = before
        stream, table, order = _parts(key, samples[few], rest.size)
        with stage("substitution"):
            mixed = table[samples[rest] ^ stream]
        cipher_image[rest] = permute(mixed, order)
        whole = cipher_image.reshape(image.shape)
        return Encrypted(whole, header=_tag(whole, key))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if len(encrypted.header) != _TAG:
            raise CipherError(f"sample-keyed: header has {len(encrypted.header)} bytes, wanted {_TAG}, the MAC")
        if not hmac.compare_digest(encrypted.header, _tag(encrypted.image, key)):
            raise CipherError("sample-keyed: the cipher image does not match its MAC")
        few, rest = _places(key, encrypted.image.size)
        cipher_samples, image = encrypted.image.ravel(), np.empty(encrypted.image.size, np.uint8)
        inverse, before = np.argsort(permutation(subkey(key, "box"), 256)), 0
        for place in few:
            image[place] = (int(inverse[cipher_samples[place]]) - before) % 256
            before = int(cipher_samples[place])
        stream, table, order = _parts(key, image[few], rest.size)
        with stage("substitution"):
            image[rest] = np.argsort(table).astype(np.uint8)[inverse_permute(cipher_samples[rest], order)] ^ stream
        return image.reshape(encrypted.image.shape)


def _places(key: bytes, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of the three samples, or of all if there are no more, and of the others."""
    mixed = permutation(subkey(key, "places"), size).astype(np.int64)
    return mixed[:_FEW], np.sort(mixed[_FEW:])


def _parts(key: bytes, few: Image, size: int) -> tuple[Image, Image, NDArray[np.uint32]]:
    own = subkey(key, f"samples {few.tobytes().hex()}")
    table = permutation(subkey(own, "table"), 256).astype(np.uint8)
    return keystream(subkey(own, "keystream"), size), table, permutation(subkey(own, "permutation"), size)


def _tag(image: Image, key: bytes) -> bytes:
    """Of shape and samples."""
    return synthetic_iv(subkey(key, "mac"), repr(image.shape).encode() + image.tobytes())
