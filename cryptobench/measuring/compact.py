"""The numbers of one plaintext as tables for print: channels beside one another, intervals in a table of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from cryptobench.analyses.tools.byte_rows import BYTE_METRICS
from cryptobench.layout.tables import Column, Table
from cryptobench.measuring.records import channel_text, shown, titled
from cryptobench.results.rounding import p_text
from cryptobench.results.verdicts import pool

__all__ = ["by_channel", "intervals", "is_grey"]

_ROW = ("analysis", "metric", "direction", "parameter", "part", "condition")
_PLAIN = "– plain"
_SMALL = "glcm_energy"  # of 256 levels: 0.00002
_Records = Sequence[Mapping[str, Any]]


def by_channel(records: _Records, alpha: float) -> Table:
    """A row for each metric, of the plaintext and of the cipher image, a column for each channel.

    A grey picture has room for the interval.
    """
    records = _without_bytes(records)
    channels = list(dict.fromkeys(_column(record) for record in records))
    rows = []
    for some in _groups(records):
        write = _write(some[0]["metric"])
        answer = pool(pd.DataFrame(some))
        rows.append(
            {"metric": _title(some), "ideal": write(some[-1]["expected"])}
            | {_column(record): write(record["value"]) for record in some}
            | {f"{_column(record)} verdict": record["verdict"] for record in some}
            | {"interval": _interval(some, write)}
            | {"p": "" if answer.adjusted is None else p_text(answer.adjusted)}
            | {"verdict": "" if answer.state == "none" else answer.state}
        )
        if any(record["plain"] is not None for record in some):
            rows.append({"metric": _PLAIN} | {_column(r): write(r["plain"]) for r in some})
    columns = (
        Column("metric", "metric", key=True),
        *(Column(channel, channel, mark=f"{channel} verdict", mixed=True) for channel in channels),
        Column("ideal", "ideal", mixed=True),
        *([Column("interval", "interval")] if is_grey(records) else []),
        Column("p", "p"),
        Column("verdict", "verdict"),
    )
    channel_words = "" if is_grey(records) else "R, G, B: channels; all: all samples. "
    caption = (
        f"{channel_words}Ideal: of an ideal cipher. Plain: the row above for the plaintext. "
        f"A star marks a value that an ideal cipher gives in less than one case in {1 / alpha:.3g}; p: the smallest "
        "p-value of a row after Holm's correction; fail: below 0.001, borderline: below 0.05."
    )
    return Table("measure", "Measured on pictures alone", caption, pd.DataFrame(rows), columns)


def intervals(records: _Records, alpha: float) -> Table:
    """What an ideal cipher gives, with its interval for one channel and for all samples."""
    rows = []
    for some in _groups(_without_bytes(records)):
        write = _write(some[0]["metric"])
        judged = [record for record in some if record["low"] is not None or record["high"] is not None]
        if judged:
            whole = [record for record in judged if record["channel"] == "all"]
            single = [record for record in judged if record["channel"] != "all"]
            rows.append({
                "metric": _title(some),
                "channel": _interval(single, write), "all": _interval(whole, write),
            })  # fmt: skip
    columns = (
        Column("metric", "metric", key=True), Column("interval, one channel", "channel"),
        Column("interval, all", "all"),
    )  # fmt: skip
    caption = f"Intervals of an ideal cipher at level {alpha:g}, for this number of samples."
    return Table("measure_intervals", "Intervals of an ideal cipher", caption, pd.DataFrame(rows), columns)


def is_grey(records: _Records) -> bool:
    """Whether they are of one channel."""
    return any(record["channel"] == "grey" for record in records)


def _without_bytes(records: _Records) -> list[Mapping[str, Any]]:
    """Without ENT's statistics, which papers do not print; all samples of a grey picture are its one channel."""
    kept = [record for record in records if record["metric"] not in BYTE_METRICS]
    return [{**record, "channel": "grey"} for record in kept] if is_grey(records) else kept


def _groups(records: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Records of one row each; each pair of channels is a row."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for record in records:
        pair = channel_text(record) if record["other_channel"] else ""
        groups.setdefault((*(record[column] for column in _ROW), pair), []).append(record)
    return list(groups.values())


def _title(some: _Records) -> str:
    if some[0]["other_channel"]:
        return f"correlation, {channel_text(some[0])}"
    title = titled(some[0])
    return title.replace("energy", "1000 energy") if some[0]["metric"] == _SMALL else title


def _write(metric: str) -> Callable[[float | None], str]:
    """As `shown`, but without powers of ten, which are wide."""
    if metric != _SMALL:
        return shown(metric)
    return lambda value: "" if value is None else f"{1000 * value:.6g}"


def _column(record: Mapping[str, Any]) -> str:
    return "all" if record["other_channel"] else str(record["channel"])


def _interval(some: _Records, write: Callable[[float | None], str]) -> str:
    low, high = (write(some[0][end]) if some else "" for end in ("low", "high"))
    if low and high:
        return f"[{low}, {high}]"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""
