"""Plays an attack against a scene: queries and seconds counted, the guess scored, a verdict given."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.ladder import Finding
from cryptobench.attacks.oracle import BudgetExceeded, Oracle, Queries
from cryptobench.attacks.scene import Mode, Scene, modes_of
from cryptobench.attacks.score import Score
from cryptobench.card import Card
from cryptobench.cipher import Cipher, CipherError, Image

__all__ = [
    "BREAK_EXCESS",
    "BREAK_GAIN",
    "BREAK_SHARE",
    "LEAK_LEVEL",
    "Played",
    "Verdict",
    "modes_played",
    "play",
    "play_scene",
    "plays_grey",
]

Verdict = Literal["broken", "leak", "holds", "none"]
BREAK_SHARE, BREAK_EXCESS = 0.9, 0.8
BREAK_GAIN = 15.0  # dB above the best flat image: 97 % of the variance
LEAK_LEVEL = 1e-6


@dataclass(frozen=True, eq=False)
class Played:
    """An attack as it was played: its own account, and what the harness counted and scored.

    ``nonce`` is fresh, fixed or none. ``seconds`` is wall time, with the time of shared queries added back in.
    """

    attack: Attack
    nonce: str
    result: AttackResult
    queries: Queries
    seconds: float
    score: Score
    verdict: Verdict

    @property
    def finding(self) -> Finding:
        """What it means for the verdict ladder."""
        return Finding(self.attack.model, self.verdict, self.queries.total, self.result.claims)

    def __str__(self) -> str:
        return f"{self.attack.name} ({self.nonce}): {self.verdict}, {self.queries.total} queries"


def modes_played(attack: Attack, cipher: Cipher) -> tuple[Mode, ...]:
    """The nonce modes that an attack is played in against a cipher."""
    known = modes_of(cipher.card)
    return known if len(known) == 1 else tuple(mode for mode in known if mode in attack.modes)


def plays_grey(attack: Attack, card: Card) -> bool:
    """Whether an attack on this cipher is played on grey images: it asks for that, or the cipher takes no colour."""
    takes = (1, 3) if card.channels is None else card.channels
    return 1 in takes and (attack.grey or 3 not in takes)


def play(
    attack: Attack,
    cipher: Cipher,
    target: Image,
    seed: int = 0,
    *,
    mode: Mode = "respect",
    photographs: Sequence[Image] = (),
    **options: Any,
) -> Played:
    """One attack against one target under a key drawn from ``seed``; for tests and scripts."""
    return play_scene(attack, Scene(cipher, target, seed, mode=mode, photographs=photographs, **options))


def play_scene(attack: Attack, scene: Scene) -> Played:
    """One attack against a scene that others may share.

    An attack that runs out of queries, or asks the cipher for something that it cannot take, has found nothing; its
    notes say so.
    """
    oracle = Oracle(scene, attack.model, attack.budget, attack.name)
    start = time.perf_counter()
    try:
        result = attack.run(oracle, scene.generator(f"attack {attack.name}"))
    except (BudgetExceeded, CipherError) as error:
        result = AttackResult.inapplicable(str(error))
    seconds = time.perf_counter() - start + oracle.shared_seconds
    queries = oracle.queries
    score = oracle.score(result.recovered)
    return Played(attack, scene.nonce, result, queries, seconds, score, _verdict(result, score))


def _verdict(result: AttackResult, score: Score) -> Verdict:
    """Broken: over 90 % recovered, and over 80 % of what rolled guesses miss, or recovered to the eye, 15 dB above the
    best flat image and not by chance; leak: a p-value below 1e-6."""
    if not result.applicable:
        return "none"
    if score.share > BREAK_SHARE and score.excess > BREAK_EXCESS:
        return "broken"
    if score.gain > BREAK_GAIN and score.p_value < LEAK_LEVEL:
        return "broken"
    leaks = result.p_value is not None and result.p_value < LEAK_LEVEL
    return "leak" if leaks or score.p_value < LEAK_LEVEL else "holds"
