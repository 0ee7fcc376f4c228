"""The numbers of pictures as tables: every number, and of several plaintexts a summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.measuring.records import (
    COLUMNS,
    IDENTITY,
    LEVELS,
    bounds_text,
    channel_text,
    shown,
    titled,
)
from cryptobench.results.rounding import p_text
from cryptobench.results.verdicts import Pooled, pool

__all__ = ["critical_values", "every_number", "over_pictures", "tests_table"]

_STAR = "A star marks a value that an ideal cipher gives in less than one case in {:.3g}."
_LITERATURE = (
    "For comparison with other papers: critical values by significance level, for this number of samples, and the "
    "levels at which the number passes. NPCR and UACI: Wu, Noonan and Agaian 2011. Local entropy: Wu et al. 2013, an "
    "interval that is too narrow by a factor of √30, so that ideal random data passes it about one time in four. "
    "Chi-square: on one side only, though a histogram can be too even too."
)
_WORDS = (
    "Ideal and interval: of an ideal cipher, for this number of samples; p: the chance that such a cipher gives a "
    "value at least as extreme."
)


def every_number(records: Sequence[Mapping[str, Any]], alpha: float) -> Table:
    """A row for each number; its ``values`` are the records in full precision, with what is displayed beside them."""
    values = pd.DataFrame(list(records), columns=list(COLUMNS))
    images = values["image"].nunique() > 1
    texts = _texts(records)
    columns = (
        *([Column("picture", "image", key=True)] if images else []),
        Column("metric", "metric text", key=True),
        Column("channel", "channel text", key=True),
        Column("plain", "plain text"),
        Column("cipher", "value text", mark="verdict"),
        Column("ideal", "expected text"),
        Column("interval", "interval text"),
        Column("p", "p text"),
        Column("verdict", "verdict text"),
    )
    kept = tuple(c for c in columns if c.title != "plain" or any(texts["plain text"]))
    caption = f"{_WORDS} {_STAR.format(1 / alpha)}"
    return Table("measure", "Measured on pictures alone", caption, pd.concat([values, texts], axis=1), kept)


def critical_values(records: Sequence[Mapping[str, Any]]) -> Table:
    """What papers compare these numbers with, by level, and the levels that each of them passes."""
    rows = []
    for record in records:
        literature = record["literature"]
        if not literature or record["value"] is None:
            continue
        passed = [level for level, ends in literature.items() if _within(record["value"], *ends)]
        rows.append(
            {"picture": record["image"], "metric": titled(record), "channel": channel_text(record)}
            | {"value": shown(record["metric"])(record["value"])}
            | {level: bounds_text(*ends) for level, ends in literature.items()}
            | {"passed": "all" if len(passed) == len(literature) else ", ".join(passed) or "none"}
        )
    columns = (
        *([Column("picture", "picture", key=True)] if len({row["picture"] for row in rows}) > 1 else []),
        Column("metric", "metric", key=True), Column("channel", "channel", key=True),
        Column("cipher", "value", mixed=True), *(Column(f"level {one:g}", f"{one:g}") for one in LEVELS),
        Column("passed", "passed"),
    )  # fmt: skip
    names = ["picture", "metric", "channel", "value", *(f"{level:g}" for level in LEVELS), "passed"]
    return Table(
        "measure_critical", "Critical values in the literature", _LITERATURE, pd.DataFrame(rows, columns=names), columns
    )


def over_pictures(records: Sequence[Mapping[str, Any]], alpha: float) -> Table:
    """A row for each metric and channel over several plaintexts, with one answer by Holm's correction."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for record in records:
        groups.setdefault(tuple(record[column] for column in IDENTITY), []).append(record)
    rows = [row for some in groups.values() if (row := _summary(some)) is not None]
    columns = (
        Column("metric", "metric", key=True), Column("channel", "channel", key=True), Column("pictures", "n"),
        *(Column(title, title, mixed=True) for title in ("mean", "smallest", "largest", "ideal")),
        Column("inside", "inside"), Column("adjusted p", "adjusted", mixed=True), Column("verdict", "state"),
    )  # fmt: skip
    caption = (
        "Over all pictures. Ideal: of an ideal cipher, where it is the same for all; inside: how many pictures have a "
        f"value that an ideal cipher gives in all but one case in {1 / alpha:.3g}; adjusted p: the smallest p-value "
        "after Holm's correction for their number; fail: below 0.001, borderline: below 0.05."
    )
    title = "Measured on pictures alone: summary"
    return Table("measure_summary", title, caption, pd.DataFrame(rows), columns)


def tests_table(answers: Mapping[str, Pooled]) -> Table:
    """A row for each test, with the answer over all its numbers."""
    rows = [
        {"test": title, "numbers": answer.tests, "p": _p(answer.adjusted), "state": answer.state}
        for title, answer in answers.items()
    ]
    columns = (
        Column("test", "test", key=True), Column("numbers", "numbers"), Column("adjusted p", "p"),
        Column("verdict", "state"),
    )  # fmt: skip
    caption = (
        "All numbers of a test together, the smallest p-value after Holm's correction; all: over all tests. Fail: "
        "below 0.001, borderline: below 0.05."
    )
    return Table("measure_tests", "Tests of pictures alone", caption, pd.DataFrame(rows), columns)


def _texts(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    rows = []
    for record in records:
        write = shown(record["metric"])
        rows.append({
            "metric text": titled(record),
            "channel text": channel_text(record),
            "plain text": write(record["plain"]),
            "value text": write(record["value"]) or f"none: {record['message']}",
            "expected text": write(record["expected"]),
            "interval text": _interval(record),
            "p text": _p(record["p_value"]),
            "verdict text": "" if record["verdict"] == "none" else record["verdict"],
        })  # fmt: skip
    return pd.DataFrame(rows)


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _interval(record: Mapping[str, Any]) -> str:
    low, high = (shown(record["metric"])(record[end]) for end in ("low", "high"))
    if low and high:
        return f"[{low}, {high}]"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""


def _p(value: float | None) -> str:
    return "" if value is None or value != value else p_text(value)


def _summary(some: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The row of one metric and channel; None where no picture has a value."""
    values = [record["value"] for record in some if record["value"] is not None]
    if not values:
        return None
    first, write = some[0], shown(some[0]["metric"])
    judged = [record for record in some if record["verdict"] != "none"]
    answer = pool(pd.DataFrame(some))
    ideal = {record["expected"] for record in some}
    return {
        "metric": titled(first),
        "channel": channel_text(first),
        "n": len(values),
        "mean": write(sum(values) / len(values)),
        "smallest": write(min(values)),
        "largest": write(max(values)),
        "ideal": write(first["expected"]) if len(ideal) == 1 else "",
        "inside": f"{sum(r['verdict'] == 'pass' for r in judged)} of {len(judged)}" if judged else "",
        "adjusted": _p(answer.adjusted),
        "state": "" if answer.state == "none" else answer.state,
    }
