"""An oracle whose plaintexts and ciphertexts are those of the keyed part between two public maps."""

from __future__ import annotations

from typing import cast

from cryptobench.attacks.composed.keyed_core.groups import Coordinates
from cryptobench.attacks.experiment import Probe
from cryptobench.attacks.oracle import LocalCipher, Mode, Model, Oracle, Queries
from cryptobench.cipher import Cipher, CipherError, Encrypted, Image

__all__ = ["CoreOracle", "as_oracle"]


class _NoLocalCipher(LocalCipher):
    """The keyed part alone is no public algorithm."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, secret: bytes | None = None) -> Encrypted:
        raise CipherError("the keyed part does not run by itself")

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        raise CipherError("the keyed part does not run by itself")


class CoreOracle:
    """What attacks use of an `Oracle`. A chosen plaintext is the image between ``before``, the public map ahead of the
    keyed part, and that part; the ciphertext is what comes out of it, ahead of the map ``after``. Queries are those of
    the oracle behind it."""

    model: Model = "CPA"

    def __init__(self, oracle: Oracle, before: Coordinates, after: Coordinates) -> None:
        self._oracle, self._before, self._after = oracle, before, after
        self.challenge = self._inner(oracle.challenge)
        self.shape = oracle.shape
        self.samples = oracle.samples
        self.local_cipher: LocalCipher = _NoLocalCipher(oracle.cipher)

    @property
    def mode(self) -> Mode:
        return self._oracle.mode

    @property
    def cipher(self) -> Cipher:
        return self._oracle.cipher

    @property
    def queries(self) -> Queries:
        return self._oracle.queries

    @property
    def budget(self) -> int | None:
        return self._oracle.budget

    @property
    def remaining(self) -> int | None:
        return self._oracle.remaining

    def sent(self, inner: Image) -> Image:
        """The plaintext that is ``inner`` ahead of the keyed part."""
        return self._before.group.leave(self._before.combined(inner.ravel())).reshape(self.shape)

    def encrypt(self, image: Image) -> Encrypted:
        """What the keyed part makes of ``image``; CipherError for a cipher image of another shape."""
        return self._inner(self._oracle.encrypt(self.sent(image)))

    def probe(self, name: Probe) -> Image:
        return self._oracle.probe(name)

    def encrypt_probe(self, name: Probe) -> Encrypted:
        return self.encrypt(self.probe(name))

    def known_pair(self) -> tuple[Image, Encrypted]:
        """A natural-looking plaintext, as it is ahead of the keyed part, and its ciphertext."""
        plain, ciphertext = self._oracle.known_pair()
        numbers = self._before.group.enter(plain.ravel())
        return self._before.read(numbers).reshape(self.shape), self._inner(ciphertext)

    def varying(self, *images: Image) -> list[Image]:
        return list(images)

    picture = varying

    def _inner(self, ciphertext: Encrypted) -> Encrypted:
        if ciphertext.image.shape != self._oracle.shape:
            raise CipherError("cipher images are of another shape than the plaintext")
        values = self._after.read(self._after.group.enter(ciphertext.image.ravel()))
        return Encrypted(values.reshape(ciphertext.image.shape), ciphertext.header)


def as_oracle(oracle: CoreOracle) -> Oracle:
    """The same, as the type that attacks take."""
    return cast(Oracle, oracle)
