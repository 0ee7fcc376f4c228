"""The lossless form under a synthetic IV: damage is refused, and a receiver who asks is shown where it lies."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from cryptography.hazmat.primitives import constant_time, hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher as Stream
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from cryptobench.cipher import NONCE_BYTES, Card, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.primitives.chaos.diffusion.xor import xor_two_pass, xor_two_pass_inverse
from cryptobench.primitives.learned.ciphers import SHAPE_BYTES, Bytes
from cryptobench.primitives.learned.lifting_recipe import LiftingRecipe
from cryptobench.primitives.learned.lossless import LiftingCipher
from cryptobench.proposed.lossless_training import lifting_recipe

__all__ = ["DenseResNetXorSealed"]

_IV_BYTES = 16
_KEY_BYTES = 32


class DenseResNetXorSealed(LiftingCipher):
    """The network's bytes m; IV = HMAC-SHA-256(mac key, shape, nonce, m), 16 bytes; two XOR passes with AES-256-CTR.

    The header is the plaintext's shape (9 bytes), the nonce and the IV, which is the tag as well: whoever decrypts
    computes it again. The stream gives each pass as many bytes as m has, then the two that start the passes. Under one
    nonce equal images give equal ciphertexts, and nothing else leaks (SIV, Rogaway and Shrimpton 2006).
    """

    weights: ClassVar[tuple[str, ...]] = ("dense-resnet-xor-lossless-1", "dense-resnet-xor-lossless-2")
    card = Card(
        name="dense-resnet-xor-sealed",
        title="Lossless lite dense-ResNet and bit-XOR diffusion under a synthetic IV",
        family="proposed",
        fidelity="C",
        key=(
            KeyField("mac_key", 256, "HMAC-SHA-256 key of the synthetic IV"),
            KeyField("stream_key", 256, "AES-256-CTR key of the diffusion's streams"),
        ),
        deviations=(
            "Derived here, and in no paper: dense-resnet-xor-lossless whose streams are AES-256 in counter mode and "
            "start from a synthetic IV, which is an HMAC of the message.",
            "Its security is that of the MAC and of the stream, and is not the network's: without the network it "
            "would be as secure. What the network adds is that damage shows on the picture.",
            "decrypt refuses whatever was changed. cryptobench.proposed.damage.damage_map, which is no part of the "
            "interface, tells a receiver with the key where a refused ciphertext was changed, and no plaintext. The "
            "map gives something away: it shows less damage where the picture is rough, so whoever may have maps of "
            "ciphertexts of their choice learns about the picture, and about the plaintexts of changed ciphertexts. "
            "It is for the receiver alone.",
        ),
        authenticated=True,
        channels=(1, 3),
        known_attacks=("Under one nonce, equal images give equal ciphertexts, as of every deterministic cipher.",),
        claims="confidentiality=5, misuse=4, integrity=rejects",
    )

    @classmethod
    def recipe(cls, preset: str) -> LiftingRecipe:
        return lifting_recipe(preset)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        encoded, shape = self.encode(image)
        iv = _synthetic_iv(key, shape + nonce, encoded)
        k1, k2, start, end = _keystreams(key, iv, encoded.size)
        with stage("diffusion"):
            diffused = xor_two_pass(np.ascontiguousarray(encoded).ravel(), k1, k2, start, end)
        return Encrypted(diffused.reshape(encoded.shape), shape + nonce + iv)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        encoded, intact = self.opened(encrypted, key)
        if not intact:
            raise CipherError(f"{self.card.name}: ciphertext rejected, it was changed or the key is wrong")
        return self.decode(encoded, encrypted.header[:SHAPE_BYTES])

    def opened(self, encrypted: Encrypted, key: bytes) -> tuple[Image, bool]:
        """The network's bytes with the diffusion undone, and whether the IV is theirs.

        CipherError for a header that is none of this cipher's, or of another shape than the cipher image.
        """
        header, wanted = encrypted.header, SHAPE_BYTES + NONCE_BYTES + _IV_BYTES
        if len(header) != wanted or encrypted.secret:
            raise CipherError(
                f"{self.card.name}: header has {len(header)} bytes and the secret {len(encrypted.secret)}, wanted "
                f"{wanted} (shape, nonce and IV) and none"
            )
        self.plain_shape(encrypted.image, header[:SHAPE_BYTES])
        begin, iv = header[:-_IV_BYTES], header[-_IV_BYTES:]
        k1, k2, start, end = _keystreams(key, iv, encrypted.image.size)
        with stage("diffusion"):
            data = xor_two_pass_inverse(np.ascontiguousarray(encrypted.image).ravel(), k1, k2, start, end)
        encoded = data.reshape(encrypted.image.shape)
        return encoded, constant_time.bytes_eq(iv, _synthetic_iv(key, begin, encoded))


def _synthetic_iv(key: bytes, begin: bytes, encoded: Image) -> bytes:
    """Of shape and nonce, which have one length, and the message."""
    with stage("MAC"):
        mac = hmac.HMAC(key[:_KEY_BYTES], hashes.SHA256())
        mac.update(begin)
        mac.update(encoded.tobytes())
        return mac.finalize()[:_IV_BYTES]


def _keystreams(key: bytes, iv: bytes, count: int) -> tuple[Bytes, Bytes, int, int]:
    """As `learned.ciphers.keystreams`, from AES-256 in counter mode whose first block of counter is the IV."""
    with stage("keystream"):
        stream = Stream(AES256(key[_KEY_BYTES:]), CTR(iv)).encryptor().update(bytes(2 * count + 2))
        data = np.frombuffer(stream, np.uint8)
        return data[:count], data[count:-2], int(data[-2]), int(data[-1])
