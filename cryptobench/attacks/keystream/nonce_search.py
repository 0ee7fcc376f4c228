"""Nonce search: are so few nonces different that every keystream can be queried?"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import repeat
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Mode, Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.key_collisions import Collisions, tiny_shape
from cryptobench.attacks.tools.state_search import StateSearch
from cryptobench.cipher import NONCE_BYTES

__all__ = ["NonceSearch"]

_QUERIES_PER_NONCE = 6  # all but 1 in 400 of the nonces occur
_AT_ONCE = 64


@dataclass(frozen=True)
class NonceSearch(Attack):
    """Encrypts one tiny random image under ``nonces`` random nonces and a key of its own; the number of equal cipher
    images gives, by the birthday bound, how many nonces act differently. If there are any, it counts again at full
    size.

    Where ``most`` queries cover those, it asks for encryptions of zeros under fresh nonces, takes each for a keystream
    of every combiner, and decrypts the challenge with the one that makes it smoothest.
    """

    name: ClassVar[str] = "nonce_search"
    title: ClassVar[str] = "Nonce search"
    model: ClassVar[Model] = "CPA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh",)
    formula: ClassVar[str] = "4096"

    nonces: int = 1024
    most: int = 4096

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if not oracle.cipher.card.uses_nonce:
            return AttackResult.inapplicable("the cipher takes no nonce")
        for shape in dict.fromkeys((tiny_shape(oracle.local_cipher, oracle.shape), oracle.shape)):
            found = self._collisions(oracle, generator, shape)
            p_value = min(1.0, math.comb(found.keys, 2) * 256.0 ** -math.prod(shape)) if found.pairs else 1.0
            if not found.pairs:
                break
        numbers = dict(oracle.local_cipher.numbers)
        recovered, notes = None, ""
        if found.bits is not None and p_value < LEAK_LEVEL:
            numbers["effective_nonce_bits"] = found.bits
            notes = f"about {found.bits:.1f} effective nonce bits"
            if _QUERIES_PER_NONCE * 2**found.bits <= min(self.most, oracle.remaining or self.most):
                search = StateSearch(oracle)
                wanted = max(1, math.ceil(_QUERIES_PER_NONCE * 2**found.bits))
                while search.queries < wanted and not search.complete:
                    if not search.query(repeat(oracle.probe("zero"), min(_AT_ONCE, wanted - search.queries))):
                        break
                if search.log_p < math.log(LEAK_LEVEL):
                    recovered, how = search.result()
                    notes += f"; {how}"
        return AttackResult(
            recovered=recovered,
            statistic=float(found.pairs),
            statistic_name=f"equal cipher images among {found.keys} nonces, in pairs",
            expected=0.0,
            p_value=p_value,
            claims=("distinguisher",) if p_value < LEAK_LEVEL else (),
            notes=notes,
            numbers=numbers,
            formula="" if recovered is None else f"{oracle.queries.total}",
        )

    def _collisions(self, oracle: Oracle, generator: np.random.Generator, shape: tuple[int, ...]) -> Collisions:
        image = generator.integers(0, 256, shape, np.uint8)
        key = generator.bytes(oracle.cipher.card.key_bytes)
        cipher_images = Counter(
            oracle.local_cipher.encrypt(image, key, generator.bytes(NONCE_BYTES)).image.tobytes()
            for _ in range(self.nonces)
        )
        return Collisions(self.nonces, sum(math.comb(count, 2) for count in cipher_images.values()))
