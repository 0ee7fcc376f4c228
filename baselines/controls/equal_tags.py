"""Control: a tag of the plaintext beside its encryption."""

from __future__ import annotations

import hmac
from math import prod

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream, subkey, synthetic_iv
from cryptobench.cipher import Card, CipherError, Encrypted, Image, KeyField

__all__ = ["EqualTags"]

_INNER_HEADER = 32  # nonce and IV


class EqualTags(AuthenticatedStream):
    """A sound stream; nonce and IV are followed by a MAC of the image alone, 16 bytes, without the nonce."""

    card = Card(
        name="equal-tags",
        title="Authenticated AES-256-CTR beside a MAC of the plaintext",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys"),),
        defect="Equal images have equal tags, whatever their nonces, so that anyone sees which messages repeat "
        "(encrypt-and-MAC: Bellare and Namprempre, ASIACRYPT 2000).",
        authenticated=True,
    )

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        return keystream(key, prod(shape), iv).reshape(shape)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        encrypted = super().encrypt(image, key, nonce)
        return Encrypted(encrypted.image, encrypted.header + _tag(image, key))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        header, tag = encrypted.header[:_INNER_HEADER], encrypted.header[_INNER_HEADER:]
        image = super().decrypt(Encrypted(encrypted.image, header), key)
        if not hmac.compare_digest(tag, _tag(image, key)):
            raise CipherError("equal-tags: the tag does not match the image: changed ciphertext")
        return image


def _tag(image: Image, key: bytes) -> bytes:
    return synthetic_iv(subkey(key, "tag"), image.tobytes())
