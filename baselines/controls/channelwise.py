"""Control: each colour channel encrypted perfectly, and on its own."""

from __future__ import annotations

import numpy as np

from cryptobench.baselines.controls._parts import keystream, subkey, synthetic_iv
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["Channelwise"]

_IV_BYTES = 16


class Channelwise(Cipher):
    """Every channel is XORed with AES-256-CTR under an IV that is a MAC of that channel alone; header = the IVs."""

    card = Card(
        name="channelwise",
        title="Synthetic-IV AES-256-CTR on each channel by itself",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "gives MAC and encryption keys of each channel"),),
        defect="Channels never mix: a change in one channel leaves the ciphertext of the others as it was.",
        uses_nonce=False,
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        planes = _planes(image)
        ivs = [synthetic_iv(subkey(key, f"mac {c}"), plane.tobytes()) for c, plane in enumerate(planes)]
        return Encrypted(_apply_keystreams(image, key, ivs), header=b"".join(ivs))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        header, channels = encrypted.header, len(_planes(encrypted.image))
        if len(header) != channels * _IV_BYTES:
            raise CipherError(
                f"channelwise: header has {len(header)} bytes, wanted {channels * _IV_BYTES}, an IV for each channel"
            )
        ivs = [header[start : start + _IV_BYTES] for start in range(0, len(header), _IV_BYTES)]
        return _apply_keystreams(encrypted.image, key, ivs)


def _planes(image: Image) -> list[Image]:
    return [image] if image.ndim == 2 else [image[..., channel] for channel in range(image.shape[2])]


def _apply_keystreams(image: Image, key: bytes, ivs: list[bytes]) -> Image:
    output = np.empty_like(image)
    for channel, (plane, target, iv) in enumerate(zip(_planes(image), _planes(output), ivs, strict=True)):
        stream = keystream(subkey(key, f"encryption {channel}"), plane.size, iv)
        np.bitwise_xor(plane, stream.reshape(plane.shape), out=target)
    return output
