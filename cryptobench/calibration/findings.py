"""What a calibration keeps of a measurement: which test it is, its p-value, and whether it raised an alarm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from cryptobench.measurement import Artifact, Measurement

__all__ = ["KEY_TASKS", "Findings", "RowKey", "findings"]

KEY_TASKS = ("keyspace", "key_sensitivity")
"""Analyses that compare keys: every nonce meets many keys there, so holding it still is no misuse."""

_EXHIBIT = "literature"
_FULL_EXHIBIT = "interval for 30 blocks of 1936"


class RowKey(NamedTuple):
    """One test of a task; ``rule`` marks verdicts that come without a p-value, ``trial`` single trials."""

    metric: str
    channel: str
    direction: str
    variant: str
    nonce: str
    rule: bool
    trial: bool


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
        if row.variant == _EXHIBIT:
            row = _judged_exhibit(row)
        if row.verdict == "none":
            continue
        variant = "" if task in KEY_TASKS else row.variant  # key fields are the cipher's own
        key = RowKey(
            row.metric, row.channel, row.direction, variant, row.nonce, row.p_value is None, row.trial is not None
        )
        value = float(row.verdict != "fail") if row.p_value is None else row.p_value
        found.setdefault(key, []).append(value)
    return [Findings(key, tuple(values)) for key, values in found.items()]


def _judged_exhibit(row: Measurement) -> Measurement:
    """A row that shows an interval from the literature, judged by it where the interval is meant for this size."""
    if row.value is None or row.low is None or row.high is None or not row.message.endswith(_FULL_EXHIBIT):
        return row
    return replace(row, verdict="pass" if row.low <= row.value <= row.high else "fail")
