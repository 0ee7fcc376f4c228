"""An oracle that keeps every query in one state of the cipher: the one in which the challenge was encrypted."""

from __future__ import annotations

import numpy as np

from cryptobench.attacks.composed.state_class.state_classes import StateClass
from cryptobench.attacks.oracle import LocalCipher, Oracle, Queries
from cryptobench.attacks.tools.oracle_behind import OracleBehind
from cryptobench.cipher import Encrypted, Image

__all__ = ["ClassOracle"]


class ClassOracle(OracleBehind):
    """What attacks use of an `Oracle`; chosen plaintexts get ``value`` of ``state`` before they are encrypted.

    ``base`` is XORed to each first: with a base whose value is near, few samples have to change. Queries are those made
    through it; the budget is that of the oracle behind it.
    """

    def __init__(self, oracle: Oracle, state: StateClass, value: int, base: Image | None = None) -> None:
        super().__init__(oracle)
        self.state = state
        self.value = value
        self._base = np.zeros(oracle.shape, np.uint8) if base is None else base
        self._before = oracle.queries

    @property
    def challenge(self) -> Encrypted:
        return self._oracle.challenge

    @property
    def local_cipher(self) -> LocalCipher:
        return self._oracle.local_cipher

    @property
    def queries(self) -> Queries:
        now, before = self._oracle.queries, self._before
        kinds = ("known", "encryptions", "decryptions")
        return Queries(*(getattr(now, kind) - getattr(before, kind) for kind in kinds))

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

    def varying(self, *images: Image) -> list[Image]:
        return self._oracle.varying(*images)

    def picture(self, *images: Image) -> list[Image]:
        return self._oracle.picture(*images)
