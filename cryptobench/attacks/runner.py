"""Plays an attack against a scene: queries and seconds counted, the guess scored, a verdict given."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.experiment import Mode, Scene, modes_of
from cryptobench.attacks.oracle import BudgetExceeded, Oracle, Queries
from cryptobench.attacks.scoring import LEAK_LEVEL, Evidence, Score
from cryptobench.card import Card
from cryptobench.cipher import Cipher, CipherError, Image
from cryptobench.images import load_image
from cryptobench.measurement import Artifact, Measurement

__all__ = [
    "BREAK_EXCESS",
    "BREAK_GAIN",
    "BREAK_SHARE",
    "OUTCOMES",
    "Arena",
    "Played",
    "Verdict",
    "measure_attack",
    "modes_played",
    "photographs_for",
    "play",
    "play_scene",
    "plays_grey",
]

Verdict = Literal["broken", "leak", "holds", "none"]
BREAK_SHARE, BREAK_EXCESS = 0.9, 0.8
BREAK_GAIN = 15.0  # dB above the best flat image: 97 % of the variance


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
    def finding(self) -> Evidence:
        """What it means for the verdict ladder."""
        return Evidence(self.attack.model, self.verdict, self.queries.total, self.result.claims)

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


OUTCOMES = {"broken": 2.0, "leak": 1.0, "holds": 0.0, "none": None}
_PHOTOGRAPHS = ("chelsea", "motorcycle", "coffee", "astronaut")
_PHOTOGRAPH_SIDE = 256


@dataclass(frozen=True, eq=False)
class Arena:
    """A cipher and a target image with all that attacks on them share; a scene for each nonce mode, made when asked.

    ``label`` names the image, and ``reference`` is how another process can load the cipher.
    """

    cipher: Cipher
    target: Image
    seed: int
    label: str
    reference: str = ""

    @cached_property
    def _scenes(self) -> dict[Mode, Scene]:
        return {}

    def scene(self, mode: Mode) -> Scene:
        """The scene of one nonce mode; CipherError if the cipher cannot encrypt the target."""
        if mode not in self._scenes:
            self._scenes[mode] = Scene(
                self.cipher, self.target, self.seed, mode=mode, photographs=photographs_for(self.label),
                label=f"{self.label} {'x'.join(map(str, self.target.shape))}", reference=self.reference,
            )  # fmt: skip
        return self._scenes[mode]


def photographs_for(label: str) -> tuple[Image, ...]:
    """Built-in photographs to cut known plaintexts from, without the one of this name."""
    return tuple(_photograph(name) for name in _PHOTOGRAPHS if name != label)[:3]


def measure_attack(attack: Attack, arena: Arena) -> Iterator[Measurement | Artifact]:
    """Play the attack in every nonce mode; rows of each, and pictures where it recovered more than chance."""
    for mode in modes_played(attack, arena.cipher):
        played = play_scene(attack, arena.scene(mode))
        yield from _rows(played)
        if played.result.recovered is not None and (played.verdict == "broken" or played.score.p_value < LEAK_LEVEL):
            side = min(arena.target.shape[:2])
            scene = arena.scene(mode)
            for name, image in (
                ("original", arena.target), ("cipher", scene.sealed.image), ("recovered", played.result.recovered)
            ):  # fmt: skip
                yield Artifact(f"attack {attack.name} {side} {played.nonce} {name}", image)


def _rows(played: Played) -> Iterator[Measurement]:
    result, score, queries = played.result, played.score, played.queries
    place: dict[str, Any] = {"variant": played.attack.model, "nonce": played.nonce}
    found = {"broken": "fail", "leak": "fail", "holds": "pass", "none": "none"}[played.verdict]
    yield Measurement("outcome", OUTCOMES[played.verdict], verdict=found, message=result.notes, **place)
    for claim in result.claims:
        yield Measurement("claim", 1.0, direction=claim, **place)
    if result.statistic is not None:
        yield Measurement(
            "statistic", result.statistic, expected=result.expected, p_value=result.p_value,
            verdict=_p_verdict(result.p_value), message=result.statistic_name, **place,
        )  # fmt: skip
    if result.recovered is not None:
        within = f"within {score.tolerance} grey levels, as the receiver's own image" if score.tolerance else ""
        yield Measurement(
            "recovered", score.share, unit="share", expected=score.baseline, p_value=score.p_value,
            verdict=_p_verdict(score.p_value), message=within, **place,
        )  # fmt: skip
        yield Measurement(
            "recovered_excess", score.excess, unit="share", verdict="fail" if played.verdict == "broken" else "pass",
            **place,
        )  # fmt: skip
        yield Measurement("recovered_psnr", score.psnr, unit="dB", **place)
        if np.isfinite(score.gain):
            yield Measurement("recovered_gain", score.gain, unit="dB", **place)
    yield Measurement("queries", queries.total, unit="count", **place)
    kinds = (("known", queries.known), ("encryptions", queries.encryptions), ("decryptions", queries.decryptions))
    for kind, count in kinds:
        if count:
            yield Measurement("queries", count, unit="count", direction=kind, **place)
    yield Measurement("attack_time", played.seconds, unit="s", **place)
    for name, number in result.numbers.items():
        yield Measurement(name, number, **place)


def _p_verdict(p_value: float | None) -> str:
    return "none" if p_value is None else "fail" if p_value < LEAK_LEVEL else "pass"


@lru_cache(maxsize=len(_PHOTOGRAPHS))
def _photograph(name: str) -> Image:
    return load_image(name, _PHOTOGRAPH_SIDE)
