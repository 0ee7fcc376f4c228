"""An oracle that keeps every query in one state of the cipher: the one in which the challenge was encrypted."""

from __future__ import annotations

from typing import cast

import numpy as np

from cryptobench.attacks.composed.state_class.state_classes import StateClass
from cryptobench.attacks.experiment import Probe
from cryptobench.attacks.oracle import LocalCipher, Mode, Model, Oracle, Queries
from cryptobench.cipher import Cipher, Encrypted, Image

__all__ = ["ClassOracle", "as_oracle"]


class ClassOracle:
    """What attacks use of an `Oracle`; chosen plaintexts get ``value`` of ``state`` before they are encrypted.

    ``base`` is XORed to each first: with a base whose value is near, few samples have to change. Queries are those made
    through it; the budget is that of the oracle behind it.
    """

    model: Model = "CPA"

    def __init__(self, oracle: Oracle, state: StateClass, value: int, base: Image | None = None) -> None:
        self._oracle = oracle
        self.state = state
        self.value = value
        self._base = np.zeros(oracle.shape, np.uint8) if base is None else base
        self._before = oracle.queries

    @property
    def challenge(self) -> Encrypted:
        return self._oracle.challenge

    @property
    def shape(self) -> tuple[int, ...]:
        return self._oracle.shape

    @property
    def samples(self) -> int:
        return self._oracle.samples

    @property
    def mode(self) -> Mode:
        return self._oracle.mode

    @property
    def cipher(self) -> Cipher:
        return self._oracle.cipher

    @property
    def local_cipher(self) -> LocalCipher:
        return self._oracle.local_cipher

    @property
    def queries(self) -> Queries:
        now, before = self._oracle.queries, self._before
        kinds = ("known", "encryptions", "decryptions")
        return Queries(*(getattr(now, kind) - getattr(before, kind) for kind in kinds))

    @property
    def budget(self) -> int | None:
        return self._oracle.budget

    @property
    def remaining(self) -> int | None:
        return self._oracle.remaining

    def sent(self, image: Image) -> Image:
        """The plaintext that is encrypted in place of ``image``; Unreachable if it cannot get the state."""
        return self.state.given(image ^ self._base, self.value)

    def encrypt(self, image: Image) -> Encrypted:
        """The ciphertext, without its secret, of what is `sent`."""
        return self._oracle.encrypt(self.sent(image))

    def known_pair(self) -> tuple[Image, Encrypted]:
        """A natural-looking plaintext that is given the state, which makes it a chosen one: two queries."""
        plain, _ = self._oracle.known_pair()
        return plain, self.encrypt(plain)

    def random_pair(self, generator: np.random.Generator) -> tuple[Image, Encrypted]:
        """A random plaintext of the state and its ciphertext; each time other samples give it the value."""
        state = self.state.elsewhere(self.samples, generator)
        plain = state.random(self.shape, self.value, generator)
        return plain, self._oracle.encrypt(plain)

    def probe(self, name: Probe) -> Image:
        return self._oracle.probe(name)

    def encrypt_probe(self, name: Probe) -> Encrypted:
        return self.encrypt(self.probe(name))

    def varying(self, *images: Image) -> list[Image]:
        return self._oracle.varying(*images)

    def picture(self, *images: Image) -> list[Image]:
        return self._oracle.picture(*images)


def as_oracle(oracle: ClassOracle) -> Oracle:
    """The same, as the type that attacks take."""
    return cast(Oracle, oracle)
