"""The public algorithm as a map of flat images under keys of one's own, in both directions."""

from __future__ import annotations

from math import prod

import numpy as np

from cryptobench.attacks.oracle import LocalCipher
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image

__all__ = ["OtherShape", "OwnKey"]


class OtherShape(CipherError):
    """An image that is not of the plaintext's shape."""


class OwnKey:
    """One key, with a nonce, drawn from ``generator``: `encrypt` and `decrypt` map flat images of ``shape``.

    CipherError if the cipher does not take the images; OtherShape if it gives some of another shape.
    """

    def __init__(self, local: LocalCipher, shape: tuple[int, ...], generator: np.random.Generator) -> None:
        self._local, self._shape = local, shape
        self._key, self._nonce = generator.bytes(local.cipher.card.key_bytes), generator.bytes(NONCE_BYTES)
        first = self._local.encrypt(np.zeros(shape, np.uint8), self._key, self._nonce)
        self._header, self._secret = first.header, first.secret
        self.samples = prod(shape)

    def run(self, flat: Image, *, backwards: bool) -> Image:
        """The ciphertext, or ``backwards`` the plaintext under the header of an encryption with this key."""
        image = flat.reshape(self._shape)
        if backwards:
            answer = self._local.decrypt(Encrypted(image, self._header, self._secret), self._key)
        else:
            answer = self._local.encrypt(image, self._key, self._nonce, self._secret or None).image
        if answer.shape != self._shape:
            raise OtherShape("it gives images of another shape")
        return answer.ravel()
