"""The values of the few samples that are a cipher's state, read from what depends on them alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.composed.state_class.state_classes import FewSamples
from cryptobench.attacks.oracle import BudgetExceeded, Oracle
from cryptobench.cipher import Encrypted, Image

__all__ = ["few_as_challenge"]

_VALUES, _IMAGES = 4, 2  # of these samples, and that differ in all others: what stays depends on these alone
_TOGETHER = 2  # samples whose values are tried together


def few_as_challenge(
    oracle: Oracle, state: FewSamples, generator: np.random.Generator
) -> tuple[FewSamples, int] | None:
    """The state with all its samples but the first held as in the challenge, and the first one's value.

    8 queries, then 256 for each sample and again for one that shows only together with those that are known already;
    65,536 for two that show only together. None where some show in no part of ciphertext or header by themselves.
    """
    try:
        reader = _Reader(oracle, state, generator)
        while reader.open:
            if not any(reader.read(group) for size in (1, _TOGETHER) for group in combinations(reader.open, size)):
                return None
    except (BudgetExceeded, _OtherSizes):
        return None
    values = [reader.known[index] for index in range(len(state.reserved))]
    return FewSamples(state.reserved, tuple(values[1:])), values[0]


class _OtherSizes(ValueError):
    """A ciphertext has another size than the challenge."""


class _Reader:
    """``known`` has the challenge's values of samples of the state, by their index in it; ``open`` are the others."""

    def __init__(self, oracle: Oracle, state: FewSamples, generator: np.random.Generator) -> None:
        self._oracle, self._state = oracle, state
        self._wanted = _all_bytes(oracle.challenge)
        self.known: dict[int, int] = {}
        self.open = list(range(len(state.reserved)))
        self._alone = np.ones(self._wanted.size, bool)
        for _ in range(_VALUES):
            self._held = generator.integers(0, 256, len(state.reserved), np.uint8)
            images = [generator.integers(0, 256, oracle.shape, np.uint8) for _ in range(_IMAGES)]
            answers = [self._ask(self._held, rest) for rest in images]
            self._alone &= np.logical_and.reduce([answer == answers[0] for answer in answers])
        self._rest = images[0]
        self._tables = {index: np.stack(list(self._answers((index,)))) for index in self.open}
        self._depends = {index: (table != table[0]).any(axis=0) for index, table in self._tables.items()}

    def read(self, group: tuple[int, ...]) -> bool:
        """Find values of these samples of the state that give the challenge what depends on them and known ones only;
        False if nothing does, or if none fit."""
        own = self._alone & np.logical_or.reduce([self._depends[index] for index in group])
        for index in set(self.open) - set(group):
            own = own & ~self._depends[index]
        if not own.any():
            return False
        wanted = self._wanted[own]
        with_known = any((own & self._depends[index]).any() for index in self.known)
        answers = self._answers(group) if with_known or len(group) > 1 else iter(self._tables[group[0]])
        for values, answer in zip(product(range(256), repeat=len(group)), answers, strict=False):
            if np.array_equal(answer[own], wanted):
                for index, value in zip(group, values, strict=True):
                    self.known[index] = value
                    self._held[index] = value
                    self.open.remove(index)
                return True
        return False

    def _answers(self, group: tuple[int, ...]) -> Iterator[NDArray[np.uint8]]:
        """The ciphertexts of all values of these samples, the others of the state held."""
        for values in product(range(256), repeat=len(group)):
            held = self._held.copy()
            held[list(group)] = values
            yield self._ask(held, self._rest)

    def _ask(self, held: NDArray[np.uint8], rest: Image) -> NDArray[np.uint8]:
        image = rest.copy()
        image.flat[list(self._state.reserved)] = held
        answer = _all_bytes(self._oracle.encrypt(image))
        if answer.size != self._wanted.size:
            raise _OtherSizes
        return answer


def _all_bytes(encrypted: Encrypted) -> NDArray[np.uint8]:
    """Of cipher image and header."""
    return np.concatenate([encrypted.image.ravel(), np.frombuffer(encrypted.header, np.uint8)])
