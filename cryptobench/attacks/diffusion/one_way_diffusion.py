"""One-way diffusion: where samples affect only later ones, adaptive chosen plaintexts recover the challenge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.combiners import COMBINERS, XOR_AND_ADDITION
from cryptobench.attacks.tools.shapes import RANDOMISED, other_shape
from cryptobench.cipher import Image

__all__ = ["OneWayDiffusion"]

_FAR = 1 / 32  # of the ciphertext: how late the first changes come if most samples affect only what is after them
_REPEATS = 8  # of one combiner at one sample: sums and XORs, in any order, get one more bit right each time
_MOST_TABLES = 4  # places at which all values are tried before it is clear that tables have nothing in common
_SHIFTS = [(inside, outside) for inside in XOR_AND_ADDITION for outside in XOR_AND_ADDITION]


@dataclass(frozen=True)
class OneWayDiffusion(Attack):
    """Changes single samples and looks for the first ciphertext sample, by rows or columns, from the beginning or the
    end, that changes. Where it is a different one for each sample, encryption runs one way, however complicated it is:
    cipher feedback, chains through S-boxes, any number of rounds in one direction, also behind a permutation, which
    the first changes reveal.

    Then a plaintext is chosen adaptively until its encryption is the challenge: each answer reveals the first sample
    that is wrong, and the way in which it is combined with the keystream gives the right value. That takes about N
    queries, 2N behind a permutation, more where samples pass through S-boxes; ``trials`` and three where changes reach
    all of the ciphertext.
    """

    name: ClassVar[str] = "one_way_diffusion"
    title: ClassVar[str] = "One-way diffusion"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "5 * N + 19"

    trials: int = 16

    def __post_init__(self) -> None:
        if self.trials < 2:
            raise ValueError(f"trials is {self.trials}, wanted at least 2")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        challenge, zero = oracle.challenge.image, oracle.encrypt_probe("zero").image
        if unusable := other_shape(oracle.shape, challenge, zero):
            return unusable
        if not np.array_equal(oracle.encrypt_probe("a").image, oracle.encrypt_probe("a").image):
            return AttackResult.inapplicable(RANDOMISED)
        orders = _orders(oracle.shape)
        few = generator.permutation(oracle.samples)[: self.trials].tolist()
        changed = np.stack([_changed(oracle, zero, sample) for sample in few])
        first = {name: _first(changed[:, order]) for name, order in orders.items()}
        best = max(orders, key=lambda one: float(np.median(first[one])))
        reach = float(np.median(first[best])) / oracle.samples
        p_value = min(1.0, len(orders) * len(few) * 256.0 ** -max(float(one.max()) for one in first.values()))
        recovered, right, notes = None, 0, ""
        if p_value < LEAK_LEVEL:
            notes = f"by {best}"
            sources = _sources(oracle, zero, orders, few, first)
            notes += "" if sources else ", but not sample by sample"
            for name, source in sources.items():
                search = _AdaptiveChosenPlaintext(
                    lambda guess: _encrypt(oracle, guess), challenge.ravel(), orders[name], source,
                    oracle.probe("zero").ravel(),
                )  # fmt: skip
                flat, matched = search.run()
                if matched > right:
                    recovered, right, notes = flat.reshape(oracle.shape), matched, f"by {name}"
                if right > ALMOST_ALL * oracle.samples:
                    break
        return AttackResult(
            recovered=recovered,
            statistic=reach,
            statistic_name="median share of the ciphertext before the first sample that one plaintext sample changes",
            expected=0.0,
            p_value=p_value,
            notes=notes,
            numbers={"samples_steered": right},
            formula="" if recovered is None else _formula(oracle, len(few) + 3),
        )


def _formula(oracle: Oracle, first: int) -> str:
    """The queries made: so many ``first``, and the rest in proportion to the samples, rounded up."""
    rest = max(0, oracle.queries.total - first)
    return f"{np.ceil(100 * rest / oracle.samples) / 100:.2f} * N + {first}"


def _orders(shape: tuple[int, ...]) -> Mapping[str, NDArray[np.int64]]:
    """Orders of the samples of a ciphertext, each as their places."""
    places = np.arange(int(np.prod(shape))).reshape(shape)
    rows, columns = places.ravel(), places.swapaxes(0, 1).ravel()
    return {
        "rows": rows, "rows, from the end": rows[::-1], "columns": columns, "columns, from the end": columns[::-1],
    }  # fmt: skip


def _changed(oracle: Oracle, zero: Image, sample: int) -> NDArray[np.bool_]:
    """Which ciphertext samples of zeros change with one sample."""
    image = np.zeros(oracle.samples, np.uint8)
    image[sample] = 1 + sample % 255
    changed: NDArray[np.bool_] = (oracle.encrypt(image.reshape(oracle.shape)).image != zero).ravel()
    return changed


def _first(changed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The first sample of each row that is changed; 0 where none is, which means nothing."""
    first: NDArray[np.int64] = np.argmax(changed, axis=1).astype(np.int64)
    return first


def _sources(
    oracle: Oracle, zero: Image, orders: Mapping[str, NDArray[np.int64]], few: list[int],
    first: Mapping[str, NDArray[np.int64]],
) -> dict[str, NDArray[np.int64]]:  # fmt: skip
    """For each order, the plaintext sample whose first change is at each place; -1 where there is none, which must be
    rare. Where an order leaves the ``few`` known samples in their places, no others are queried."""
    for name, order in orders.items():
        if np.array_equal(order[first[name]], few):
            return {name: order}
    far = {name: order for name, order in orders.items() if np.median(first[name]) > _FAR * oracle.samples}
    if not far or (oracle.remaining is not None and oracle.remaining < oracle.samples):
        return {}
    changed = np.stack([_changed(oracle, zero, sample) for sample in range(oracle.samples)])
    found = {}
    for name, order in far.items():
        source = np.full(order.size, -1, np.int64)
        source[_first(changed[:, order])] = np.arange(order.size)
        if np.mean(source >= 0) > ALMOST_ALL:
            found[name] = source
    return found


class _AdaptiveChosenPlaintext:
    """Chooses plaintext samples, (N,), until they encrypt to ``wanted``, (N,), from the beginning.

    ``place[t]`` is the ciphertext sample that depends on plaintext samples ``source[0]``, ..., ``source[t]`` only, and
    has a different value for each value of the last. ``encrypt`` gives None when the budget is used up. At the first
    sample that is wrong, values are proposed by each combiner, and, once all 256 have been tried at some place, by the
    table of that place, its input and output shifted; the proposals that have been right most often come first.
    """

    def __init__(
        self, encrypt: Callable[[Image], Image | None], wanted: Image, place: NDArray[np.int64],
        source: NDArray[np.int64], start: Image,
    ) -> None:  # fmt: skip
        self._encrypt, self._place, self._source = encrypt, place, source
        self._wanted, self._guess = wanted[place], start.copy()
        self._right: Counter[int] = Counter()
        self._table: Image | None = None
        self._tables = 0

    def run(self) -> tuple[Image, int]:
        """The plaintext samples as far as they were found, and how many places are right."""
        at, answer = 0, self._query()
        while answer is not None:
            wrong = np.flatnonzero(answer[at:] != self._wanted[at:])
            if not wrong.size:
                return self._guess, len(self._wanted)
            at += int(wrong[0])
            if self._source[at] < 0:
                break
            answer = self._correct(at, answer)
        return self._guess, at

    def _correct(self, at: int, answer: Image) -> Image | None:
        """The answer once sample ``at`` is as wanted; None if that was not reached."""
        seen = {int(self._guess[self._source[at]]): int(answer[at])}
        rest = np.arange(at, len(self._wanted))[self._source[at:] >= 0]
        for number in sorted(range(len(COMBINERS) + len(_SHIFTS)), key=lambda one: (-self._right[one], one)):
            for _ in range(_REPEATS):
                value = self._proposal(number, seen, self._wanted[at : at + 1])
                if value is None or value in seen:
                    break
                if number < len(COMBINERS) and len(seen) == 1:  # later samples may have the same combiner
                    combiner = COMBINERS[number]
                    stream = combiner.mask(answer[rest], self._guess[self._source[rest]])
                    self._guess[self._source[rest]] = combiner.invert(self._wanted[rest], stream)
                next_answer = self._query_with(at, value)
                if next_answer is None:
                    return None
                answer = next_answer
                if answer[at] == self._wanted[at]:
                    self._right[number] += 1
                    return answer
                seen[value] = int(answer[at])
        return self._try_all_values(at, seen) if self._tables < _MOST_TABLES else None

    def _try_all_values(self, at: int, seen: dict[int, int]) -> Image | None:
        """Try all values at a place and keep their table."""
        for value in range(256):
            if value not in seen:
                answer = self._query_with(at, value)
                if answer is None:
                    return None
                seen[value] = int(answer[at])
        self._table = np.array([seen[value] for value in range(256)], np.uint8)
        self._tables += 1
        right = np.flatnonzero(self._table == self._wanted[at])
        return self._query_with(at, int(right[0])) if right.size else None

    def _proposal(self, number: int, seen: dict[int, int], wanted: Image) -> int | None:
        """The plaintext sample by one combiner or shifted table, if the values tried gave what was ``seen``."""
        values, given = (np.array(list(part), np.uint8) for part in (seen, seen.values()))
        if number < len(COMBINERS):
            combiner = COMBINERS[number]
            return int(combiner.invert(wanted, combiner.mask(given[-1:], values[-1:]))[0])
        if self._table is None:
            return None
        inside, outside = _SHIFTS[number - len(COMBINERS)]
        shifts = np.arange(256, dtype=np.uint8)[:, None]
        masks = outside.mask(given[None], self._table[inside.combine(values[None], shifts)])  # (shifts, values)
        fitting = np.flatnonzero((masks == masks[:, :1]).all(axis=1))
        for shift in fitting:
            inner = np.flatnonzero(self._table == outside.invert(wanted, masks[shift, :1]))
            if inner.size:
                return int(inside.invert(inner[:1].astype(np.uint8), shifts[shift])[0])
        return None

    def _query_with(self, at: int, value: int) -> Image | None:
        self._guess[self._source[at]] = value
        return self._query()

    def _query(self) -> Image | None:
        answer = self._encrypt(self._guess)
        return None if answer is None else answer[self._place]


def _encrypt(oracle: Oracle, guess: Image) -> Image | None:
    if oracle.remaining == 0:
        return None
    return oracle.encrypt(guess.reshape(oracle.shape)).image.ravel()
