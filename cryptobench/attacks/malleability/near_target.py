"""Near the target: decryptions of the challenge with one byte changed, put together sample by sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult, Claim
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.chosen_ciphertexts import Receiver
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["NearTarget", "near_decryption"]

_GROUP = 5


@dataclass(frozen=True)
class NearTarget(Attack):
    """Changes one byte of the challenge at the 5 first, 5 last and 5 random places, and keeps the group whose five
    decryptions agree most.

    Each sample is taken from that group: the value that most of the five have, or their median if no two agree. The
    statistic is the share of samples that agree in pairs of decryptions, no decryption in two pairs.
    """

    name: ClassVar[str] = "near_target"
    title: ClassVar[str] = "Near-target decryption"
    identifier: ClassVar[str] = "A7"
    model: ClassVar[Model] = "CCA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        return near_decryption(Receiver(oracle), oracle.challenge.image, generator)


def near_decryption(receiver: Receiver, challenge: Image, generator: np.random.Generator) -> AttackResult:
    """The attack, on whatever the receiver opens."""
    samples = challenge.size
    few = min(_GROUP, samples)
    places = {
        "first": np.arange(few),
        "last": np.arange(samples - few, samples),
        "random": generator.choice(samples, few, replace=False),
    }
    groups: dict[str, list[Image]] = {}
    for name, chosen in places.items():
        opened = [receiver.open(_changed(challenge, int(place), generator)) for place in chosen]
        if len(answers := [answer for answer in opened if answer is not None]) >= 2:
            groups[name] = answers
    if not groups:
        return receiver.refusal()
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
    body = challenge.copy()
    body.flat[place] ^= np.uint8(generator.integers(1, 256))
    return body


def _agreement(answers: list[Image]) -> tuple[float, float]:
    """The p-value and the share of equal samples over disjoint pairs of decryptions."""
    pairs = list(zip(answers[::2], answers[1::2], strict=False))
    hits = sum(int(np.sum(one == other)) for one, other in pairs)
    samples = len(pairs) * answers[0].size
    return binomial_sf(hits, samples), hits / samples


def _most_frequent(answers: list[Image]) -> Image:
    """Sample by sample the most frequent value, the median (of an even number the lower) if all are different."""
    ordered = np.sort(np.stack(answers), axis=0)
    middle = (len(answers) - 1) // 2
    ordered = ordered[sorted(range(len(answers)), key=lambda rank: abs(rank - middle))]
    votes: NDArray[np.uint8] = np.stack([np.sum(ordered == one, axis=0, dtype=np.uint8) for one in ordered])
    winner = np.argmax(votes, axis=0)
    image: Image = np.take_along_axis(ordered, winner[None], axis=0)[0]
    return image
