"""Which property of the plaintext a cipher is keyed with, such that it is simple while that is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.composed.state_classes import OneSample, StateClass, Sum, Unreachable, Xor
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["FoundState", "StateFinder"]

_FEWEST_SAMPLES = 32
_MOST_PERIODS = 1024  # changes of the sum that are tried for its modulus
_ENOUGH = 5  # changes after which it is clear whether a header is the sum itself
_ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")
_RESERVED_PART = 16  # one sample of so many, and a few, are kept to adjust exact sums
_FEWEST_RESERVED = 8
_EQUALITIES = 3  # ways in which two changes may be found to be independent


@dataclass(frozen=True)
class FoundState:
    """The state, None if there is none or it was not found; the clearest share and p-value of all tests.

    ``stateless`` if encryption is simple whatever is changed.
    """

    state: StateClass | None
    share: float
    p_value: float
    stateless: bool = False


class StateFinder:
    """Tests E(x) - E(x + d) - E(x + e) + E(x + d + e) = 0, in XOR, mod 256, and in the lowest bit plane alone, for
    changes d and e of different samples that keep a property.

    That holds where samples reach the ciphertext by themselves or by chains of one group; in the lowest plane also
    where additions and XORs alternate.
    """

    def __init__(self, oracle: Oracle, generator: np.random.Generator) -> None:
        self._oracle = oracle
        self._generator = generator
        self._start = generator.integers(0, 256, oracle.samples, np.uint8)
        self._origin = self._encrypted(self._start)
        self._tests = 2 * (oracle.samples.bit_length() + 8) * _EQUALITIES
        self._best = 0.0, 1.0

    def find(self) -> FoundState:
        """Look for a single sample, then an XOR, then a sum, with its modulus."""
        samples = self._oracle.samples
        if samples < _FEWEST_SAMPLES:
            return FoundState(None, 0.0, 1.0)
        everything = np.arange(samples)
        if self._independent(everything, lambda change: change):
            return FoundState(None, *self._best, stateless=True)
        return FoundState(self._one_sample(everything) or self._xor() or self._sum(), *self._best)

    def _encrypted(self, flat: Image) -> Image:
        return self._oracle.encrypt(flat.reshape(self._oracle.shape)).image

    def _independent(
        self, places: NDArray[np.int64], kept: Callable[[Image], Image], *, exchanged: bool = False
    ) -> bool:
        """Whether changes of two halves of these samples, which ``kept`` completes, do not meet in the ciphertext.

        New values are drawn for them, or they are ``exchanged`` among themselves.
        """
        mixed = self._generator.permutation(places)
        halves = [mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]]
        changed = []
        for half in halves:
            image = self._start.copy()
            values = self._generator.integers(0, 256, len(half), np.uint8)
            image[half] = self._generator.permutation(image[half]) if exchanged else values
            try:
                changed.append(kept(image))
            except Unreachable:
                return False
        both = changed[0] + changed[1] - self._start
        answers = [self._encrypted(image) for image in (*changed, both)]
        if any(answer.shape != self._origin.shape for answer in answers):
            return False
        c, d, e = answers
        errors = self._origin ^ c ^ d ^ e
        size = errors.size
        lowest = int(np.sum(errors & 1 == 0))
        hits = max(int(np.sum(errors == 0)), int(np.sum(self._origin + e == c + d)))
        share, p_value = max(
            (hits / size, binomial_sf(hits, size, tries=self._tests)),
            (lowest / size if lowest == size else 0.0, binomial_sf(lowest, size, 0.5, tries=self._tests)),
            key=lambda one: one[0],
        )  # fmt: skip
        self._best = min(self._best, (share, p_value), key=lambda one: (one[1], -one[0]))
        return share > ALMOST_ALL and p_value < LEAK_LEVEL

    def _one_sample(self, everything: NDArray[np.int64]) -> StateClass | None:
        """Changes of all samples whose index has a bit in common miss the one that is the state, or they do not."""
        index = 0
        for bit in range((len(everything) - 1).bit_length()):
            has = everything >> bit & 1 == 1
            if self._independent(everything[~has], lambda change: change):
                index |= 1 << bit
            elif not self._independent(everything[has], lambda change: change):
                return None
        if index >= len(everything):
            return None
        others = np.delete(everything, index)
        return OneSample((index,)) if self._independent(others, lambda change: change) else None

    def _xor(self) -> StateClass | None:
        return self._symmetric(lambda places: Xor(tuple(places[:1])))

    def _sum(self) -> StateClass | None:
        if (state := self._symmetric(lambda places: Sum(tuple(places[:1]), 256))) is not None:
            return state
        if (state := self._symmetric(lambda places: Sum(tuple(places), None))) is None:
            return None
        modulus = self._modulus(state)
        return state if modulus is None else Sum(state.reserved[: -(-modulus // 255) + 1], modulus)

    def _symmetric(self, made: Callable[[Sequence[int]], StateClass]) -> StateClass | None:
        """The state that ``made`` gives for the samples that adjust it, if encryption is simple while it is kept."""
        samples = self._oracle.samples
        count = min(samples // _RESERVED_PART + _FEWEST_RESERVED, samples // 4)
        for _ in range(2):  # twice, since a state of one byte may stay as it was by chance
            order = self._generator.permutation(samples)
            reserved = [order[:count].tolist(), order[count : 2 * count].tolist()]
            states = [made(places) for places in reserved]
            turn = iter(states)
            value = states[0].of(self._start)
            exact = states[0].values is None
            if not self._independent(
                order[2 * count :], lambda change: next(turn).given(change, value), exchanged=exact  # noqa: B023
            ):
                return None
        return states[0]

    def _modulus(self, state: StateClass) -> int | None:
        """The least change of the sum that gives the header of the start again; None if no small one does, or if the
        header is the sum itself under a mask."""
        start = self._start.reshape(self._oracle.shape)
        header = self._oracle.encrypt(start).header
        total = state.of(start)
        headers = {total: header}
        for change in range(1, _MOST_PERIODS):
            try:
                image = state.given(start, total + change)
            except Unreachable:
                return None
            found = self._oracle.encrypt(image).header
            if found == header:
                return change if change > 1 else None
            headers[total + change] = found
            if change == _ENOUGH and _is_masked_sum(headers):
                return None
        return None


def _is_masked_sum(headers: dict[int, bytes]) -> bool:
    """Whether two or more bytes of the headers are their sum under one mask, XORed or added."""
    for width in range(2, min(len(header) for header in headers.values()) + 1):
        for start in range(min(len(header) for header in headers.values()) - width + 1):
            for order in _ORDERS:
                read = {total: int.from_bytes(one[start : start + width], order) for total, one in headers.items()}
                most = 256**width
                if len({number ^ total % most for total, number in read.items()}) == 1:
                    return True
                if len({(number - total) % most for total, number in read.items()}) == 1:
                    return True
    return False
