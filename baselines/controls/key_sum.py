"""Control: a key of which only the sum counts."""

from __future__ import annotations

from hashlib import sha256
from math import prod

from cryptobench.baselines.controls._authenticated import AuthenticatedStream
from cryptobench.baselines.controls._parts import keystream
from cryptobench.cipher import Card, Encrypted, Image, KeyField

__all__ = ["KeySum"]


class KeySum(AuthenticatedStream):
    """A sound cipher under SHA-256 of the sum of the 32 key bytes, a number from 0 to 8160."""

    card = Card(
        name="key-sum",
        title="Authenticated AES-256-CTR keyed with the sum of its key bytes",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "only the sum of its bytes is used"),),
        defect="8161 keys in all: every flipped key bit changes the whole ciphertext, so all 256 seem to count, but "
        "the bytes may stand in any order, and trying all sums takes seconds.",
        authenticated=True,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return super().encrypt(image, _from_sum(key), nonce, secret=secret)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return super().decrypt(encrypted, _from_sum(key))

    def mask(self, key: bytes, iv: bytes, shape: tuple[int, ...]) -> Image:
        return keystream(key, prod(shape), iv).reshape(shape)


def _from_sum(key: bytes) -> bytes:
    return sha256(sum(key).to_bytes(2, "big")).digest()
