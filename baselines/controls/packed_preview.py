"""Control: a preview that is compressed before it is encrypted."""

from __future__ import annotations

import hmac
import zlib
from math import prod

import numpy as np

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream, subkey
from cryptobench.cipher import Card, CipherError, Encrypted, Image, KeyField

__all__ = ["PackedPreview"]

_INNER_HEADER = 32  # nonce and IV
_SIDE = 16


class PackedPreview(AuthenticatedStream):
    """A sound stream; nonce and IV are followed by a preview of at most 16x16 pixels, deflated, then encrypted."""

    card = Card(
        name="packed-preview",
        title="Authenticated AES-256-CTR beside a preview that is compressed and encrypted",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys"),),
        defect="The preview's size gives away how well it was compressed, and so separates flat pictures from "
        "detailed ones, although no bit of it can be read.",
        authenticated=True,
    )

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        return keystream(key, prod(shape), iv).reshape(shape)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        encrypted = super().encrypt(image, key, nonce)
        return Encrypted(encrypted.image, encrypted.header + _preview(image, key, encrypted.header))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        header, preview = encrypted.header[:_INNER_HEADER], encrypted.header[_INNER_HEADER:]
        image = super().decrypt(Encrypted(encrypted.image, header), key)
        if not hmac.compare_digest(preview, _preview(image, key, header)):
            raise CipherError("packed-preview: the preview does not match the image: changed ciphertext")
        return image


def _preview(image: Image, key: bytes, header: bytes) -> bytes:
    rows, columns = (-(-side // _SIDE) for side in image.shape[:2])
    packed = np.frombuffer(zlib.compress(image[::rows, ::columns].tobytes()), np.uint8)
    mask = keystream(subkey(key, "preview " + header.hex()), packed.size)
    return (packed ^ mask).tobytes()
