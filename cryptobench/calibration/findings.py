"""What a calibration keeps of measurements: which test a verdict is of, its p-value, and whether it was an alarm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from cryptobench.measurement import Artifact, Measurement

__all__ = ["KEY_TASKS", "Findings", "RowKey", "findings"]

KEY_TASKS = ("keyspace", "key_sensitivity")
"""Analyses that compare keys: each nonce is used with many keys there, so a fixed nonce is no misuse."""

_LITERATURE = "literature"
_WHOLE_LITERATURE = "interval for 30 blocks of 1936"


class RowKey(NamedTuple):
    """One test of a task, by the columns of the measurement table.

    ``rule`` marks verdicts that come without a p-value, ``trial`` those of single trials.
    """

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
    rule: bool = False
    trial: bool = False


@dataclass(frozen=True)
class Findings:
    """All verdicts of one test under one seed: p-values, or for a rule 0 for each alarm and 1 for each pass."""

    key: RowKey
    values: tuple[float, ...]


def findings(task: str, rows: Iterable[Measurement | Artifact]) -> list[Findings]:
    """The verdicts among an analysis's or attack's rows, trials of one test together."""
    found: dict[RowKey, list[float]] = {}
    for row in rows:
        if isinstance(row, Artifact) or row.status != "ok":
            continue
        if row.statistic == _LITERATURE:
            row = _judged_by_the_literature(row)
        if row.verdict == "none":
            continue
        part = "" if task in KEY_TASKS else row.part  # key fields are the cipher's own
        key = RowKey(
            row.metric, row.channel, row.other_channel, row.direction, row.place, row.condition, row.parameter, part,
            row.statistic, row.nonce, row.p_value is None, row.trial is not None,
        )  # fmt: skip
        value = float(row.verdict != "fail") if row.p_value is None else row.p_value
        found.setdefault(key, []).append(value)
    return [Findings(key, tuple(values)) for key, values in found.items()]


def _judged_by_the_literature(row: Measurement) -> Measurement:
    """A row with an interval from the literature, judged by it where the interval is meant for this size."""
    if row.value is None or row.low is None or row.high is None or not row.message.endswith(_WHOLE_LITERATURE):
        return row
    return replace(row, verdict="pass" if row.low <= row.value <= row.high else "fail")
