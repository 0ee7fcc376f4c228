"""Public header: does it reveal the plaintext without the key?"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.cipher import NONCE_BYTES, Image

__all__ = ["PublicHeader"]


@dataclass(frozen=True)
class PublicHeader(Attack):
    """Predicts headers of known plaintexts without the key, as an eavesdropper does who tests candidate images.

    Encrypts ``pairs`` known plaintexts under pairs of keys and nonces of its own. Header bytes that agree in both, for
    every plaintext, depend on the plaintext only, or are constant; they are the prediction of the user's headers. The
    p-value is exact: of all ways to assign the predictions to the plaintexts, the share that is right as often as the
    true one, if that is right every time. A hash in the header is of this kind, also beside a nonce; a tag or a
    synthetic IV is not.
    """

    name: ClassVar[str] = "public_header"
    title: ClassVar[str] = "Header that reveals the plaintext"
    identifier: ClassVar[str] = "A15"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = 64

    pairs: int = 12

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if not oracle.challenge.header:
            return AttackResult.inapplicable("there is no header")
        known = [oracle.known_pair() for _ in range(self.pairs)]
        headers = [ciphertext.header for _, ciphertext in known]
        own = [[_own_header(oracle, generator, plain) for _ in range(2)] for plain, _ in known]
        length = min(len(header) for header in headers + [header for both in own for header in both])
        # (plaintexts, 2 keys, header bytes)
        made = np.array([[list(header[:length]) for header in both] for both in own], np.uint8)
        keyless = (made[:, 0] == made[:, 1]).all(axis=0)
        revealing = keyless & (made[:, 0] != made[0, 0]).any(axis=0)
        predicted = [bytes(row) for row in made[:, 0, revealing]]
        seen = [bytes(np.array(list(header[:length]), np.uint8)[revealing]) for header in headers]
        right = sum(one == other for one, other in zip(predicted, seen, strict=True)) if revealing.any() else 0
        p_value = _chance(predicted) if right == self.pairs else 1.0
        return AttackResult(
            statistic=right / self.pairs,
            statistic_name="known plaintexts whose header bytes are predicted without the key",
            expected=0.0,
            p_value=p_value,
            claims=("distinguisher",) if p_value < LEAK_LEVEL else (),
            notes=_notes(int(revealing.sum()), p_value, len(headers[0])),
            numbers={"telling_header_bytes": int(revealing.sum()), **oracle.local_cipher.numbers},
        )


def _own_header(oracle: Oracle, generator: np.random.Generator, plain: Image) -> bytes:
    key, nonce = generator.bytes(oracle.cipher.card.key_bytes), generator.bytes(NONCE_BYTES)
    return oracle.local_cipher.encrypt(plain, key, nonce).header


def _chance(predicted: list[bytes]) -> float:
    """The share of all orders of the predictions that equal this one; 1 where all are equal."""
    equal = math.prod(math.factorial(count) for count in Counter(predicted).values())
    return equal / math.factorial(len(predicted))


def _notes(revealing: int, p_value: float, header: int) -> str:
    if p_value < LEAK_LEVEL:
        return f"{revealing} of {header} header bytes depend on the plaintext alone: any guess at it can be tested"
    return f"{revealing} of {header} header bytes seem to depend on the plaintext alone" if revealing else ""
