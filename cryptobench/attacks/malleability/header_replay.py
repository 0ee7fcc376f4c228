"""Header replay: is decryption a simple map of the cipher image while the challenge's header stays fixed?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.malleability.affine_cca import affine_decryption
from cryptobench.attacks.malleability.near_target import near_decryption
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import ALMOST_ALL, LEAK_LEVEL
from cryptobench.attacks.tools.chosen_ciphertexts import ChosenCiphertexts
from cryptobench.attacks.tools.combiners import COMBINERS
from cryptobench.attacks.tools.permutation_recovery import index_images, masked_permutations
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["HeaderReplay"]

_FORMULAS = {
    "keystream": "2", "permutation": "ceil(log256(N)) + 3", "affine": "ceil(log256(N)) + 8",
    "near target": "ceil(log256(N)) + 23",
}  # fmt: skip
"""The queries until each of the four ways, which are tried one after the other."""


@dataclass(frozen=True)
class HeaderReplay(Attack):
    """Keeps the challenge's header, and with it whatever nonce or image hash is mixed into the key, and has chosen
    cipher images decrypted: a keystream, a masked permutation, an affine map, or malleability near the target.

    The four are tried in this order until one explains more than 90 % of the samples; the p-value is corrected for all
    four. Not applicable to ciphers that keep nothing of a message besides its cipher image.
    """

    name: ClassVar[str] = "header_replay"
    title: ClassVar[str] = "Header replay"
    identifier: ClassVar[str] = "A14"
    model: ClassVar[Model] = "CCA"
    formula: ClassVar[str] = "ceil(log256(N)) + 23"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if not oracle.challenge.header and not oracle.cipher.card.secret_bits:
            return AttackResult.inapplicable("neither header nor per-message secret: there is nothing to replay")
        chosen, challenge = ChosenCiphertexts(oracle), oracle.challenge.image
        ways: dict[str, Callable[[], AttackResult]] = {
            "keystream": lambda: _keystream(chosen, challenge, generator),
            "permutation": lambda: _permutation(chosen, challenge),
            "affine": lambda: affine_decryption(chosen, challenge, generator),
            "near target": lambda: near_decryption(chosen, challenge, generator),
        }
        results: dict[str, AttackResult] = {}
        for name, way in ways.items():
            results[name] = result = way()
            if result.recovered is not None and (result.statistic or 0.0) > ALMOST_ALL:
                break
        answered = {name: result for name, result in results.items() if result.statistic is not None}
        if not answered:
            return chosen.no_result()
        best = min(answered, key=lambda name: (answered[name].p_value or 0.0, -(answered[name].statistic or 0.0)))
        found = answered[best]
        p_value = min(1.0, len(ways) * (1.0 if found.p_value is None else found.p_value))
        return AttackResult(
            recovered=found.recovered if p_value < LEAK_LEVEL else None,
            statistic=found.statistic,
            statistic_name=found.statistic_name,
            expected=found.expected,
            p_value=p_value,
            claims=("malleable",) if p_value < LEAK_LEVEL else ("diffuses",),
            notes=f"{best}: {found.notes}" if found.notes else best,
            formula=_FORMULAS[best],
            numbers={f"explained_by_{name.replace(' ', '_')}": one.statistic or 0.0 for name, one in answered.items()},
        )


def _keystream(chosen: ChosenCiphertexts, challenge: Image, generator: np.random.Generator) -> AttackResult:
    """The decryption of zeros as keystream, tested on a uniform cipher image."""
    uniform = generator.integers(0, 256, challenge.shape, np.uint8)
    stream, plain = chosen.decrypt(np.zeros_like(challenge)), chosen.decrypt(uniform)
    if stream is None or plain is None or stream.shape != challenge.shape:
        return chosen.no_result()
    hits = [int(np.sum(combiner.combine(uniform, stream) == plain)) for combiner in COMBINERS]
    best = int(np.argmax(hits))
    p_value = binomial_sf(hits[best], stream.size, tries=len(COMBINERS))
    return AttackResult(
        recovered=COMBINERS[best].combine(challenge, stream) if p_value < LEAK_LEVEL else None,
        statistic=hits[best] / stream.size,
        statistic_name="samples that a keystream explains",
        expected=BYTE_CHANCE,
        p_value=p_value,
        notes=COMBINERS[best].name,
    )


def _permutation(chosen: ChosenCiphertexts, challenge: Image) -> AttackResult:
    """The ciphertext sample that every plaintext sample comes from, in ceil(log256 N) + 1 queries."""
    zero = chosen.decrypt(np.zeros_like(challenge))
    digits = [chosen.decrypt(image) for image in index_images(challenge.shape)]
    if zero is None or not all(digit is not None for digit in digits):
        return chosen.no_result()
    permutations = masked_permutations(zero, [digit for digit in digits if digit is not None], challenge.size)
    found = permutations[0]
    permuted = np.where(found.source >= 0, challenge.ravel()[found.source], np.uint8(0)).reshape(zero.shape)
    return AttackResult(
        recovered=found.combiner.combine(permuted, zero) if found.p_value < LEAK_LEVEL else None,
        statistic=found.share,
        statistic_name="ciphertext samples that are the source of some plaintext sample",
        expected=found.expected,
        p_value=found.p_value,
        notes=f"mask {found.combiner.name}",
    )
