"""One-way diffusion: where samples reach only what comes after them, the challenge is rebuilt from its beginning."""

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
from cryptobench.attacks.tools.combiners import JOINS, MASKS
from cryptobench.cipher import Image

__all__ = ["OneWayDiffusion", "steer"]

_REPEATS = 8  # of one proposal: sums and XORs, in any order, take a bit more right each time
_MOST_TABLES = 4  # places at which all values are tried before it is clear that tables have nothing in common
_SHIFTS = [(inside, outside) for inside in MASKS for outside in MASKS]


def steer(
    encrypt: Callable[[Image], Image | None], wanted: Image, place: NDArray[np.int64], source: NDArray[np.int64],
    start: Image,
) -> tuple[Image, int]:  # fmt: skip
    """Plaintext samples, (N,), whose encryption is ``wanted``, (N,), as far as it gets, and how many places are right.

    ``place[t]`` is the ciphertext sample that depends on plaintext samples ``source[0]``, ..., ``source[t]`` only, and
    is another one for each value of the last. ``encrypt`` gives None when no more may be asked. At the first sample
    that is not as wanted, values are proposed by each way of joining, and, once all 256 have been tried at some place,
    by that table, its input and output shifted; the ways that have been right most often come first.
    """
    return _Steering(encrypt, wanted[place], place, source, start.copy()).run()


class _Steering:
    def __init__(
        self, encrypt: Callable[[Image], Image | None], wanted: Image, place: NDArray[np.int64],
        source: NDArray[np.int64], guess: Image,
    ) -> None:  # fmt: skip
        self._encrypt, self._wanted, self._place, self._source, self._guess = encrypt, wanted, place, source, guess
        self._right: Counter[int] = Counter()
        self._table: Image | None = None
        self._tables = 0

    def run(self) -> tuple[Image, int]:
        at, body = 0, self._ask()
        while body is not None:
            wrong = np.flatnonzero(body[at:] != self._wanted[at:])
            if not wrong.size:
                return self._guess, len(self._wanted)
            at += int(wrong[0])
            if self._source[at] < 0:
                break
            body = self._settled(at, body)
        return self._guess, at

    def _settled(self, at: int, body: Image) -> Image | None:
        """The answer once sample ``at`` is as wanted; None if there was no more to ask."""
        seen = {int(self._guess[self._source[at]]): int(body[at])}
        rest = np.arange(at, len(self._wanted))[self._source[at:] >= 0]
        for number in sorted(range(len(JOINS) + len(_SHIFTS)), key=lambda one: (-self._right[one], one)):
            for _ in range(_REPEATS):
                value = self._proposed(number, seen, self._wanted[at : at + 1])
                if value is None or value in seen:
                    break
                if number < len(JOINS) and len(seen) == 1:  # what comes after may be joined with the same keystream
                    join = JOINS[number]
                    stream = join.mask(body[rest], self._guess[self._source[rest]])
                    self._guess[self._source[rest]] = join.take(self._wanted[rest], stream)
                answer = self._asked(at, value)
                if answer is None:
                    return None
                body = answer
                if body[at] == self._wanted[at]:
                    self._right[number] += 1
                    return body
                seen[value] = int(body[at])
        return self._tabulated(at, seen) if self._tables < _MOST_TABLES else None

    def _tabulated(self, at: int, seen: dict[int, int]) -> Image | None:
        """Try all values at a place and remember what they gave."""
        for value in range(256):
            if value not in seen:
                body = self._asked(at, value)
                if body is None:
                    return None
                seen[value] = int(body[at])
        self._table = np.array([seen[value] for value in range(256)], np.uint8)
        self._tables += 1
        right = np.flatnonzero(self._table == self._wanted[at])
        return self._asked(at, int(right[0])) if right.size else None

    def _proposed(self, number: int, seen: dict[int, int], wanted: Image) -> int | None:
        """What the plaintext sample is by one way of joining, if the values tried gave what was ``seen``."""
        values, given = (np.array(list(part), np.uint8) for part in (seen, seen.values()))
        if number < len(JOINS):
            join = JOINS[number]
            return int(join.take(wanted, join.mask(given[-1:], values[-1:]))[0])
        if self._table is None:
            return None
        inside, outside = _SHIFTS[number - len(JOINS)]
        shifts = np.arange(256, dtype=np.uint8)[:, None]
        masks = outside.mask(given[None], self._table[inside.put(values[None], shifts)])  # (shifts, values)
        fitting = np.flatnonzero((masks == masks[:, :1]).all(axis=1))
        for shift in fitting:
            inner = np.flatnonzero(self._table == outside.take(wanted, masks[shift, :1]))
            if inner.size:
                return int(inside.take(inner[:1].astype(np.uint8), shifts[shift])[0])
        return None

    def _asked(self, at: int, value: int) -> Image | None:
        self._guess[self._source[at]] = value
        return self._ask()

    def _ask(self) -> Image | None:
        body = self._encrypt(self._guess)
        return None if body is None else body[self._place]


_FAR = 1 / 32  # of the ciphertext: how late the first changes come if most samples reach only what is after them


@dataclass(frozen=True)
class OneWayDiffusion(Attack):
    """Changes single samples and looks for the first ciphertext sample, by rows or columns, from the beginning or the
    end, that changes. Where that is another one for each sample, encryption runs one way, however complicated it is:
    cipher feedback, chains through S-boxes, any number of rounds in one direction, also behind a permutation, which
    the first changes give away.

    Then a plaintext is steered until its encryption is the challenge: each query shows the first sample that is wrong,
    and how it is joined tells what it should be. That takes some N queries, 2N behind a permutation, more where samples
    go through S-boxes; ``trials`` and three where changes reach all of the ciphertext.
    """

    name: ClassVar[str] = "one_way_diffusion"
    title: ClassVar[str] = "One-way diffusion"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True

    trials: int = 16

    def __post_init__(self) -> None:
        if self.trials < 2:
            raise ValueError(f"trials is {self.trials}, wanted at least 2")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        challenge, zero = oracle.challenge.image, oracle.encrypt_probe("zero").image
        if challenge.shape != oracle.shape or zero.shape != challenge.shape:
            return AttackResult.inapplicable("cipher images are not of the plaintext's shape")
        if not np.array_equal(oracle.encrypt_probe("a").image, oracle.encrypt_probe("a").image):
            return AttackResult.inapplicable("encryption is randomised: equal plaintexts do not give equal ciphertexts")
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
                flat, steered = steer(
                    lambda guess: _asked(oracle, guess), challenge.ravel(), orders[name], source,
                    oracle.probe("zero").ravel(),
                )  # fmt: skip
                if steered > right:
                    recovered, right, notes = flat.reshape(oracle.shape), steered, f"by {name}"
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
        )


def _orders(shape: tuple[int, ...]) -> Mapping[str, NDArray[np.int64]]:
    """Ways through a ciphertext, as the samples that they come by."""
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
    """The first sample of each row that is changed; 0 where none is, which tells nothing."""
    first: NDArray[np.int64] = np.argmax(changed, axis=1).astype(np.int64)
    return first


def _sources(
    oracle: Oracle, zero: Image, orders: Mapping[str, NDArray[np.int64]], few: list[int],
    first: Mapping[str, NDArray[np.int64]],
) -> dict[str, NDArray[np.int64]]:  # fmt: skip
    """By order the plaintext sample that each place is the first to show, -1 where there is none, if there are few of
    those. Where an order leaves the ``few`` that are known in their places, the others are not asked for."""
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


def _asked(oracle: Oracle, guess: Image) -> Image | None:
    if oracle.remaining == 0:
        return None
    return oracle.encrypt(guess.reshape(oracle.shape)).image.ravel()
