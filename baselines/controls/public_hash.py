"""Control: a stream keyed with the image's hash, and the hash for all to see."""

from __future__ import annotations

from hashlib import sha256

from cryptobench.baselines.controls._parts import keystream, subkey
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["PublicHash"]

_HASH_BYTES = sha256().digest_size


class PublicHash(Cipher):
    """c = p XOR AES-256-CTR under HMAC(key, SHA-256 of p); the hash is the header, and nobody checks it."""

    card = Card(
        name="public-hash",
        title="Stream cipher keyed with key and image hash, the hash public and unchecked",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives, with the image's hash, the AES-256 key"),),
        defect="The hash confirms any guess at the image without the key, and any cipher image that is decrypted "
        "under a message's own hash gives that message's keystream away.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        digest = sha256(image.tobytes()).digest()
        return Encrypted(_apply_keystream(image, key, digest), header=digest)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if len(encrypted.header) != _HASH_BYTES:
            raise CipherError(
                f"public-hash: header has {len(encrypted.header)} bytes, wanted {_HASH_BYTES}, the image's SHA-256"
            )
        return _apply_keystream(encrypted.image, key, encrypted.header)


def _apply_keystream(image: Image, key: bytes, digest: bytes) -> Image:
    return image ^ keystream(subkey(key, digest.hex()), image.size).reshape(image.shape)
