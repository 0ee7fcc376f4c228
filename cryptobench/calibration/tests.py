"""Which verdicts belong together: tests whose size is counted, tests whose power is shown, and exhibits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.calibration.findings import RowKey
from cryptobench.calibration.tasks import BATTERY
from cryptobench.metrics.randomness import ALPHA as BATTERY_LEVEL
from cryptobench.metrics.randomness import CORRECTED

__all__ = ["ALPHA", "Test", "alarm_levels", "is_attack", "is_exhibit", "power_test", "size_test", "why_conservative"]

ALPHA = 0.05
_FAILURE = 0.001  # below it reports call a pooled test failed
_NEVER = 1e-9  # a rule without a p-value never fires on an ideal cipher
_SUMMARY = re.compile(r"_(mean|worst|min|max|inside|distinct)$")
_STANDARD = ("sp800_22_adjusted", "sp800_22_proportion", "sp800_22_uniformity")


@dataclass(frozen=True, order=True)
class Test:
    """A test as tables name it; ``part`` is a direction, channel or statistic where those are apart."""

    __test__ = False

    task: str
    metric: str
    variant: str = ""
    nonce: str = ""
    part: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.task, self.metric, self.part, self.variant, self.nonce)))


def is_attack(task: str) -> bool:
    """Whether a task's label is that of an attack."""
    return task.startswith("attack:")


def size_test(task: str, key: RowKey, apart: bool = False) -> Test:
    """The test whose size a verdict counts for: by metric, variant and nonce mode, or with every row ``apart``."""
    named = key.direction if key.metric.startswith("sp800_22") else ""
    rows = " ".join(filter(None, (key.channel.replace("all", ""), key.direction)))
    return Test(task, key.metric, key.variant, key.nonce, rows if apart else named)


def power_test(task: str, key: RowKey) -> Test | None:
    """The row of the power matrix that a verdict is pooled into; None for trials, exhibits and parts of others.

    Summaries of one metric are pooled; an attack counts by its outcome. With nonce and per-message secret held still
    tests are rows of their own, except where a cipher has neither.
    """
    nonce = key.nonce if key.nonce == "fixed" and not task.startswith("key") else ""
    if is_attack(task):
        return Test(task, task.removeprefix("attack:"), nonce=nonce) if key.metric == "outcome" else None
    if task == BATTERY:
        return None if is_exhibit(task, key) else Test(task, "one sequence")
    if key.trial or is_exhibit(task, key) or key.metric in _STANDARD:
        return None
    metric = "ent" if key.metric.startswith("ent_") else _SUMMARY.sub("", key.metric)
    return Test(task, metric, nonce=nonce)


def is_exhibit(task: str, key: RowKey) -> bool:
    """Whether a test is there to be shown wrong: intervals and constants of the literature that have been mended."""
    if key.variant == "literature":
        return True
    if task == BATTERY:
        return key.variant == "standard" and key.metric in CORRECTED
    return key.metric == "sp800_22_adjusted" or (key.metric in _STANDARD and key.direction in CORRECTED)


def alarm_levels(task: str, key: RowKey) -> tuple[float, ...]:
    """The levels at which a test's p-values are judged, the stated one first; of a rule, one that is next to never."""
    if key.rule:
        return (ALPHA,) if is_exhibit(task, key) else (LEAK_LEVEL,) if is_attack(task) else (_NEVER,)
    if is_attack(task):
        return ALPHA, LEAK_LEVEL
    return (BATTERY_LEVEL if task == BATTERY else ALPHA), _FAILURE


def why_conservative(test: Test) -> str:
    """Why fewer false alarms than stated are expected of a test; empty where none are."""
    if is_attack(test.task):
        return "the p-value is bounded over all that the attack tries; whole counts"
    if test.metric.endswith("_distinct"):
        return "McDiarmid's bound, not the exact distribution"
    if test.metric.startswith("sp800_22"):
        return "Holm's bound over dependent statistics; whole counts of few sequences"
    if test.metric.endswith(
        ("npcr", "_inside", "npcr_min", "npcr_mean", "_worst", "strict_avalanche", "_avalanche", "channel_reach")
    ):
        return "whole counts"
    return ""
