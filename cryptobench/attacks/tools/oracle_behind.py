"""An oracle in front of another one, for attacks that are run inside an attack."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import cast

from cryptobench.attacks.experiment import Probe
from cryptobench.attacks.oracle import Mode, Model, Oracle, Queries
from cryptobench.cipher import Cipher, Encrypted, Image

__all__ = ["OracleBehind"]


class OracleBehind(ABC):
    """What attacks use of an `Oracle`, with other plaintexts, ciphertexts or both than those of ``oracle`` behind it.

    Mode, cipher, shape, queries and budget are its.
    """

    model: Model = "CPA"

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle

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
    def queries(self) -> Queries:
        return self._oracle.queries

    @property
    def budget(self) -> int | None:
        return self._oracle.budget

    @property
    def remaining(self) -> int | None:
        return self._oracle.remaining

    @abstractmethod
    def encrypt(self, image: Image) -> Encrypted:
        """The ciphertext of a chosen plaintext, one query."""

    def probe(self, name: Probe) -> Image:
        return self._oracle.probe(name)

    def encrypt_probe(self, name: Probe) -> Encrypted:
        return self.encrypt(self.probe(name))

    def as_oracle(self) -> Oracle:
        """The same, as the type that attacks take."""
        return cast(Oracle, self)
