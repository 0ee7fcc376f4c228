"""Avalanche of decryption: how many plaintext samples change with one ciphertext byte?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult, Claim
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.chosen_ciphertexts import ChosenCiphertexts
from cryptobench.cipher import Encrypted, Image
from cryptobench.metrics.statistics import CHANGED, spread_p_value

__all__ = ["DecryptionAvalanche"]


@dataclass(frozen=True)
class DecryptionAvalanche(Attack):
    """Changes one byte of an already changed challenge at the first, the last, the middle and random places, and counts
    the plaintext samples that differ.

    The challenge itself is not decrypted, so decryptions are compared with that of a cipher image that differs from it
    in one byte; that byte is not changed again.

    Where that one is refused, single bytes of the challenge are changed, in cipher image and header by turns, ``least``
    in all: the claim that changes are rejected rests on every one of them. Two that are accepted end it, and are
    compared.
    """

    name: ClassVar[str] = "decryption_avalanche"
    title: ClassVar[str] = "Avalanche of decryption"
    identifier: ClassVar[str] = "A11"
    model: ClassVar[Model] = "CCA"

    trials: int = 20
    least: int = 200

    def __post_init__(self) -> None:
        for name, number in (("trials", self.trials), ("least", self.least)):
            if number < 3:
                raise ValueError(f"{name} is {number}, wanted at least 3: first, last, middle")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        challenge = oracle.challenge.image
        if challenge.size < 2:
            return AttackResult.inapplicable("the cipher image has one sample; wanted two, one of them to stay changed")
        start = int(generator.integers(challenge.size))
        base = challenge.copy()
        base.flat[start] ^= np.uint8(generator.integers(1, 256))
        chosen = ChosenCiphertexts(oracle)
        undamaged = chosen.decrypt(base)
        if chosen.refused:
            return self._refused(oracle, chosen, generator)
        counts = []
        places = [0, challenge.size - 1, challenge.size // 2]
        places += generator.integers(0, challenge.size, self.trials - len(places)).tolist()
        for place in places:
            changed = base.copy()
            change = np.uint8(generator.integers(1, 256))
            changed.flat[place if place != start else (place + 1) % challenge.size] ^= change
            damaged = chosen.decrypt(changed)
            if undamaged is not None and damaged is not None:
                counts.append(int(np.sum(damaged != undamaged)))
        if not counts:
            return chosen.no_result()
        return _damage(oracle, counts, f"{chosen.rejected} of {chosen.queries} were rejected" * bool(chosen.rejected))

    def _refused(self, oracle: Oracle, chosen: ChosenCiphertexts, generator: np.random.Generator) -> AttackResult:
        """Whether every change of one byte is refused, as that of the first was."""
        accepted = []
        in_header = 0
        for image, header in islice(_changes(oracle.challenge, generator), self.least - 1):
            refused = chosen.refused
            plain = chosen.decrypt(image, header)
            in_header += header != oracle.challenge.header
            if chosen.refused == refused:
                accepted.append(plain)
            if len(accepted) > 1:
                break
        note = (
            f"{chosen.refused} of {chosen.queries} changes of one byte, {in_header} of them in the header, were refused"
        )
        numbers = {"changes_tried": float(chosen.queries), "changes_refused": float(chosen.refused)}
        comparable = [plain for plain in accepted if plain is not None]
        if len(comparable) > 1:
            result = _damage(oracle, [int(np.sum(comparable[0] != comparable[1]))], note)
            return replace(result, numbers={**result.numbers, **numbers})
        claims: tuple[Claim, ...] = ("diffuses",) if accepted else ("rejects",)
        return AttackResult(p_value=1.0, claims=claims, notes=note, numbers=numbers)


def _changes(challenge: Encrypted, generator: np.random.Generator) -> Iterator[tuple[Image, bytes]]:
    """The challenge with one byte changed, without end: in the cipher image at the first, the last, the middle and
    random places, and by turns in the header, at all places in random order and again."""
    size, length = challenge.image.size, len(challenge.header)
    for trial in count():
        change = int(generator.integers(1, 256))
        if trial % 2 and length:
            if trial // 2 % length == 0:
                order = generator.permutation(length)
            header = bytearray(challenge.header)
            header[order[trial // 2 % length]] ^= change
            yield challenge.image, bytes(header)
        else:
            at = trial // 2 if length else trial
            image = challenge.image.copy()
            image.flat[(0, size - 1, size // 2)[at] if at < 3 else int(generator.integers(size))] ^= np.uint8(change)
            yield image, challenge.header


def _damage(oracle: Oracle, counts: Sequence[int], notes: str) -> AttackResult:
    """The result for the numbers of plaintext samples that one byte changed."""
    samples = int(np.prod(oracle.shape))
    p_value = spread_p_value(counts, samples)
    median = float(np.median(counts))
    return AttackResult(
        statistic=median / samples,
        statistic_name="median share of plaintext samples that one ciphertext byte changes",
        expected=CHANGED,
        p_value=p_value,
        claims=("malleable",) if p_value < LEAK_LEVEL else ("diffuses",),
        notes=notes,
        numbers={
            "damaged_samples_min": min(counts),
            "damaged_samples_median": median,
            "damaged_samples_max": max(counts),
        },
    )
