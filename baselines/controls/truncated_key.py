"""Control: a sound cipher that reads only half of its key."""

from __future__ import annotations

from cryptobench.baselines.controls._parts import keystream, subkey, synthetic_iv
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["TruncatedKey"]

_IV_BYTES = 16
_USED_KEY_BYTES = 16


class TruncatedKey(Cipher):
    """Synthetic-IV AES-256-CTR keyed from the first 128 of 256 key bits; header = the IV."""

    card = Card(
        name="truncated-key",
        title="Synthetic-IV AES-256-CTR that ignores half of its key",
        family="control",
        fidelity="A",
        key=(
            KeyField("first_half", 128, "gives MAC and encryption key"),
            KeyField("second_half", 128, "said to be key, never read"),
        ),
        defect="256 key bits are claimed and 128 are used: every key has 2^128 equivalents.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        iv = synthetic_iv(subkey(key[:_USED_KEY_BYTES], "mac"), image.tobytes())
        return Encrypted(_apply_keystream(image, key, iv), header=iv)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        if len(encrypted.header) != _IV_BYTES:
            raise CipherError(
                f"truncated-key: header has {len(encrypted.header)} bytes, wanted the {_IV_BYTES} byte IV"
            )
        return _apply_keystream(encrypted.image, key, encrypted.header)


def _apply_keystream(image: Image, key: bytes, iv: bytes) -> Image:
    stream = keystream(subkey(key[:_USED_KEY_BYTES], "encryption"), image.size, iv)
    return image ^ stream.reshape(image.shape)
