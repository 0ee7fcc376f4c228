"""Permutation and modular addition in any number of rounds: one decryption for each sample gives the linear map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult, Claim
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.chosen_ciphertexts import ChosenCiphertexts
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["Hua2021Cca"]


@dataclass(frozen=True)
class Hua2021Cca(Attack):
    """Decrypts zeros and N further images that span all others, and combines their plaintexts into the challenge's.

    In ciphers made of pixel permutations and modular addition D(C) - D(0) is linear over Z/256, whatever the key, the
    key schedule and the rounds (J. Chen, L. Chen and Y. Zhou, Universal chosen-ciphertext attack for a family of image
    encryption schemes, arXiv 1903.11987). They decrypt 0 and the N unit images, N + 1 in all. Here a random image R
    with an odd first sample replaces the first unit image; D(2 R) - D(0) = 2 (D(R) - D(0)) then tests, by one query
    more and before the others are made, whether a cipher is of this kind at all. None is made from the challenge: what
    they give is a map of every ciphertext, where nothing is sent besides the cipher image.
    """

    name: ClassVar[str] = "hua2021_cca"
    title: ClassVar[str] = "Universal chosen ciphertexts against permutation and addition"
    model: ClassVar[Model] = "CCA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True
    formula: ClassVar[str] = "N + 2"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        chosen, challenge = ChosenCiphertexts(oracle), oracle.challenge.image
        r = generator.integers(0, 256, challenge.shape, np.uint8)
        r.flat[0] |= 1
        origin, with_r, twice = (chosen.decrypt(image) for image in (np.zeros_like(r), r, r + r))
        if origin is None or with_r is None or twice is None:
            return chosen.no_result()
        column = with_r - origin
        hits = int(np.sum(twice - origin == column + column))
        p_value = binomial_sf(hits, origin.size)
        recovered = None
        claims: tuple[Claim, ...] = ("malleable",) if p_value < LEAK_LEVEL else ()
        if p_value < LEAK_LEVEL and hits > ALMOST_ALL * origin.size:
            recovered = self._combined(chosen, challenge, r, column, origin)
            if recovered is None:
                return chosen.no_result()
            claims = ("map", "malleable") if chosen.one_map else claims
        return AttackResult(
            recovered=recovered,
            statistic=hits / origin.size,
            statistic_name="samples of a decryption that double with the ciphertext",
            expected=BYTE_CHANCE,
            p_value=p_value,
            claims=claims,
        )

    def _combined(
        self, chosen: ChosenCiphertexts, challenge: Image, r: Image, column: Image, origin: Image
    ) -> Image | None:  # fmt: skip
        """D(0) plus the columns times the challenge's coefficients; that of R gives the first sample its value."""
        times = int(challenge.flat[0]) * pow(int(r.flat[0]), -1, 256) % 256
        rest = (challenge - np.uint8(times) * r).ravel()
        plain = origin + np.uint8(times) * column
        unit = np.zeros_like(challenge)
        for place in range(1, challenge.size):
            unit.flat[place] = 1
            decrypted = chosen.decrypt(unit)
            if decrypted is None:
                return None
            plain += rest[place] * (decrypted - origin)
            unit.flat[place] = 0
        return plain
