"""Which property of the plaintext a cipher is keyed with, such that it is simple while that is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.composed.state_class.state_classes import (
    Extremes,
    FewSamples,
    StateClass,
    Sum,
    Unreachable,
    Weight,
    Xor,
)
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.cipher import Encrypted, Image
from cryptobench.metrics.statistics import binomial_sf

__all__ = ["FEWEST_SAMPLES", "FoundState", "StateFinder"]

FEWEST_SAMPLES = 32
_MOST_PERIODS = 1024  # changes of the sum that are tried for its modulus
_ENOUGH = 5  # changes after which it is clear whether a header is the sum itself
_ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")
_RESERVED_PART = 16  # one sample of so many, and a few, are kept to adjust exact sums
_FEWEST_RESERVED = 8
_EQUALITIES = 3  # ways in which two changes may be found to be independent
_MOST_TESTS = 256
_QUARTERS = 16  # random quarters of the samples, of which one should miss the few that are the state
_SPREADS, _SPREAD_PART = 2, 16  # random sixteenths, to the same end
_MOST_FEW = 1 / 16  # of the samples, as the state
_START_LEVELS = 64, 192  # so that random changes change the greatest and the least sample too
_SAME = 0.5  # of the ciphertext samples, where a change of one sample leaves the state as it was


Kept = Callable[[Image], Image]


def _as_it_is(image: Image) -> Image:
    return image


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
    changes d and e of different samples that keep a property. At most 256 tests; p-values are corrected for as many,
    times 3 ways.

    That holds where samples reach the ciphertext by themselves or by chains of one group; in the lowest plane also
    where additions and XORs alternate. ``moduli``: of a sum, its modulus is looked for too. ``spreads``: a few samples
    are looked for first by what they change, for two queries.
    """

    def __init__(
        self, oracle: Oracle, generator: np.random.Generator, *, moduli: bool = True, spreads: bool = True
    ) -> None:
        self._moduli, self._spreading = moduli, spreads
        self._oracle = oracle
        self._generator = generator
        self._start = generator.integers(*_START_LEVELS, oracle.samples, np.uint8)
        self._origin = self._encrypted(self._start)
        self._tests = 0
        self._best = 0.0, 1.0

    def find(self) -> FoundState:
        """Look for a few samples by what they change, an XOR, the number of ones, extremes, a sum, with its modulus,
        then a few samples by what they meet."""
        everything = np.arange(self._oracle.samples)
        simple = self._independent(*self._halves(everything))
        state = self._spreading_samples(everything) if simple or self._spreading else None
        if simple:
            return FoundState(state, *self._best, stateless=state is None)
        if state is not None and not self._independent(*self._halves(np.delete(everything, state.reserved))):
            state = None
        state = (
            state or self._xor() or self._weight() or self._extremes() or self._sum() or self._few_samples(everything)
        )
        return FoundState(state, *self._best)

    def _encrypted(self, flat: Image) -> Image:
        return self._oracle.encrypt(flat.reshape(self._oracle.shape)).image

    def _halves(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        mixed = self._generator.permutation(places)
        return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]

    def _independent(
        self, first: NDArray[np.int64], second: NDArray[np.int64], kept: Kept = _as_it_is, *, exchanged: bool = False
    ) -> bool:
        """Whether changes of these two groups of samples, each of which ``kept`` completes, do not meet in the
        ciphertext: three queries. They get other values, or are ``exchanged`` among themselves."""
        if self._tests == _MOST_TESTS:
            return False
        self._tests += 1
        changed = []
        for group in (first, second):
            image = self._start.copy()
            others = image[group] + self._generator.integers(1, 256, len(group), np.uint8)
            image[group] = self._generator.permutation(image[group]) if exchanged else others
            try:
                changed.append(kept(image))
            except Unreachable:
                return False
        if any(np.array_equal(image, self._start) for image in changed):  # nothing changes, whatever the cipher
            return False
        both = changed[0] + changed[1] - self._start
        answers = [self._encrypted(image) for image in (*changed, both)]
        if any(answer.shape != self._origin.shape for answer in answers):
            return False
        share, p_value = self._agreement(*self._oracle.varying(self._origin, *answers))
        self._best = min(self._best, (share, p_value), key=lambda one: (one[1], -one[0]))
        return share > ALMOST_ALL and p_value < LEAK_LEVEL

    def _agreement(self, origin: Image, first: Image, second: Image, both: Image) -> tuple[float, float]:
        """The share of samples that are as if the changes did not meet, and its p-value.

        Samples that neither changes are not counted: an IV that stands there under a fixed nonce says nothing.
        """
        changed = (first != origin) | (second != origin) | (both != origin)
        size = int(np.sum(changed))
        if size == 0:
            return 0.0, 1.0
        tries = _MOST_TESTS * _EQUALITIES
        errors = (origin ^ first ^ second ^ both)[changed]
        hits = max(int(np.sum(errors == 0)), int(np.sum((origin + both == first + second)[changed])))
        if not np.any(errors & 1) and hits <= ALMOST_ALL * size:
            return 1.0, binomial_sf(size, size, 0.5, tries=tries)
        return hits / size, binomial_sf(hits, size, tries=tries)

    def _few_samples(self, everything: NDArray[np.int64]) -> StateClass | None:
        """Samples that a random quarter misses, within which changes do not meet, are found by halving the rest."""
        quarters = (self._quarter(everything) for _ in range(_QUARTERS))
        harmless = next((quarter for quarter in quarters if self._independent(*self._halves(quarter))), None)
        if harmless is None:
            return None
        found = self._halved(everything, harmless, lambda places: self._independent(places, harmless))
        if not found or not self._independent(*self._halves(np.delete(everything, found))):
            return None
        return FewSamples(tuple(found), (0,) * (len(found) - 1))

    def _spreading_samples(self, everything: NDArray[np.int64]) -> StateClass | None:
        """The same where others reach little by themselves: those that change everything. Changes may never meet, since
        the few key a keystream alone. Two queries where there are none."""
        parts = (self._generator.permutation(everything)[: len(everything) // _SPREAD_PART] for _ in range(_SPREADS))
        harmless = next((part for part in parts if not self._spreads(part)), None)
        if harmless is None:
            return None
        found = self._halved(everything, harmless, lambda places: not self._spreads(places))
        return FewSamples(tuple(found), (0,) * (len(found) - 1)) if found else None

    def _quarter(self, everything: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._generator.permutation(everything)[: len(everything) // 4]

    def _spreads(self, places: NDArray[np.int64]) -> bool:
        """Whether a change of these samples changes most of what would be left if each changed one other: one query."""
        image = self._start.copy()
        image[places] += self._generator.integers(1, 256, len(places), np.uint8)
        answer = self._encrypted(image)
        if answer.shape != self._origin.shape:
            return True
        origin, changed = self._oracle.varying(self._origin, answer)
        part = len(places) / self._oracle.samples
        return float(np.mean(origin != changed)) > (1 + part) / 2

    def _halved(
        self, everything: NDArray[np.int64], harmless: NDArray[np.int64], misses: Callable[[NDArray[np.int64]], bool]
    ) -> list[int]:
        """The samples, at most one in 16, that groups contain which ``misses`` denies; none if there are more."""
        most = max(1, int(_MOST_FEW * len(everything)))
        found: list[int] = []
        waiting = [np.setdiff1d(everything, harmless)]
        while waiting and len(found) <= most:
            places = waiting.pop()
            if misses(places):
                continue
            if len(places) == 1:
                found.append(int(places[0]))
            else:
                waiting += [places[len(places) // 2 :], places[: len(places) // 2]]
        return found if len(found) <= most else []

    def _xor(self) -> StateClass | None:
        return self._symmetric(lambda places: Xor(tuple(places)), 1, exchanged=False)

    def _weight(self) -> StateClass | None:
        return self._symmetric(lambda places: Weight(tuple(places)), self._many, exchanged=False)

    def _extremes(self) -> StateClass | None:
        return self._symmetric(lambda places: Extremes(tuple(places)), 2, exchanged=False)

    @property
    def _many(self) -> int:
        """How many samples are kept to adjust what is summed up over the image."""
        samples = self._oracle.samples
        return min(samples // _RESERVED_PART + _FEWEST_RESERVED, samples // 4)

    def _sum(self) -> StateClass | None:
        if (state := self._symmetric(lambda places: Sum(tuple(places), 256), 1, exchanged=False)) is not None:
            return state
        if (state := self._symmetric(lambda places: Sum(tuple(places), None), self._many, exchanged=True)) is None:
            return None
        modulus = self._modulus(state) if self._moduli else None
        return state if modulus is None else Sum(state.reserved[: -(-modulus // 255) + 1], modulus)

    def _symmetric(
        self, made: Callable[[Sequence[int]], StateClass], count: int, *, exchanged: bool
    ) -> StateClass | None:
        """The state that ``made`` gives for ``count`` samples that adjust it, if encryption is simple while it is kept.

        All samples are changed, so that none of them is the state by itself: they get other values, which those that
        adjust the state then complete, or they are ``exchanged``, which keeps it.
        """
        samples = self._oracle.samples
        for _ in range(2):  # twice, since a state of one byte may stay as it was by chance
            order = self._generator.permutation(samples)
            reserved = [order[:count].tolist(), order[count : 2 * count].tolist()]
            states = [made(places) for places in reserved]
            turn = iter(states)
            value = states[0].of(self._start)
            halves = self._halves(order if exchanged else order[2 * count :])
            if not exchanged:
                halves = np.append(halves[0], reserved[0]), np.append(halves[1], reserved[1])
            if not self._independent(*halves, lambda change: next(turn).given(change, value), exchanged=exchanged):  # noqa: B023
                return None
        return states[0]

    def _modulus(self, state: StateClass) -> int | None:
        """The least change of the sum that gives the start's state again; None if no small one does, or if the header
        is the sum itself under a mask, after small changes and a large one.

        A state shows in the header; where there is none, in most ciphertext samples staying as they were.
        """
        start = self._start.reshape(self._oracle.shape)
        first = self._oracle.encrypt(start)
        total = state.of(start)
        headers = {total: first.header}
        for change in range(1, _MOST_PERIODS):
            try:
                image = state.given(start, total + change)
            except Unreachable:
                return None
            found = self._oracle.encrypt(image)
            if _same_state(first, found):
                return change if change > 1 else None
            headers[total + change] = found.header
            if change == _ENOUGH and _is_masked_sum(headers) and _is_masked_sum(headers | self._far(state, total)):
                return None
        return None

    def _far(self, state: StateClass, total: int) -> dict[int, bytes]:
        """A sum beyond all moduli that are tried, above or below this one, with its header; nothing if out of reach."""
        for far in (total + _MOST_PERIODS, total - _MOST_PERIODS):
            try:
                image = state.given(self._start.reshape(self._oracle.shape), far)
            except Unreachable:
                continue
            return {far: self._oracle.encrypt(image).header}
        return {}


def _same_state(one: Encrypted, other: Encrypted) -> bool:
    if one.header or other.header:
        return one.header == other.header
    return one.image.shape == other.image.shape and float(np.mean(one.image == other.image)) > _SAME


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
