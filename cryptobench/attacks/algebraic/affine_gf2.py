"""Affine over GF(2): is E(a XOR b) = E(a) XOR E(b) XOR E(0), sample by sample or bit plane by bit plane?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL
from cryptobench.attacks.tools.combiners import XOR, XOR_AND_ADDITION
from cryptobench.attacks.tools.shapes import shapes_differ
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["AffineGf2"]


@dataclass(frozen=True)
class AffineGf2(Attack):
    """Tests the affine relation on zeros, two uniform images and their XOR.

    Besides whole samples it tests each of the eight bit planes, since ciphers that add and XOR are affine in their
    lowest planes. The mask E(0) is removed by XOR, and then by subtraction: where bits are permuted or mixed before
    a keystream is added, all but the mask is affine.
    """

    name: ClassVar[str] = "affine_gf2"
    title: ClassVar[str] = "Affine over GF(2)"
    identifier: ClassVar[str] = "A3"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        images = [oracle.encrypt_probe(name).image for name in ("zero", "a", "b", "a^b")]
        if unusable := shapes_differ(*images):
            return unusable
        zero, a, b, both = oracle.varying(*images)
        samples, tries = zero.size, 9 * len(XOR_AND_ADDITION)
        found = []
        for mask in XOR_AND_ADDITION:
            error = mask.invert(both, zero) ^ mask.invert(a, zero) ^ mask.invert(b, zero)
            whole = int(np.sum(error == 0))
            planes = [samples - int(np.sum(error >> bit & 1)) for bit in range(8)]
            p_values = [binomial_sf(whole, samples, BYTE_CHANCE, tries)]
            p_values += [binomial_sf(hits, samples, 0.5, tries) for hits in planes]
            found.append((whole, planes, min(p_values), mask))
        whole, planes, _, mask = max(found, key=lambda one: one[0] if one[0] > ALMOST_ALL * samples else 0)
        exact = [bit for bit, hits in enumerate(planes) if hits == samples and samples >= 64]
        affine = whole > ALMOST_ALL * samples
        notes = [f"bit planes {', '.join(map(str, exact))} are affine"] if exact else []
        notes += [f"mask: {mask.name}"] if affine and mask is not XOR else []
        return AttackResult(
            statistic=whole / samples,
            statistic_name="samples that are affine over GF(2)",
            expected=BYTE_CHANCE,
            p_value=min(p for _, _, p, _ in found),
            claims=("affine",) if affine else (),
            notes="; ".join(notes),
            numbers={f"affine_plane_{bit}": hits / samples for bit, hits in enumerate(planes)},
        )
