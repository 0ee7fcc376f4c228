"""Affine decryption: three chosen ciphertexts decrypt any image of an affine cipher, at any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.chosen_ciphertexts import ChosenCiphertexts
from cryptobench.attacks.tools.combiners import ADDITION, BASE4_ADDITION, XOR
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["AffineCca", "affine_decryption"]

_FORMS = (XOR, ADDITION, BASE4_ADDITION)


@dataclass(frozen=True)
class AffineCca(Attack):
    """P* = D(C* + R) - D(R) + D(0), where "+" is XOR, addition mod 256, or addition of base-4 digits; the mask D(0) may
    be combined in another of these ways.

    R has no bit in common with C*, so C* + R is one and the same ciphertext for all three, and three queries serve them
    all. Two more, D(S) and D(R + S), determine which form holds, and for what share of the samples.
    """

    name: ClassVar[str] = "affine_cca"
    title: ClassVar[str] = "Affine decryption"
    identifier: ClassVar[str] = "A6"
    model: ClassVar[Model] = "CCA"
    largest_side: ClassVar[int | None] = None
    formula: ClassVar[str] = "5"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        return affine_decryption(ChosenCiphertexts(oracle), oracle.challenge.image, generator)


def affine_decryption(chosen: ChosenCiphertexts, challenge: Image, generator: np.random.Generator) -> AttackResult:
    """The attack, with chosen ciphertexts of one header."""
    r, s = (generator.integers(0, 256, challenge.shape, np.uint8) for _ in range(2))
    r &= ~challenge
    s &= ~r
    origin, with_r, shifted, with_s, with_both = (
        chosen.decrypt(image) for image in (np.zeros_like(challenge), r, challenge | r, s, r | s)
    )
    if origin is None or with_r is None or shifted is None or with_s is None or with_both is None:
        return chosen.no_result()
    ways = [(form, mask) for form in _FORMS for mask in (form, *(mask for mask in _FORMS if mask is not form))]
    hits = []
    for form, mask in ways:
        of_r, of_s, of_both = (mask.invert(plain, origin) for plain in (with_r, with_s, with_both))
        hits.append(int(np.sum(form.combine(of_r, of_s) == of_both)))
    best = int(np.argmax(hits))
    (form, mask), samples = ways[best], origin.size
    share, p_value = hits[best] / samples, binomial_sf(hits[best], samples, tries=len(ways))
    guess = mask.combine(form.invert(mask.invert(shifted, origin), mask.invert(with_r, origin)), origin)
    notes = form.name.replace("k", "x'") + (f", mask: {mask.name}" if mask is not form else "")
    return AttackResult(
        recovered=guess if p_value < LEAK_LEVEL else None,
        statistic=share,
        statistic_name="samples of decryptions that are affine",
        expected=BYTE_CHANCE,
        p_value=p_value,
        claims=("affine", "malleable") if share > ALMOST_ALL and p_value < LEAK_LEVEL else (),
        notes=notes if p_value < LEAK_LEVEL else "",
    )
