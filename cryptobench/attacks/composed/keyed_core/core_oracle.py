"""An oracle whose plaintexts and ciphertexts are those of a keyed part, between a public map and its inverse."""

from __future__ import annotations

import numpy as np

from cryptobench.attacks.composed.keyed_core.own_keys import OwnKey
from cryptobench.attacks.composed.keyed_core.public_maps import PublicMap
from cryptobench.attacks.oracle import LocalCipher, Oracle
from cryptobench.attacks.tools.oracle_behind import OracleBehind
from cryptobench.cipher import CipherError, Encrypted, Image

__all__ = ["CoreOracle"]


class _NoLocalCipher(LocalCipher):
    """The keyed part alone is no public algorithm."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, secret: bytes | None = None) -> Encrypted:
        raise CipherError("the keyed part does not run by itself")

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        raise CipherError("the keyed part does not run by itself")


class CoreOracle(OracleBehind):
    """What attacks use of an `Oracle`. Plaintexts and ciphertexts are those of what is left of the cipher, followed by
    decryption under a key of one's own, or preceded by it, once the public map at the end that does not cancel is taken
    off. CipherError if something has another shape than the plaintext.
    """

    def __init__(self, oracle: Oracle, public: PublicMap, generator: np.random.Generator) -> None:
        super().__init__(oracle)
        self._public = public
        self._own = OwnKey(oracle.local_cipher, oracle.shape, generator)
        self.challenge = self._inner(oracle.challenge)
        self.local_cipher: LocalCipher = _NoLocalCipher(oracle.cipher)

    def sent(self, inner: Image) -> Image:
        """The plaintext that is ``inner`` ahead of the keyed part."""
        coordinates = self._public.coordinates
        flat = coordinates.group.leave(coordinates.combined(inner.ravel()))
        return (self._own.run(flat, backwards=True) if self._public.backwards else flat).reshape(self.shape)

    def encrypt(self, image: Image) -> Encrypted:
        """What the keyed part makes of ``image``."""
        return self._inner(self._oracle.encrypt(self.sent(image)))

    def known_pair(self) -> tuple[Image, Encrypted]:
        """A natural-looking plaintext, as it is ahead of the keyed part, and its ciphertext."""
        plain, ciphertext = self._oracle.known_pair()
        flat = plain.ravel()
        return self._read(self._own.run(flat, backwards=False) if self._public.backwards else flat), self._inner(
            ciphertext
        )

    def varying(self, *images: Image) -> list[Image]:
        return list(images)

    picture = varying

    def _inner(self, ciphertext: Encrypted) -> Encrypted:
        if ciphertext.image.shape != self.shape:
            raise CipherError("cipher images are of another shape than the plaintext")
        flat = ciphertext.image.ravel()
        return Encrypted(self._read(flat if self._public.backwards else self._own.run(flat, backwards=True)))

    def _read(self, flat: Image) -> Image:
        coordinates = self._public.coordinates
        return coordinates.read(coordinates.group.enter(flat)).reshape(self.shape)
