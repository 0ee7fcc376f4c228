"""Avalanche of decryption: how many plaintext samples change with one ciphertext byte?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.chosen_ciphertexts import ChosenCiphertexts
from cryptobench.metrics.statistics import CHANGED, spread_p_value

__all__ = ["DecryptionAvalanche"]


@dataclass(frozen=True)
class DecryptionAvalanche(Attack):
    """Changes one byte of an already changed challenge at the first, the last, the middle and random places, and counts
    the plaintext samples that differ.

    The challenge itself is not decrypted, so decryptions are compared with that of a cipher image that differs from it
    in one byte; that byte is not changed again.
    """

    name: ClassVar[str] = "decryption_avalanche"
    title: ClassVar[str] = "Avalanche of decryption"
    identifier: ClassVar[str] = "A11"
    model: ClassVar[Model] = "CCA"

    trials: int = 20

    def __post_init__(self) -> None:
        if self.trials < 3:
            raise ValueError(f"trials is {self.trials}, wanted at least 3: first, last, middle")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        challenge = oracle.challenge.image
        if challenge.size < 2:
            return AttackResult.inapplicable("the cipher image has one sample; wanted two, one of them to stay changed")
        start = int(generator.integers(challenge.size))
        base = challenge.copy()
        base.flat[start] ^= np.uint8(generator.integers(1, 256))
        chosen = ChosenCiphertexts(oracle)
        undamaged = chosen.decrypt(base)
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
        samples = int(np.prod(oracle.shape))
        p_value = spread_p_value(counts, samples)
        median = float(np.median(counts)) / samples
        return AttackResult(
            statistic=median,
            statistic_name="median share of plaintext samples that one ciphertext byte changes",
            expected=CHANGED,
            p_value=p_value,
            claims=("malleable",) if p_value < LEAK_LEVEL else ("diffuses",),
            notes=f"{chosen.rejected} of {chosen.queries} were rejected" if chosen.rejected else "",
            numbers={
                "damaged_samples_min": min(counts),
                "damaged_samples_median": float(np.median(counts)),
                "damaged_samples_max": max(counts),
            },
        )
