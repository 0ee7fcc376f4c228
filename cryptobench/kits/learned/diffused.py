"""Base class of ciphers that diffuse the network's ciphertext byte by byte, under a key and a nonce."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image, stage
from cryptobench.kits.chaos.pwlcm_stream import pwlcm_bytes, pwlcm_streams
from cryptobench.kits.learned.cipher import SHAPE_BYTES, LearnedCipher

__all__ = ["Bytes", "DiffusedCipher", "keystreams"]

Bytes = NDArray[np.uint8]


class DiffusedCipher(LearnedCipher):
    """Encode, then diffuse the ciphertext's bytes in C order. The header is the plaintext's shape and the nonce.

    The trained pair is fixed (``pair``, the first one): the key acts on the diffusion only.
    """

    pair: ClassVar[int] = 0

    @abstractmethod
    def diffuse(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        """The cipher bytes of ``data``, as many."""

    @abstractmethod
    def undo_diffusion(self, data: Bytes, key: bytes, nonce: bytes) -> Bytes:
        """The inverse of `diffuse`."""

    def nonce_for(self, encoded: Image, nonce: bytes) -> bytes:
        """The nonce that goes into the header; a subclass may take a hash of the network's ciphertext instead."""
        return nonce

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        encoded, shape = self.encode(image, self.pair)
        nonce = self.nonce_for(encoded, nonce)
        diffused = self.diffuse(encoded.ravel(), key, nonce)
        return Encrypted(diffused.reshape(encoded.shape), shape + nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return self.decode(self.intermediate(encrypted, key), encrypted.header[:SHAPE_BYTES], self.pair)

    def intermediate(self, encrypted: Encrypted, key: bytes) -> Image:
        """The network's ciphertext, with the diffusion undone; raises CipherError for a header of another cipher."""
        header = encrypted.header
        if len(header) != SHAPE_BYTES + NONCE_BYTES or encrypted.secret:
            raise CipherError(
                f"{self.card.name}: header has {len(header)} bytes and the secret {len(encrypted.secret)}, wanted "
                f"{SHAPE_BYTES + NONCE_BYTES} (shape and nonce) and none"
            )
        self.plain_shape(encrypted.image, header[:SHAPE_BYTES])
        data = np.ascontiguousarray(encrypted.image).ravel()
        return self.undo_diffusion(data, key, header[SHAPE_BYTES:]).reshape(encrypted.image.shape)


def keystreams(key: bytes, nonce: bytes, count: int) -> tuple[Bytes, Bytes, int, int]:
    """Two PWLCM streams of ``count`` bytes, one for each pass, and the two bytes that start the passes."""
    with stage("keystream"):
        start, end = pwlcm_bytes(key, nonce, "iv", 2).tolist()
        k1, k2 = pwlcm_streams(key, nonce, ("k1", "k2"), count)
        return k1, k2, start, end
