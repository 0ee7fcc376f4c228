"""Permutation and modular addition in any number of rounds: one decryption a sample gives the whole linear map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.chosen_ciphertexts import Receiver
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["Hua2021Cca"]


@dataclass(frozen=True)
class Hua2021Cca(Attack):
    """Decrypts zeros and N further images that span all others, and puts the challenge together from those.

    In ciphers made of pixel permutations and modular addition D(C) - D(0) is linear over Z/256, whatever the key, the
    key schedule and the rounds (J. Chen, L. Chen and Y. Zhou, Universal chosen-ciphertext attack for a family of image
    encryption schemes, arXiv 1903.11987). They decrypt 0 and the N unit images, N + 1 in all. Here a random image R
    with an odd first sample stands for the first unit image; D(2 R) - D(0) = 2 (D(R) - D(0)) then tells, by one query
    more and before the others are asked, whether a cipher is of this kind at all.
    """

    name: ClassVar[str] = "hua2021_cca"
    title: ClassVar[str] = "Universal chosen ciphertexts against permutation and addition"
    model: ClassVar[Model] = "CCA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        receiver, challenge = Receiver(oracle), oracle.challenge.image
        r = generator.integers(0, 256, challenge.shape, np.uint8)
        r.flat[0] |= 1
        origin, with_r, twice = (receiver.open(body) for body in (np.zeros_like(r), r, r + r))
        if origin is None or with_r is None or twice is None:
            return receiver.refusal()
        column = with_r - origin
        hits = int(np.sum(twice - origin == column + column))
        p_value = binomial_sf(hits, origin.size)
        recovered = None
        if p_value < LEAK_LEVEL and hits > ALMOST_ALL * origin.size:
            recovered = self._combined(receiver, challenge, r, column, origin)
            if recovered is None:
                return receiver.refusal()
        return AttackResult(
            recovered=recovered,
            statistic=hits / origin.size,
            statistic_name="samples of a decryption that double with the ciphertext",
            expected=BYTE_CHANCE,
            p_value=p_value,
            claims=("malleable",) if p_value < LEAK_LEVEL else (),
        )

    def _combined(
        self, receiver: Receiver, challenge: Image, r: Image, column: Image, origin: Image
    ) -> Image | None:  # fmt: skip
        """D(0) and the columns, each as often as the challenge has it: R the share that makes the first sample
        right."""
        times = int(challenge.flat[0]) * pow(int(r.flat[0]), -1, 256) % 256
        rest = (challenge - np.uint8(times) * r).ravel()
        plain = origin + np.uint8(times) * column
        unit = np.zeros_like(challenge)
        for place in range(1, challenge.size):
            unit.flat[place] = 1
            opened = receiver.open(unit)
            if opened is None:
                return None
            plain += rest[place] * (opened - origin)
            unit.flat[place] = 0
        return plain
