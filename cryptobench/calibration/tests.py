"""Which verdicts belong to one test: tests whose false alarms are counted, and tests whose detections are."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass, replace

from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.calibration.findings import RowKey
from cryptobench.calibration.tasks import BATTERY
from cryptobench.metrics.randomness import ALPHA as BATTERY_LEVEL
from cryptobench.metrics.randomness import CORRECTED

__all__ = [
    "ALPHA", "CalibratedTest", "alarm_levels", "detection_level", "detection_test", "false_alarm_test", "is_attack",
    "is_known_wrong", "why_conservative",
]  # fmt: skip

ALPHA = 0.05
_FAILURE = 0.001  # below it reports call a pooled test failed
_NEVER = 1e-9  # a rule without a p-value never fires on an ideal cipher
_SUMMARY = re.compile(r"_(mean|worst|min|max|inside|distinct)$")
_STANDARD = ("sp800_22_adjusted", "sp800_22_proportion", "sp800_22_uniformity")


@dataclass(frozen=True, order=True)
class CalibratedTest:
    """A test as tables name it, by the columns of the measurement table; a column over which it is pooled is empty."""

    task: str
    metric: str
    channel: str = ""
    other_channel: str = ""
    direction: str = ""
    place: str = ""
    condition: str = ""
    parameter: str = ""
    part: str = ""
    statistic: str = ""
    nonce: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, astuple(self)))


def is_attack(task: str) -> bool:
    """Whether a task's label is that of an attack."""
    return task.startswith("attack:")


def false_alarm_test(task: str, key: RowKey, apart: bool = False) -> CalibratedTest:
    """The test whose false alarms a verdict counts for: pooled over channels, directions and places, or ``apart``.

    Bit planes, and templates and states of one test of SP 800-22, are pooled too.
    """
    channel = "" if key.channel == "all" else key.channel
    test = CalibratedTest(
        task, key.metric, channel, key.other_channel, key.direction, key.place, key.condition, key.parameter, key.part,
        key.statistic, key.nonce,
    )  # fmt: skip
    if apart:
        return test
    part = "" if task == BATTERY or key.metric == "bit_plane" else key.part
    return replace(test, channel="", other_channel="", direction="", place="", part=part)


def detection_test(task: str, key: RowKey) -> CalibratedTest | None:
    """The test that a verdict is pooled into where detections are counted; None for trials and tests known to be wrong.

    Summaries of one metric are pooled; an attack counts by its outcome. Of SP 800-22 over many sequences the verdict of
    the corrected variant counts. Tests with nonce and per-message secret fixed are apart, except where a cipher has
    neither.
    """
    nonce = key.nonce if key.nonce == "fixed" and not task.startswith("key") else ""
    if is_attack(task):
        return CalibratedTest(task, task.removeprefix("attack:"), nonce=nonce) if key.metric == "outcome" else None
    if task == BATTERY:
        return None if is_known_wrong(task, key) else CalibratedTest(task, "one sequence")
    if key.trial or is_known_wrong(task, key) or key.metric in _STANDARD:
        return None
    metric = "ent" if key.metric.startswith("ent_") else _SUMMARY.sub("", key.metric)
    return CalibratedTest(task, metric, nonce=nonce)


def is_known_wrong(task: str, key: RowKey) -> bool:
    """Whether a test is there for comparison: an interval or a constant of the literature that has been corrected.

    Not the second level of SP 800-22: it judges by the distribution that the standard's constants lead to.
    """
    return key.statistic == "literature" or (task == BATTERY and not key.statistic and key.metric in CORRECTED)


def alarm_levels(task: str, key: RowKey) -> tuple[float, ...]:
    """The levels at which a test's p-values are judged, the stated one first; of a rule, one that is next to never."""
    if key.rule:
        return (ALPHA,) if is_known_wrong(task, key) else (LEAK_LEVEL,) if is_attack(task) else (_NEVER,)
    if is_attack(task):
        return ALPHA, LEAK_LEVEL
    return (BATTERY_LEVEL if task == BATTERY else ALPHA), _FAILURE


def detection_level(test: CalibratedTest) -> float:
    """The level at which a test detects, for all that is pooled into it."""
    return LEAK_LEVEL if is_attack(test.task) else BATTERY_LEVEL if test.task == BATTERY else ALPHA


def why_conservative(test: CalibratedTest) -> str:
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
