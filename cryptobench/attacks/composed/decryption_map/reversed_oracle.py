"""Decryption presented as if it were encryption, so that what is found out about one is found out about the other."""

from __future__ import annotations

from typing import cast

import numpy as np

from cryptobench.attacks.composed.state_class.state_classes import StateClass
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.tools.chosen_ciphertexts import ChosenCiphertexts
from cryptobench.cipher import Encrypted, Image

__all__ = ["ClassPairs", "NoDecryption", "ReversedOracle"]


class NoDecryption(Exception):
    """A chosen ciphertext was rejected, or its decryption has another shape than the challenge's plaintext."""


class ReversedOracle:
    """What the search for states uses of an `Oracle`: to encrypt is to decrypt under the challenge's header.

    ``chosen`` counts queries and rejections; ``answers`` are all pairs of a ciphertext and its plaintext, uint8.
    """

    def __init__(self, oracle: Oracle) -> None:
        self.chosen = ChosenCiphertexts(oracle)
        self.shape: tuple[int, ...] = oracle.challenge.image.shape
        self._oracle = oracle

    @property
    def samples(self) -> int:
        """Of the cipher image."""
        return int(np.prod(self.shape))

    @property
    def remaining(self) -> int | None:
        return self._oracle.remaining

    def decrypt(self, cipher_image: Image) -> Image:
        """The plaintext of a chosen cipher image; NoDecryption if there is none."""
        plain = self.chosen.decrypt(cipher_image)
        if plain is None:
            raise NoDecryption
        return plain

    def encrypt(self, image: Image) -> Encrypted:
        """The decryption of ``image``, in the place of a cipher image; NoDecryption if there is none."""
        return Encrypted(self.decrypt(image))

    def varying(self, *images: Image) -> list[Image]:
        """The images themselves: plaintexts have no padding."""
        return list(images)

    def as_oracle(self) -> Oracle:
        """The same, as the type that the search for states takes."""
        return cast(Oracle, self)


class ClassPairs:
    """Random ciphertexts of the challenge's class, with their decryptions, flat; of all ciphertexts without a state.

    ``cipher``, (pairs, ciphertext samples), and ``plain``, (pairs, plaintext samples), grow by `ask`.
    """

    def __init__(
        self, oracle: ReversedOracle, challenge: Image, state: StateClass | None, generator: np.random.Generator
    ) -> None:
        self.state = state
        self._oracle = oracle
        self._value = 0 if state is None else state.of(challenge)
        self._generator = generator
        self._cipher: list[Image] = []
        self._plain: list[Image] = []

    @property
    def samples(self) -> int:
        """Of a ciphertext."""
        return self._oracle.samples

    @property
    def cipher(self) -> Image:
        return np.stack(self._cipher)

    @property
    def plain(self) -> Image:
        return np.stack(self._plain)

    def ask(self, count: int) -> bool:
        """Whether there are now ``count`` pairs; not, and none is asked for, if the budget does not allow it.

        NoDecryption or `Unreachable` if a ciphertext of the class does not decrypt, or is not found.
        """
        lacking = count - len(self._cipher)
        if self._oracle.remaining is not None and lacking > self._oracle.remaining:
            return False
        for _ in range(lacking):
            self._add(self._random())
        return True

    def flats(self) -> Image | None:
        """(256, plaintext samples): decryptions of the flat cipher images; None if the budget does not allow it."""
        if self._oracle.remaining is not None and self._oracle.remaining < 256:
            return None
        images = (np.full(self._oracle.shape, value, np.uint8) for value in range(256))
        return np.stack([self._oracle.decrypt(image).ravel() for image in images])

    def decrypt(self, flat: Image) -> Image:
        """The plaintext, flat, of one more ciphertext; NoDecryption if there is none."""
        return self._oracle.decrypt(flat.reshape(self._oracle.shape)).ravel()

    def _random(self) -> Image:
        if self.state is None:
            return self._generator.integers(0, 256, self._oracle.shape, np.uint8)
        return self.state.random(self._oracle.shape, self._value, self._generator)

    def _add(self, cipher_image: Image) -> None:
        plain = self._oracle.decrypt(cipher_image)
        self._cipher.append(cipher_image.ravel())
        self._plain.append(plain.ravel())
