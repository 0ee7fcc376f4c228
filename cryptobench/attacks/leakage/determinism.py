"""Determinism: do equal plaintexts give equal ciphertexts?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Mode, Model, Oracle

__all__ = ["Determinism"]


@dataclass(frozen=True)
class Determinism(Attack):
    """Encrypts a uniform image twice; equal cipher images break indistinguishability under chosen plaintexts, even if
    the header has an unused nonce.

    It is not run with a fixed nonce, where every cipher is deterministic.
    """

    name: ClassVar[str] = "determinism"
    title: ClassVar[str] = "Determinism"
    identifier: ClassVar[str] = "A1"
    model: ClassVar[Model] = "CPA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh",)
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        first, second = oracle.encrypt_probe("a"), oracle.encrypt_probe("a")
        equal = np.array_equal(first.image, second.image)
        return AttackResult(
            statistic=float(equal),
            statistic_name="cipher images equal",
            expected=0.0,
            p_value=256.0**-first.image.size if equal else 1.0,
            claims=("deterministic",) if equal else (),
            notes="headers differ" if equal and first.header != second.header else "",
        )
