"""Nonce search: are so few nonces different that every keystream can be queried?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import repeat
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Mode, Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.key_collisions import Collisions, tiny_shape
from cryptobench.attacks.tools.permutation_recovery import (
    chained_permutation,
    index_images,
    masked_permutations,
    unpermuted,
)
from cryptobench.attacks.tools.state_search import StateSearch
from cryptobench.cipher import NONCE_BYTES, Image

__all__ = ["NonceSearch"]

_QUERIES_PER_NONCE = 6  # all but 1 in 400 of the nonces occur
_AT_ONCE = 64


@dataclass(frozen=True)
class NonceSearch(Attack):
    """Encrypts one tiny random image under ``nonces`` random nonces and a key of its own; the number of equal cipher
    images gives, by the birthday bound, how many nonces act differently. If there are any, it counts again at full
    size.

    Where ``most`` queries cover those, it asks for encryptions of zeros under fresh nonces, takes each for a keystream
    of every combiner, and decrypts the challenge with the one that makes it smoothest. If none does, it looks for bits
    of the header that tell those nonces apart, and asks for images that encode every index until each was encrypted
    under a nonce like the challenge's: that gives a permutation behind a mask or a one-step chain.
    """

    name: ClassVar[str] = "nonce_search"
    title: ClassVar[str] = "Nonce search"
    model: ClassVar[Model] = "CPA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh",)
    formula: ClassVar[str] = "8192"

    nonces: int = 1024
    most: int = 4096

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if not oracle.cipher.card.uses_nonce:
            return AttackResult.inapplicable("the cipher takes no nonce")
        for shape in dict.fromkeys((tiny_shape(oracle.local_cipher, oracle.shape), oracle.shape)):
            headers = self._headers(oracle, generator, shape)
            found = Collisions(self.nonces, sum(math.comb(len(equal), 2) for equal in headers.values()))
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
                elif (recovered := self._unpermuted(oracle, _telling_bits(list(headers.values())))) is not None:
                    notes += "; permutation under a nonce like the challenge's"
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

    def _headers(
        self, oracle: Oracle, generator: np.random.Generator, shape: tuple[int, ...]
    ) -> dict[bytes, list[bytes]]:
        """By each cipher image of one plaintext under a key of one's own, the headers that came with it."""
        image = generator.integers(0, 256, shape, np.uint8)
        key = generator.bytes(oracle.cipher.card.key_bytes)
        headers: dict[bytes, list[bytes]] = {}
        for _ in range(self.nonces):
            ciphertext = oracle.local_cipher.encrypt(image, key, generator.bytes(NONCE_BYTES))
            headers.setdefault(ciphertext.image.tobytes(), []).append(ciphertext.header)
        return headers

    def _unpermuted(self, oracle: Oracle, bits: NDArray[np.int64] | None) -> Image | None:
        """The challenge, if it is permuted behind a mask or a chain under nonces that these bits of the header tell."""
        wanted = oracle.challenge
        if bits is None or 8 * len(wanted.header) <= bits.max(initial=-1):
            return None
        answers: list[Image] = []
        images = [oracle.probe("zero"), *index_images(oracle.shape)]
        asked = 0
        while len(answers) < len(images):
            if asked == self.most or oracle.remaining == 0:
                return None
            asked += 1
            answer = oracle.encrypt(images[len(answers)])
            if answer.image.shape != wanted.image.shape or len(answer.header) != len(wanted.header):
                return None
            if np.array_equal(_bits(answer.header)[bits], _bits(wanted.header)[bits]):
                answers.append(answer.image)
        zero, *digits = answers
        masked = masked_permutations(zero, digits, oracle.samples)[0]
        if masked.share > ALMOST_ALL and masked.p_value < LEAK_LEVEL:
            return unpermuted(masked.combiner.invert(wanted.image, zero), masked.source, oracle.shape)
        if zero.shape != oracle.shape:
            return None
        chained = chained_permutation(zero, digits, oracle.shape)
        if chained.share > ALMOST_ALL and chained.p_value < LEAK_LEVEL:
            return chained.decrypt(wanted.image, oracle.shape)
        return None


def _telling_bits(groups: list[list[bytes]]) -> NDArray[np.int64] | None:
    """The bits of a header that are the same in each group, and not in all; None if headers differ in length."""
    lengths = {len(header) for group in groups for header in group}
    if len(lengths) != 1:
        return None
    rows = [np.stack([_bits(header) for header in group]) for group in groups]
    same = np.logical_and.reduce([(group == group[0]).all(axis=0) for group in rows])
    first = np.stack([group[0] for group in rows])
    return np.flatnonzero(same & (first != first[0]).any(axis=0))


def _bits(header: bytes) -> NDArray[np.uint8]:
    return np.unpackbits(np.frombuffer(header, np.uint8))
