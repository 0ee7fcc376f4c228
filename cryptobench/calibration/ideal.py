"""The ideal cipher: independent uniform bytes for each key, nonce and plaintext."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from cryptobench.cipher import NONCE_BYTES, Card, Cipher, CipherError, Encrypted, Image, KeyField

__all__ = ["IdealCipher"]

_Question = tuple[bytes, bytes, tuple[int, ...], bytes]  # key, nonce, shape, samples


class IdealCipher(Cipher):
    """Answers every question with a uniformly random image and remembers the answer, in both directions.

    Encryption under a key and a nonce is a random injection: plaintexts, keys and nonces that differ in one bit
    have independent ciphertexts. A ciphertext that nobody encrypted decrypts to a random image, which encrypts back
    to it. Answers are drawn from PCG64 seeded with a hash of the question, so equal questions have equal answers in
    every instance; what was encrypted is known to this instance only.
    """

    card = Card(
        name="ideal",
        title="Ideal cipher: random images, remembered",
        family="reference",
        fidelity="A",
        key=(KeyField("key", 256, "names one random injection"),),
    )

    def __init__(self) -> None:
        self._sealed: dict[_Question, Image] = {}
        self._opened: dict[_Question, Image] = {}

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        question = (key, nonce, image.shape, image.tobytes())
        if question not in self._sealed:
            self._remember(question, _random_image("encrypt", question))
        return Encrypted(self._sealed[question].copy(), nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        body, nonce = encrypted.image, encrypted.header
        if len(nonce) != NONCE_BYTES:
            raise CipherError(f"ideal: header has {len(nonce)} bytes, wanted the nonce, {NONCE_BYTES} bytes")
        question = (key, nonce, body.shape, body.tobytes())
        if question not in self._opened:
            plain = _random_image("decrypt", question)
            self._remember((key, nonce, plain.shape, plain.tobytes()), body)
        return self._opened[question].copy()

    def _remember(self, question: _Question, body: Image) -> None:
        key, nonce, shape, samples = question
        self._sealed[question] = body.copy()
        self._opened[key, nonce, body.shape, body.tobytes()] = np.frombuffer(samples, np.uint8).reshape(shape).copy()


def _random_image(direction: str, question: _Question) -> Image:
    key, nonce, shape, samples = question
    seed = _digest((direction.encode(), key, nonce, repr(shape).encode(), samples))
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))
    return generator.integers(0, 256, shape, np.uint8)


def _digest(parts: Sequence[bytes]) -> bytes:
    """A hash of the parts and of their lengths."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "big") + part)
    return state.digest()
