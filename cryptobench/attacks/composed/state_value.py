"""Which value of a state the challenge has, by what in a ciphertext depends on the state alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.composed.state_classes import StateClass, Unreachable
from cryptobench.attacks.oracle import Oracle
from cryptobench.cipher import Encrypted

__all__ = ["challenge_values"]

_IMAGES = 4  # of one state, that show what depends on nothing else
_MOST_TAGGED = 0.25  # of the ciphertext; where more is the same, images of a state are not told apart by it
_WIDTHS = range(8, 0, -1)
_ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")


def challenge_values(oracle: Oracle, state: StateClass, generator: np.random.Generator) -> list[int]:
    """The values of the state that the challenge may have; none if nothing tells.

    Images of one state show the tag: header, and ciphertext samples, that are the same for all of them. Masks that are
    added to or XORed with a value are tried first; then values in turn, as far as the tags of a few show that they
    differ.
    """
    drawn = generator.integers(0, 256, oracle.shape, np.uint8)
    value = state.of(drawn)
    try:
        answers = [oracle.encrypt(drawn)]
        for _ in range(_IMAGES - 1):
            answers.append(oracle.encrypt(state.random(oracle.shape, value, generator)))
    except Unreachable:
        return []
    if len({(answer.header, answer.image.shape) for answer in answers}) > 1:
        return []
    if answers[0].image.shape != oracle.challenge.image.shape:
        return []
    body = np.stack([answer.image.ravel() for answer in answers])
    places = np.flatnonzero((body == body[0]).all(axis=0))
    if places.size > _MOST_TAGGED * body.shape[1]:
        places = places[:0]
    wanted, seen = _Tag.of(oracle.challenge, places), _Tag.of(answers[0], places)
    if not seen.header and not seen.samples:
        return []
    if wanted == seen:
        return [value] if _tells(oracle, state, value, places, generator) else []
    for candidate in _candidates(state, value, seen, wanted, oracle.samples):
        if oracle.remaining == 0:
            break
        try:
            image = state.random(oracle.shape, candidate, generator)
        except Unreachable:
            continue
        answer = oracle.encrypt(image)
        if answer.image.shape != oracle.challenge.image.shape:
            return []
        tag = _Tag.of(answer, places)
        if tag == wanted:
            return [candidate]
        if tag == seen and candidate != value:  # the tag does not tell values apart
            return []
    return []


@dataclass(frozen=True)
class _Tag:
    header: bytes
    samples: bytes

    @classmethod
    def of(cls, ciphertext: Encrypted, places: NDArray[np.int64]) -> _Tag:
        return cls(ciphertext.header, ciphertext.image.ravel()[places].tobytes())


def _tells(
    oracle: Oracle, state: StateClass, value: int, places: NDArray[np.int64], generator: np.random.Generator
) -> bool:
    """Whether an image of another value has another tag."""
    try:
        image = state.random(oracle.shape, value - 1 if value else 1, generator)
    except Unreachable:
        return False
    answer = oracle.encrypt(image)
    return answer.image.shape == oracle.challenge.image.shape and _Tag.of(answer, places) != _Tag.of(
        oracle.challenge, places
    )


def _candidates(state: StateClass, value: int, seen: _Tag, wanted: _Tag, samples: int) -> Iterator[int]:
    """Values to try: those that a mask explains, then all."""
    most = state.values if state.values is not None else 255 * samples + 1
    tried = {value}
    for before, after in ((seen.header, wanted.header), (seen.samples, wanted.samples)):
        for candidate in _masked(value, before, after, most):
            if candidate not in tried:
                tried.add(candidate)
                yield candidate
    if state.values is not None:
        yield from (candidate for candidate in range(state.values) if candidate not in tried)


def _masked(value: int, before: bytes, after: bytes, most: int) -> Iterator[int]:
    """What ``value`` becomes where ``before`` becomes ``after``, if it stands there under a mask."""
    if len(before) != len(after):
        return
    changed = [index for index in range(len(before)) if before[index] != after[index]]
    for width in _WIDTHS:
        for start in range(len(before) - width + 1):
            if not changed or changed[0] < start or changed[-1] >= start + width:
                continue
            for order in _ORDERS:
                one = int.from_bytes(before[start : start + width], order)
                other = int.from_bytes(after[start : start + width], order)
                for candidate in (value ^ one ^ other, value + other - one, value - other + one):
                    if 0 <= candidate < most:
                        yield candidate
                    elif most <= 1 << 16:
                        yield candidate % most
