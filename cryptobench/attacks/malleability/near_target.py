"""Malleability near the target: the plaintext, assembled from decryptions of the challenge with one byte changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult, Claim
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.chosen_ciphertexts import ChosenCiphertexts
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["NearTarget", "near_decryption"]

_GROUP = 5


@dataclass(frozen=True)
class NearTarget(Attack):
    """Changes one byte of the challenge at the 5 first, 5 last and 5 random places, and chooses the group whose five
    decryptions agree most.

    Each sample is taken from that group: the most frequent value of the five, or their median if all differ. The
    statistic is the share of samples that agree in disjoint pairs of decryptions.
    """

    name: ClassVar[str] = "near_target"
    title: ClassVar[str] = "Near-target decryption"
    identifier: ClassVar[str] = "A7"
    model: ClassVar[Model] = "CCA"
    largest_side: ClassVar[int | None] = None
    formula: ClassVar[str] = "15"

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        return near_decryption(ChosenCiphertexts(oracle), oracle.challenge.image, generator)


def near_decryption(chosen: ChosenCiphertexts, challenge: Image, generator: np.random.Generator) -> AttackResult:
    """The attack, with chosen ciphertexts of one header."""
    samples = challenge.size
    few = min(_GROUP, samples)
    places = {
        "first": np.arange(few),
        "last": np.arange(samples - few, samples),
        "random": generator.choice(samples, few, replace=False),
    }
    groups: dict[str, list[Image]] = {}
    for name, group in places.items():
        plains = [chosen.decrypt(_changed(challenge, int(place), generator)) for place in group]
        if len(answers := [plain for plain in plains if plain is not None]) >= 2:
            groups[name] = answers
    if not groups:
        return chosen.no_result()
    scores = {name: _agreement(answers) for name, answers in groups.items()}
    best = min(scores, key=lambda name: (scores[name][0], -scores[name][1]))
    p_value = min(1.0, scores[best][0] * len(scores))
    claims: tuple[Claim, ...] = ("malleable",) if p_value < LEAK_LEVEL else ("diffuses",)
    return AttackResult(
        recovered=_most_frequent(groups[best]) if p_value < LEAK_LEVEL else None,
        statistic=scores[best][1],
        statistic_name="samples equal in two decryptions near the target",
        expected=BYTE_CHANCE,
        p_value=p_value,
        claims=claims if samples > 1 else (),
        notes=f"group {best}",
        numbers={f"agreement_{name}": share for name, (_, share) in scores.items()},
    )


def _changed(challenge: Image, place: int, generator: np.random.Generator) -> Image:
    changed = challenge.copy()
    changed.flat[place] ^= np.uint8(generator.integers(1, 256))
    return changed


def _agreement(answers: list[Image]) -> tuple[float, float]:
    """The p-value and the share of equal samples over disjoint pairs of decryptions."""
    pairs = list(zip(answers[::2], answers[1::2], strict=False))
    hits = sum(int(np.sum(one == other)) for one, other in pairs)
    samples = len(pairs) * answers[0].size
    return binomial_sf(hits, samples), hits / samples


def _most_frequent(answers: list[Image]) -> Image:
    """The most frequent value of each sample; the median (the lower of two) if all are different."""
    ordered = np.sort(np.stack(answers), axis=0)
    middle = (len(answers) - 1) // 2
    ordered = ordered[sorted(range(len(answers)), key=lambda rank: abs(rank - middle))]
    votes: NDArray[np.uint8] = np.stack([np.sum(ordered == one, axis=0, dtype=np.uint8) for one in ordered])
    winner = np.argmax(votes, axis=0)
    image: Image = np.take_along_axis(ordered, winner[None], axis=0)[0]
    return image
