"""Rows of two runs side by side, as plain Python values: small tables are compared by the hundred."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pandas as pd

__all__ = ["Cell", "Row", "beside", "finished", "rows_of", "where"]


class Cell(NamedTuple):
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

    cell: Cell
    metric: str
    channel: str
    direction: str
    variant: str
    nonce: str
    trial: int | None
    value: float | None
    unit: str
    expected: float | None
    p_value: float | None
    verdict: str
    status: str
    message: str

    @property
    def cipher(self) -> str:
        return self.cell.cipher

    @property
    def place(self) -> tuple[Any, ...]:
        """Which number this is, trials apart."""
        return (self.cell, self.metric, self.channel, self.direction, self.variant, self.nonce)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """All rows of a table, in its order."""
    cells = zip(*(_plain(table, column) for column in Cell._fields), strict=True)
    others = zip(*(_plain(table, column) for column in Row._fields[1:]), strict=True)
    return [Row(Cell(*cell), *other) for cell, other in zip(cells, others, strict=True)]


def finished(rows: Iterable[Row]) -> Iterator[Row]:
    """Single numbers and summaries of cells that finished; of a grey image each number once."""
    single = [row for row in rows if row.trial is None and row.status == "ok" and row.metric]
    by_channel = {row.metric for row in single if row.channel == "grey"}
    return (r for r in single if not (r.cell.channels == 1 and r.channel == "all" and r.metric in by_channel))


def beside(baseline: Iterable[Row], new: Iterable[Row]) -> Iterator[tuple[Row, Row]]:
    """Pairs of rows of the same `Row.place`, in the baseline's order."""
    latest = {row.place: row for row in reversed(list(new))}
    for before in baseline:
        if (after := latest.get(before.place)) is not None:
            yield before, after


def where(row: Row) -> str:
    """Where a row's number was taken, in words."""
    words = [str(row.cell), "" if row.channel == "all" else row.channel, row.direction, row.variant]
    words.append({"fresh": "fresh nonce", "fixed": "fixed nonce"}.get(row.nonce, ""))
    return ", ".join(word for word in words if word)


def _plain(table: pd.DataFrame, column: str) -> list[Any]:
    values: list[Any] = table[column].tolist()
    if table[column].dtype == object or isinstance(table[column].dtype, pd.StringDtype):
        return values
    return [None if value is pd.NA or (isinstance(value, float) and math.isnan(value)) else value for value in values]
