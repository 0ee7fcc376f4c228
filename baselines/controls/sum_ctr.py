"""Control: AES-CTR whose nonce is the sum of the image."""

from __future__ import annotations

import numpy as np

from cryptobench.baselines.controls._parts import keystream
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["SumCtr"]


class SumCtr(Cipher):
    """c = p XOR AES-256-CTR(key, sum of p mod 256); the sum is the header."""

    card = Card(
        name="sum-ctr",
        title="AES-256-CTR with the image's sum mod 256 as nonce",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "AES-256 key"),),
        defect="Only 256 keystreams exist, chosen by the plaintext's sum: 256 chosen images reveal all of them, "
        "although every statistical test passes.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        total = bytes([int(image.sum(dtype=np.uint64)) % 256])
        return Encrypted(_apply_keystream(image, key, total), header=total)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if len(encrypted.header) != 1:
            raise CipherError(f"sum-ctr: header has {len(encrypted.header)} bytes, wanted 1, the sum mod 256")
        return _apply_keystream(encrypted.image, key, encrypted.header)


def _apply_keystream(image: Image, key: bytes, total: bytes) -> Image:
    return image ^ keystream(key, image.size, total + bytes(15)).reshape(image.shape)
