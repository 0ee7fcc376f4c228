"""Keystream reuse: does one known pair decrypt the challenge?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.chance import BYTE_CHANCE, at_least
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.cipher import Image

__all__ = ["KeystreamReuse"]

_Join = Callable[[Image, Image], Image]
# How a keystream k joins a plaintext p, as (k from c and p, p from c and k).
_JOINS: dict[str, tuple[_Join, _Join]] = {
    "c = p XOR k": (np.bitwise_xor, np.bitwise_xor),
    "c = p + k": (np.subtract, np.subtract),
    "c = k - p": (np.add, lambda c, k: np.subtract(k, c)),
}


@dataclass(frozen=True)
class KeystreamReuse(Attack):
    """Takes the keystream from a known pair, tests it on a second one, and decrypts the challenge with it.

    Three ways of joining plaintext and keystream are tried, XOR, addition and subtraction mod 256.
    """

    name: ClassVar[str] = "keystream_reuse"
    title: ClassVar[str] = "Keystream reuse"
    identifier: ClassVar[str] = "A2"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        (plain, encrypted), (other, encrypted_other) = oracle.known_pair(), oracle.known_pair()
        shapes = {plain.shape, encrypted.image.shape, encrypted_other.image.shape, oracle.challenge.image.shape}
        if len(shapes) > 1:
            return AttackResult.inapplicable("cipher images are not of the plaintext's shape")
        streams = {join: find(encrypted.image, plain) for join, (find, _) in _JOINS.items()}
        hits = {
            join: int(np.sum(find(encrypted_other.image, other) == streams[join])) for join, (find, _) in _JOINS.items()
        }
        best = max(hits, key=hits.__getitem__)
        _, remove = _JOINS[best]
        return AttackResult(
            recovered=remove(oracle.challenge.image, streams[best]),
            statistic=hits[best] / plain.size,
            statistic_name="keystream samples equal in two messages",
            expected=BYTE_CHANCE,
            p_value=at_least(hits[best], plain.size, tries=len(_JOINS)),
            notes=best,
        )
