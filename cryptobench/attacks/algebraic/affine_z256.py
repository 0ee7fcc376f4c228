"""Affine over Z/256: is E(a + b) = E(a) + E(b) - E(0)?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.combiners import XOR_AND_ADDITION
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["AffineZ256"]


@dataclass(frozen=True)
class AffineZ256(Attack):
    """Tests the affine relation mod 256 on zeros, two uniform images and their sum.

    Permutation and modular-addition chains satisfy it in any number of rounds (Chen, Chen and Zhou 2019,
    arXiv 1903.11987). The mask E(0) is removed by subtraction, or by XOR as after a Hill cipher or sums.
    """

    name: ClassVar[str] = "affine_z256"
    title: ClassVar[str] = "Affine over Z/256"
    identifier: ClassVar[str] = "A4"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        zero, a, b, total = (oracle.encrypt_probe(name).image for name in ("zero", "a", "b", "a+b"))
        if unusable := shapes_differ(zero, a, b, total):
            return unusable
        zero, a, b, total = oracle.varying(zero, a, b, total)
        counts = [
            int(np.sum(mask.invert(total, zero) == mask.invert(a, zero) + mask.invert(b, zero)))
            for mask in reversed(XOR_AND_ADDITION)
        ]
        hits = max(counts)
        share = hits / zero.size
        return AttackResult(
            statistic=share,
            statistic_name="samples that are affine over Z/256",
            expected=BYTE_CHANCE,
            p_value=binomial_sf(hits, zero.size, tries=len(XOR_AND_ADDITION)),
            claims=("affine",) if share > ALMOST_ALL else (),
            notes="mask: y = x XOR k" if share > ALMOST_ALL and hits > counts[0] else "",
        )
