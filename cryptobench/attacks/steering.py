"""Steering an encryption towards the challenge, sample by sample, where diffusion runs one way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.joins import JOINS, MASKS
from cryptobench.cipher import Image

__all__ = ["steer"]

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
