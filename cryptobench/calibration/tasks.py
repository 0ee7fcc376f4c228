"""What is calibrated, at which sizes: every analysis, every attack, and SP 800-22 of single sequences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Literal

from cryptobench.analyses.base import Analysis
from cryptobench.attacks.base import Attack
from cryptobench.attacks.runner import attacks_grey
from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.findings import Findings, RowKey, findings
from cryptobench.catalogue import renamed
from cryptobench.cipher import Card, Cipher, Image
from cryptobench.experiment import Experiment
from cryptobench.images.references import pixels
from cryptobench.registry import analysis_names, attack_names, code_version, load_analysis, load_attack
from cryptobench.task import run_task
from cryptobench.terminal import nearest

__all__ = ["BATTERY", "PLAINTEXT", "CalibrationTask", "every_task", "select_tasks"]

Kind = Literal["analysis", "attack", "battery"]
BATTERY = "sp800_22"
PLAINTEXT = "astronaut"

_SIDE = 48  # 2304 samples in a channel: enough for every histogram test
_SIDES = {"entropy": 144, "texture": 64, "contours": 64, "randomness": 64}  # 144: local entropy's 30 blocks fit
_CHEAP_SIDE = 32
_CHEAP = ("differential", "avalanche", "keyspace", "key_sensitivity", "quality", "network")
_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "differential": {"trials": 45},
    "avalanche": {"trials": 20},
    "keyspace": {"keys": 1, "side": 16},
    "key_sensitivity": {"bits": 8},
    "randomness": {"sequences": 10, "bits": 65536},
    "attack:plaintext_state": {"budget": 600},
    # A quarter to a half of what a run asks for. Where a p-value is an approximation, fewer pairs are the harder case.
    "attack:class_distinguisher": {"train": 288, "test": 96},
    "attack:known_pairs_regression": {"pairs": 384},
    "attack:chosen_differences": {"plaintexts": 256},
    "attack:weak_keys": {"keys": 2048, "bases": 1},
}
_BATTERY_SIDE = 354  # of a grey image that holds 10^6 bits
_BATTERY_BITS = 1_000_000


@dataclass(frozen=True)
class CalibrationTask:
    """An analysis, an attack or the battery, with its parameters and the side in pixels of its plaintext."""

    kind: Kind
    name: str
    side: int
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def label(self) -> str:
        """As the measurement table names it."""
        return f"attack:{self.name}" if self.kind == "attack" else self.name

    @property
    def version(self) -> str:
        """A digest of the code behind it."""
        return _version("analysis", "randomness") if self.kind == "battery" else _version(self.kind, self.name)

    def size(self, card: Card) -> str:
        """The plaintext that it is calibrated on, as height x width x channels."""
        return "x".join(map(str, self._plaintext(card).shape))

    def run(self, cipher: Cipher, seed: int, reference: str = "") -> list[Findings]:
        """All verdicts of this task on a cipher under one seed."""
        if self.kind == "battery":
            return list(self._sequences(cipher, seed))
        task, image = _loaded(self.kind, self.name, json.dumps(self.parameters)), self._plaintext(cipher.card)
        result = run_task(task, cipher, image, seed, label=PLAINTEXT, reference=reference)
        if result.error is not None:
            raise result.error
        return findings(self.label, result.measurements)

    def _plaintext(self, card: Card) -> Image:
        if self.kind == "battery":
            return _picture(self.side, True)
        task = _loaded(self.kind, self.name, json.dumps(self.parameters))
        if isinstance(task, Attack):
            return _picture(self.side, attacks_grey(task, card))
        return _picture(self.side, card.channels is not None and 3 not in card.channels)

    def _sequences(self, cipher: Cipher, seed: int) -> Iterator[Findings]:
        """Each statistic's p-value for one ciphertext of a million bits."""
        from cryptobench.metrics.randomness import CORRECTED, battery

        ciphertext = Experiment(cipher, self._plaintext(cipher.card), seed, PLAINTEXT).ciphertext.image
        found = battery(ciphertext.ravel(), min(_BATTERY_BITS, 8 * ciphertext.size))
        for variant in ("standard", "corrected"):
            for name, p_value in found.p_values(variant).items():
                test, _, part = name.partition(" ")
                if variant == "standard":
                    yield Findings(RowKey(test, part=part), (p_value,))
                elif test in CORRECTED:
                    yield Findings(RowKey(test, part=part, statistic="corrected"), (p_value,))


def every_task() -> list[CalibrationTask]:
    """All registered analyses but those that measure time, all attacks, and the battery."""
    tasks = [_task("analysis", name) for name in analysis_names() if not load_analysis(name).alone]
    return [
        *tasks,
        CalibrationTask("battery", BATTERY, _BATTERY_SIDE),
        *(_task("attack", name) for name in attack_names()),
    ]


def select_tasks(names: Iterable[str], tasks: Sequence[CalibrationTask]) -> list[CalibrationTask]:
    """Those of the tasks that are named; CalibrationError, with the nearest name, for one that there is not."""
    labels = {task.label: task for task in tasks} | {task.name: task for task in reversed(tasks)}
    chosen: dict[str, CalibrationTask] = {}
    for name in names:
        if name not in labels:
            lists = "`cryptobench list analyses` and `list attacks` show them"
            hint = renamed(name.removeprefix("attack:")) or nearest(name, labels, lists)
            raise CalibrationError(f"there is no analysis and no attack {name!r}{hint}")
        chosen[labels[name].label] = labels[name]
    return list(chosen.values())


def _task(kind: Kind, name: str) -> CalibrationTask:
    label = f"attack:{name}" if kind == "attack" else name
    side = _CHEAP_SIDE if kind == "attack" or name in _CHEAP else _SIDES.get(name, _SIDE)
    if kind == "attack":
        side = min(side, load_attack(name).largest_side or side)  # as runs attack them
    return CalibrationTask(kind, name, side, _PARAMETERS.get(label, {}))


@cache
def _version(kind: Literal["analysis", "attack"], name: str) -> str:
    return code_version(kind, name)


@lru_cache(maxsize=256)
def _loaded(kind: Kind, name: str, parameters: str) -> Analysis | Attack:
    load = load_attack if kind == "attack" else load_analysis
    return load(name, **json.loads(parameters))


@lru_cache(maxsize=32)
def _picture(side: int, grey: bool) -> Image:
    return pixels(PLAINTEXT, side, grey)
