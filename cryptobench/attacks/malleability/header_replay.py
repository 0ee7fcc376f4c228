"""Header replay: under the challenge's own header, is decryption a simple map of the body?"""

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
from cryptobench.attacks.tools.chosen_ciphertexts import Receiver
from cryptobench.attacks.tools.combiners import JOINS
from cryptobench.attacks.tools.permutation_recovery import digit_images, masked_maps
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["HeaderReplay"]


@dataclass(frozen=True)
class HeaderReplay(Attack):
    """Keeps the challenge's header, and with it whatever nonce or image hash is mixed into the key, and has bodies of
    its own making decrypted: a keystream, a masked permutation, an affine map, or decryption near the target.

    The four are tried in this order until one explains more than 90 % of the samples; the p-value is corrected for all
    four. Not played against ciphers that keep nothing of a message besides its body.
    """

    name: ClassVar[str] = "header_replay"
    title: ClassVar[str] = "Header replay"
    identifier: ClassVar[str] = "A14"
    model: ClassVar[Model] = "CCA"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if not oracle.challenge.header and not oracle.cipher.card.secret_bits:
            return AttackResult.inapplicable("neither header nor per-message secret: there is nothing to replay")
        receiver, challenge = Receiver(oracle), oracle.challenge.image
        ways: dict[str, Callable[[], AttackResult]] = {
            "keystream": lambda: _keystream(receiver, challenge, generator),
            "permutation": lambda: _permutation(receiver, challenge),
            "affine": lambda: affine_decryption(receiver, challenge, generator),
            "near target": lambda: near_decryption(receiver, challenge, generator),
        }
        results: dict[str, AttackResult] = {}
        for name, way in ways.items():
            results[name] = result = way()
            if result.recovered is not None and (result.statistic or 0.0) > ALMOST_ALL:
                break
        answered = {name: result for name, result in results.items() if result.statistic is not None}
        if not answered:
            return receiver.refusal()
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
            numbers={f"explained_by_{name.replace(' ', '_')}": one.statistic or 0.0 for name, one in answered.items()},
        )


def _keystream(receiver: Receiver, challenge: Image, generator: np.random.Generator) -> AttackResult:
    """The decryption of zeros as keystream, tried on a uniform body."""
    body = generator.integers(0, 256, challenge.shape, np.uint8)
    stream, opened = receiver.open(np.zeros_like(challenge)), receiver.open(body)
    if stream is None or opened is None or stream.shape != challenge.shape:
        return receiver.refusal()
    hits = [int(np.sum(join.put(body, stream) == opened)) for join in JOINS]
    best = int(np.argmax(hits))
    p_value = binomial_sf(hits[best], stream.size, tries=len(JOINS))
    return AttackResult(
        recovered=JOINS[best].put(challenge, stream) if p_value < LEAK_LEVEL else None,
        statistic=hits[best] / stream.size,
        statistic_name="samples that a keystream explains",
        expected=BYTE_CHANCE,
        p_value=p_value,
        notes=JOINS[best].name,
    )


def _permutation(receiver: Receiver, challenge: Image) -> AttackResult:
    """The way of every plaintext sample back to a ciphertext sample, in ceil(log256 N) + 1 queries."""
    zero = receiver.open(np.zeros_like(challenge))
    digits = [receiver.open(image) for image in digit_images(challenge.shape)]
    if zero is None or not all(digit is not None for digit in digits):
        return receiver.refusal()
    maps = masked_maps(zero, [digit for digit in digits if digit is not None], challenge.size)
    found = maps[0]
    moved = np.where(found.source >= 0, challenge.ravel()[found.source], np.uint8(0)).reshape(zero.shape)
    return AttackResult(
        recovered=found.join.put(moved, zero) if found.p_value < LEAK_LEVEL else None,
        statistic=found.share,
        statistic_name="ciphertext samples that some plaintext sample names as its source",
        expected=found.expected,
        p_value=found.p_value,
        notes=f"mask {found.join.name}",
    )
