"""Attacks as measurements: an attack played in each nonce mode, its rows, and the pictures of what it recovered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from cryptobench.attacks.base import Attack
from cryptobench.attacks.runner import LEAK_LEVEL, Played, modes_played, play_scene
from cryptobench.attacks.scene import Mode, Scene
from cryptobench.cipher import Cipher, Image
from cryptobench.images import load_image
from cryptobench.measurement import Artifact, Measurement

__all__ = ["OUTCOMES", "Arena", "measure_attack", "photographs_for"]

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
            verdict=_verdict(result.p_value), message=result.statistic_name, **place,
        )  # fmt: skip
    if result.recovered is not None:
        within = f"within {score.tolerance} grey levels, as the receiver's own image" if score.tolerance else ""
        yield Measurement(
            "recovered", score.share, unit="share", expected=score.baseline, p_value=score.p_value,
            verdict=_verdict(score.p_value), message=within, **place,
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


def _verdict(p_value: float | None) -> str:
    return "none" if p_value is None else "fail" if p_value < LEAK_LEVEL else "pass"


@lru_cache(maxsize=len(_PHOTOGRAPHS))
def _photograph(name: str) -> Image:
    return load_image(name, _PHOTOGRAPH_SIDE)
