"""Runs an attack in an experiment: queries and seconds counted, the guess scored, an outcome given, rows made of it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.experiment import MODES, AttackExperiment, Mode
from cryptobench.attacks.judgements import Evidence
from cryptobench.attacks.oracle import BudgetExceeded, Oracle, Queries
from cryptobench.attacks.query_formula import REFERENCE_SAMPLES, REFERENCE_SIZE, queries_at
from cryptobench.attacks.scoring import LEAK_LEVEL, Score
from cryptobench.card import Card
from cryptobench.cipher import Cipher, CipherError, Image
from cryptobench.experiment import nonce_modes
from cryptobench.images import load_image
from cryptobench.images.fitting import without_note
from cryptobench.measurement import Artifact, Measurement, Outcome

__all__ = [
    "RECOVERED_EXCESS", "RECOVERED_GAIN", "RECOVERED_SHARE", "AttackRun", "attack_target", "attacks_grey",
    "experiment_on", "modes_of", "photographs_for", "rows_of_run", "run_attack",
]  # fmt: skip

RECOVERED_SHARE, RECOVERED_EXCESS = 0.9, 0.8
RECOVERED_GAIN = 15.0  # dB above the best flat image: 97 % of the variance
_PHOTOGRAPHS = ("chelsea", "motorcycle", "coffee", "astronaut")
_PHOTOGRAPH_SIDE = 256
_VERDICTS = {Outcome.RECOVERED: "fail", Outcome.LEAK: "fail", Outcome.HOLDS: "pass", Outcome.NOT_APPLICABLE: "none"}


@dataclass(frozen=True, eq=False)
class AttackRun:
    """An attack as it was run: its own account, and what the harness counted and scored.

    ``nonce`` is fresh, fixed or none. ``seconds`` is wall time, with the time of shared queries added back in.
    """

    attack: Attack
    nonce: str
    result: AttackResult
    queries: Queries
    seconds: float
    score: Score
    outcome: Outcome
    shape: tuple[int, ...] = (1, 1)
    cipher_seconds: float = 0.0

    @property
    def formula(self) -> str:
        """The queries that it needs, as an expression in the number of samples; "" if the attack has none."""
        return self.result.formula or self.attack.formula

    @property
    def queries_at_reference(self) -> int:
        """The queries that it needs at 512x512x3 by its formula; those that it made, if it has none."""
        return queries_at(self.formula) if self.formula else self.queries.total

    @property
    def seconds_at_reference(self) -> float:
        """Seconds of the cipher for these queries, from its time for those made, taken as linear in the samples."""
        asked = self.queries.total or 1
        return self.queries_at_reference * self.cipher_seconds / asked * REFERENCE_SAMPLES / math.prod(self.shape)

    @property
    def evidence(self) -> Evidence:
        """What it means for the judgements of the cipher."""
        recovered = self.outcome is Outcome.RECOVERED
        return Evidence(
            self.attack.name, self.attack.model, self.nonce, self.outcome,
            self.queries_at_reference if recovered else self.queries.total, self.result.claims, min(self.shape[:2]),
            self.result.numbers.get("weak_key_share"),
        )  # fmt: skip

    @property
    def recovered_something(self) -> bool:
        """Whether its guess knows more of the target than chance does."""
        by_chance = self.outcome is not Outcome.RECOVERED and self.score.p_value >= LEAK_LEVEL
        return self.result.recovered is not None and not by_chance

    def __str__(self) -> str:
        return f"{self.attack.name} ({self.nonce}): {self.outcome}, {self.queries.total} queries"


def modes_of(attack: Attack, card: Card) -> tuple[Mode, ...]:
    """The nonce modes that an attack is run in; a cipher with neither nonce nor secret has one, called "fresh" here."""
    if len(nonce_modes(card)) == 1:
        return ("fresh",)
    return tuple(mode for mode in MODES if mode in attack.modes)


def attacks_grey(attack: Attack, card: Card) -> bool:
    """Whether an attack on this cipher uses grey images: it asks for that, or the cipher takes no colour."""
    takes = (1, 3) if card.channels is None else card.channels
    return 1 in takes and (attack.grey or 3 not in takes)


def experiment_on(cipher: Cipher, target: Image, seed: int, label: str, *, reference: str = "") -> AttackExperiment:
    """The experiment that a benchmark's attacks share on a target; ``label`` names the picture that it was made from.

    Known plaintexts are cut from built-in photographs other than that one. CipherError if the cipher cannot encrypt
    the target.
    """
    size = "x".join(map(str, target.shape))
    return AttackExperiment(
        cipher, target, seed, f"{label} {size}", photographs=photographs_for(label), reference=reference
    )


def photographs_for(label: str) -> tuple[Image, ...]:
    """Built-in photographs to cut known plaintexts from, without the one of this name."""
    return tuple(_photograph(name) for name in _PHOTOGRAPHS if name != without_note(label))[:3]


def attack_target(
    attack: Attack,
    cipher: Cipher,
    target: Image,
    seed: int = 0,
    *,
    mode: Mode = "fresh",
    photographs: Sequence[Image] = (),
    **options: Any,
) -> AttackRun:
    """One attack on one target under a key drawn from ``seed``; for tests and scripts."""
    return run_attack(attack, AttackExperiment(cipher, target, seed, photographs=photographs, **options), mode)


def run_attack(attack: Attack, experiment: AttackExperiment, mode: Mode = "fresh") -> AttackRun:
    """One attack in an experiment that others may share.

    An attack that runs out of queries, or asks the cipher for something that it cannot take, has found nothing; its
    notes say so.
    """
    name = attack.seed_name or attack.name
    repeated = len(modes_of(attack, experiment.cipher.card)) > 1
    oracle = Oracle(experiment, attack.model, attack.budget, name, mode=mode, repeated=repeated)
    start = time.perf_counter()
    try:
        result = attack.run(oracle, experiment.generator(f"attack {name}"))
    except (BudgetExceeded, CipherError) as error:
        result = AttackResult.inapplicable(str(error))
    if oracle.crashes:
        result = _after_crashes(result, oracle)
    seconds = time.perf_counter() - start + oracle.shared_seconds
    queries = oracle.queries
    score = oracle.score(result.recovered)
    nonce = experiment.nonce_column(mode)
    outcome = _outcome(result, score)
    return AttackRun(attack, nonce, result, queries, seconds, score, outcome, oracle.shape, oracle.cipher_seconds)


def _after_crashes(result: AttackResult, oracle: Oracle) -> AttackResult:
    """The result of an attack that made `decrypt` crash: that is no rejection, and the notes say what to do."""
    claims = (*(claim for claim in result.claims if claim != "rejects"), "crashes")
    note = f"{len(oracle.crashes)} of {oracle.queries.decryptions} changed ciphertexts: {oracle.crashes[0]}"
    return replace(result, claims=claims, notes="; ".join(filter(None, (result.notes, note))))


def _outcome(result: AttackResult, score: Score) -> Outcome:
    """Recovered: over 90 % of the samples, and over 80 % of what rolled guesses miss, or recovered to the eye, 15 dB
    above the best flat image and not by chance; leak: a p-value below 1e-6."""
    if not result.applicable:
        return Outcome.NOT_APPLICABLE
    if score.share > RECOVERED_SHARE and score.excess > RECOVERED_EXCESS:
        return Outcome.RECOVERED
    if score.gain > RECOVERED_GAIN and score.p_value < LEAK_LEVEL:
        return Outcome.RECOVERED
    leaks = result.p_value is not None and result.p_value < LEAK_LEVEL
    return Outcome.LEAK if leaks or score.p_value < LEAK_LEVEL else Outcome.HOLDS


def rows_of_run(run: AttackRun, experiment: AttackExperiment) -> Iterator[Measurement | Artifact]:
    """The rows of an attack that was run, and the pictures where it recovered more than chance."""
    yield from _rows(run)
    recovered = run.result.recovered
    if recovered is not None and run.recovered_something:
        side, target = min(experiment.image.shape[:2]), experiment.image
        pictures = (("original", target), ("cipher", experiment.ciphertext.image), ("recovered", recovered))
        for name, image in pictures:
            yield Artifact(f"attack {run.attack.name} {side} {run.nonce} {name}", image)


def _rows(run: AttackRun) -> Iterator[Measurement]:
    result, score, queries = run.result, run.score, run.queries
    place: dict[str, Any] = {"condition": run.attack.model, "nonce": run.nonce}
    yield Measurement(
        "outcome", None, outcome=run.outcome, verdict=_VERDICTS[run.outcome], message=result.notes, **place
    )
    for claim in result.claims:
        yield Measurement("claim", 1.0, part=claim, **place)
    if result.statistic is not None:
        yield Measurement(
            "statistic", result.statistic, expected=result.expected, p_value=result.p_value,
            verdict=_verdict(result.p_value), message=result.statistic_name, **place,
        )  # fmt: skip
    if result.recovered is not None:
        within = f"within {score.tolerance} grey levels, as the receiver's own image" if score.tolerance else ""
        yield Measurement(
            "recovered", score.share, unit="share", expected=score.baseline, p_value=score.p_value,
            verdict=_verdict(score.p_value), message=within, **place,
        )  # fmt: skip
        excess_verdict = "fail" if run.outcome is Outcome.RECOVERED else "pass"
        yield Measurement("recovered_excess", score.excess, unit="share", verdict=excess_verdict, **place)
        yield Measurement("recovered_psnr", score.psnr, unit="dB", **place)
        if np.isfinite(score.gain):
            yield Measurement("recovered_gain", score.gain, unit="dB", **place)
    yield Measurement("queries", queries.total, unit="count", **place)
    kinds = (("known", queries.known), ("encryptions", queries.encryptions), ("decryptions", queries.decryptions))
    for kind, count in kinds:
        if count:
            yield Measurement("queries", count, unit="count", part=kind, **place)
    if run.outcome is Outcome.RECOVERED:
        needed = run.queries_at_reference
        yield Measurement("extrapolated_queries", needed, unit="count", message=run.formula, **place)
        yield Measurement("extrapolated_time", run.seconds_at_reference, unit="s", message=REFERENCE_SIZE, **place)
    yield Measurement("attack_time", run.seconds, unit="s", **place)
    for name, number in result.numbers.items():
        yield Measurement(name, number, **place)


def _verdict(p_value: float | None) -> str:
    return "none" if p_value is None else "fail" if p_value < LEAK_LEVEL else "pass"


@lru_cache(maxsize=len(_PHOTOGRAPHS))
def _photograph(name: str) -> Image:
    return load_image(name, _PHOTOGRAPH_SIDE)
