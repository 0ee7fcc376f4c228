"""Rows of two runs side by side, as plain Python values: small tables are compared by the hundred."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pandas as pd

__all__ = ["CellKey", "Row", "finished", "paired_rows", "rows_of", "where"]


class CellKey(NamedTuple):
    """Which cell a row comes from."""

    cipher: str
    image: str
    height: int | None
    width: int | None
    channels: int | None
    analysis: str

    def __str__(self) -> str:
        return self.image if self.height is None else f"{self.image} {self.height}x{self.width}"


class Row(NamedTuple):
    """One row of a measurement table; numbers that it lacks are None."""

    cell: CellKey
    metric: str
    channel: str
    other_channel: str
    direction: str
    place: str
    condition: str
    parameter: str
    part: str
    statistic: str
    nonce: str
    trial: int | None
    value: float | None
    unit: str
    expected: float | None
    p_value: float | None
    verdict: str
    outcome: str
    status: str
    message: str

    @property
    def cipher(self) -> str:
        return self.cell.cipher

    @property
    def number(self) -> tuple[Any, ...]:
        """Which number this is: everything that sets numbers of one run apart, trials excepted."""
        return self[: self._fields.index("trial")]


def rows_of(table: pd.DataFrame) -> list[Row]:
    """All rows of a table, in its order."""
    cells = zip(*(_plain(table, column) for column in CellKey._fields), strict=True)
    others = zip(*(_plain(table, column) for column in Row._fields[1:]), strict=True)
    return [Row(CellKey(*cell), *other) for cell, other in zip(cells, others, strict=True)]


def finished(rows: Iterable[Row]) -> Iterator[Row]:
    """Single numbers and summaries of cells that finished; of a grey image each number once."""
    single = [row for row in rows if row.trial is None and row.status == "ok" and row.metric]
    by_channel = {row.metric for row in single if row.channel == "grey"}
    return (r for r in single if not (r.cell.channels == 1 and r.channel == "all" and r.metric in by_channel))


def paired_rows(baseline: Iterable[Row], new: Iterable[Row]) -> Iterator[tuple[Row, Row]]:
    """Pairs of rows of the same `Row.number`, in the baseline's order."""
    latest = {row.number: row for row in reversed(list(new))}
    for before in baseline:
        if (after := latest.get(before.number)) is not None:
            yield before, after


def where(row: Row) -> str:
    """Where a row's number was taken, in words."""
    channels = f"{row.channel}-{row.other_channel}" if row.other_channel else row.channel
    words = [str(row.cell), "" if channels == "all" else channels, row.direction, row.part, row.condition, row.place]
    words += [row.statistic, row.parameter]
    words.append({"fresh": "fresh nonce", "fixed": "fixed nonce"}.get(row.nonce, ""))
    return ", ".join(word for word in words if word)


def _plain(table: pd.DataFrame, column: str) -> list[Any]:
    values: list[Any] = table[column].tolist()
    if table[column].dtype == object or isinstance(table[column].dtype, pd.StringDtype):
        return values
    return [None if value is pd.NA or (isinstance(value, float) and math.isnan(value)) else value for value in values]
