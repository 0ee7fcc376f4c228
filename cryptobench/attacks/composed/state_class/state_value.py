"""Which value of a state the challenge has, by what in a ciphertext depends on the state alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.composed.state_class.state_classes import StateClass, Unreachable
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.tools.combiners import XOR_AND_ADDITION
from cryptobench.cipher import Encrypted

__all__ = ["challenge_values"]

_IMAGES = 4  # of one state, that show what depends on nothing else
_MOST_TAGGED = 0.25  # of the ciphertext; where more is the same, images of a state are not told apart by it
_WIDTHS = range(8, 0, -1)
_ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")


Tag = Callable[[Encrypted], bytes]


def challenge_values(oracle: Oracle, state: StateClass, generator: np.random.Generator) -> list[int]:
    """The values of the state that the challenge may have; none if nothing tells.

    Images of one state show the tag: the header, or else the ciphertext samples, that are the same for all of them.
    Masks that are added to or XORed with a value are tried first; then values in turn, as far as the tags of a few show
    that they differ; then those of flat images, which tell a mean. Where no tag is found, ciphertexts may keep the
    value themselves, behind the mask E(0).
    """
    drawn = generator.integers(0, 256, oracle.shape, np.uint8)
    value = state.of(drawn)
    answers = [oracle.encrypt(drawn)]
    try:
        for _ in range(_IMAGES - 1):
            answers.append(oracle.encrypt(state.random(oracle.shape, value, generator)))
    except Unreachable:
        return []
    if any(answer.image.shape != oracle.challenge.image.shape for answer in answers):
        return []
    search = _Search(oracle, state, value, generator)
    headers = {answer.header for answer in answers}
    if headers != {b""} and len(headers) == 1 and (values := search.run(answers[0], _header)):
        return values
    body = np.stack([answer.image.ravel() for answer in answers])
    places = np.flatnonzero((body == body[0]).all(axis=0))
    if 0 < places.size <= _MOST_TAGGED * body.shape[1]:
        values = search.run(answers[0], lambda ciphertext: _samples(ciphertext, places))
        if values:
            return values
    return _behind_mask(oracle, state, value, answers)


def _behind_mask(oracle: Oracle, state: StateClass, value: int, answers: list[Encrypted]) -> list[int]:
    """The challenge's value where ciphertexts keep it behind a mask, as permutations do: E(0) is the mask then.

    One query; images of one ``value`` show whether it is so.
    """
    zero = oracle.encrypt_probe("zero").image
    if zero.shape != oracle.challenge.image.shape:
        return []
    for mask in XOR_AND_ADDITION:
        if all(state.of(mask.invert(answer.image, zero)) == value for answer in answers):
            return [state.of(mask.invert(oracle.challenge.image, zero))]
    return []


def _header(ciphertext: Encrypted) -> bytes:
    return ciphertext.header


def _samples(ciphertext: Encrypted, places: NDArray[np.int64]) -> bytes:
    flat = ciphertext.image.ravel()
    return flat[places[places < flat.size]].tobytes()


@dataclass(frozen=True)
class _Search:
    """Looks for the value whose images have the challenge's tag; ``value`` is that of an image at hand."""

    oracle: Oracle
    state: StateClass
    value: int
    generator: np.random.Generator

    def run(self, answer: Encrypted, tag: Tag) -> list[int]:
        seen, wanted = tag(answer), tag(self.oracle.challenge)
        if seen == wanted:
            other = self._tag_of(self.value - 1 if self.value else 1, tag)
            return [] if other in (None, wanted) else [self.value]
        for candidate in self._candidates(seen, wanted):
            if self.oracle.remaining == 0:
                break
            found = self._tag_of(candidate, tag)
            if found == wanted:
                return [candidate]
            if found == seen:  # the tag does not tell values apart
                break
        return self._rounded(wanted, tag)

    def _rounded(self, wanted: bytes, tag: Tag) -> list[int]:
        """The value of a flat image that has the tag: a mean is told by it where the sum itself is not. At most 256
        queries."""
        if self.state.values is not None:
            return []
        for level in range(256):
            if self.oracle.remaining == 0:
                break
            flat = np.full(self.oracle.shape, level, np.uint8)
            if tag(self.oracle.encrypt(flat)) == wanted:
                return [self.state.of(flat)]
        return []

    def _tag_of(self, value: int, tag: Tag) -> bytes | None:
        """That of an image of another value; None if none is found."""
        try:
            return tag(self.oracle.encrypt(self.state.random(self.oracle.shape, value, self.generator)))
        except Unreachable:
            return None

    def _candidates(self, seen: bytes, wanted: bytes) -> Iterator[int]:
        """Values to try: those that a mask explains, then all."""
        most = self.state.values if self.state.values is not None else max(255 * self.oracle.samples + 1, 1 << 16)
        tried = {self.value}
        for candidate in _masked(self.value, seen, wanted, most):
            if candidate not in tried:
                tried.add(candidate)
                yield candidate
        if self.state.values is not None:
            yield from (candidate for candidate in range(self.state.values) if candidate not in tried)


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
