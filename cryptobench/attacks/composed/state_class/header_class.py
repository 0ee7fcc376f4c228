"""Plaintexts that get the challenge's header by chance, where headers are few: a state, whatever it is made of."""

from __future__ import annotations

from collections import Counter

import numpy as np

from cryptobench.attacks.composed.state_class.state_classes import Unreachable
from cryptobench.attacks.oracle import Oracle
from cryptobench.cipher import Encrypted, Image

__all__ = ["HeaderClass", "headers_are_few"]

_DRAWN = 96  # random images; of 512 headers or fewer some recur among them, but for one time in 8000
_IN_VAIN = 4096  # random images in a row that have another header: those of random images are others altogether


class HeaderClass:
    """What reads maps from random pairs uses of an oracle; random plaintexts are encrypted until one has the
    challenge's header, which takes as many queries as there are headers."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self.challenge = oracle.challenge
        self.shape, self.samples = oracle.shape, oracle.samples

    @property
    def remaining(self) -> int | None:
        return self._oracle.remaining

    def random_pair(self, generator: np.random.Generator) -> tuple[Image, Encrypted]:
        """A random plaintext with the challenge's header, and its ciphertext; Unreachable if none of 4096 has it."""
        for _ in range(_IN_VAIN):
            plain = generator.integers(0, 256, self.shape, np.uint8)
            answer = self._oracle.encrypt(plain)
            if answer.header == self.challenge.header:
                return plain, answer
        raise Unreachable("no random image has the challenge's header")


def headers_are_few(oracle: Oracle, generator: np.random.Generator) -> bool:
    """Whether headers of random images recur, and are not all the same: 96 queries, none without a header."""
    if not oracle.challenge.header:
        return False
    headers = Counter(oracle.encrypt(generator.integers(0, 256, oracle.shape, np.uint8)).header for _ in range(_DRAWN))
    return 1 < len(headers) < _DRAWN
