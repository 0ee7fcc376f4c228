"""Affine over GF(2): is E(a XOR b) = E(a) XOR E(b) XOR E(0), sample by sample or bit plane by bit plane?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.chance import BYTE_CHANCE, at_least
from cryptobench.attacks.oracle import Model, Oracle

__all__ = ["AffineGf2"]

_ALMOST_ALL = 0.9


@dataclass(frozen=True)
class AffineGf2(Attack):
    """Tests the affine relation on zeros, two uniform images and their XOR.

    Besides whole samples it tests each of the eight bit planes, since ciphers that add and XOR are affine in their
    lowest planes.
    """

    name: ClassVar[str] = "affine_gf2"
    title: ClassVar[str] = "Affine over GF(2)"
    identifier: ClassVar[str] = "A3"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        images = [oracle.encrypt_probe(name).image for name in ("zero", "a", "b", "a^b")]
        if len({image.shape for image in images}) > 1:
            return AttackResult.inapplicable("cipher images of equally large plaintexts differ in shape")
        error = np.bitwise_xor.reduce(images)
        samples = error.size
        whole = int(np.sum(error == 0))
        planes = [samples - int(np.sum(error >> bit & 1)) for bit in range(8)]
        p_values = [at_least(whole, samples, BYTE_CHANCE, tries=9)]
        p_values += [at_least(hits, samples, 0.5, tries=9) for hits in planes]
        exact = [bit for bit, hits in enumerate(planes) if hits == samples and samples >= 64]
        return AttackResult(
            statistic=whole / samples,
            statistic_name="samples that are affine over GF(2)",
            expected=BYTE_CHANCE,
            p_value=min(p_values),
            claims=("affine",) if whole / samples > _ALMOST_ALL else (),
            notes=f"bit planes {', '.join(map(str, exact))} are affine" if exact else "",
            numbers={f"affine_plane_{bit}": hits / samples for bit, hits in enumerate(planes)},
        )
