"""The measurement rows that the page carries: all of them, or as many as keep it small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cryptobench.report.html.plain import compressed
from cryptobench.results.run import RunData
from cryptobench.spreadsheet import csv_text

__all__ = ["BUDGET", "Rows", "measurement_rows"]

BUDGET = 4_500_000  # characters


@dataclass(frozen=True)
class Rows:
    """By cipher, its rows as compressed CSV; ``note`` says what was left out, if anything."""

    chunks: dict[str, str]
    note: str


def measurement_rows(run: RunData, budget: int = BUDGET) -> Rows:
    """Every row if they fit in ``budget`` characters; else no single trials; else only those of the first image."""
    elsewhere = "measurements.csv.gz in the run's folder has every row."
    first = run.picture_image() or next(iter(run.images), "")
    choices = (
        (run.table, ""),
        (run.numbers, f"Summaries only: single trials are left out of this page. {elsewhere}"),
        (
            run.numbers[run.numbers["image"].isin(("", first))],
            f"Summaries of {first} only: single trials and other images are left out of this page. {elsewhere}",
        ),
    )
    for table, note in choices[:-1]:
        if len(table) > budget:  # a row takes ten characters and more
            continue
        chunks: dict[str, str] = {}
        left = budget
        for cipher, text in _by_cipher(table):
            chunks[cipher] = compressed(text)
            left -= len(chunks[cipher])
            if left < 0:
                break
        else:
            return Rows(chunks, note)
    return Rows({cipher: compressed(text) for cipher, text in _by_cipher(choices[-1][0])}, choices[-1][1])


def _by_cipher(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Each cipher with its rows as CSV."""
    columns = [_cells(table[name]) for name in table]
    groups = table.reset_index(drop=True).groupby("cipher", sort=False)
    if not table.columns.is_unique or any(cells is None for cells in columns):
        yield from ((str(cipher), csv_text(rows)) for cipher, rows in groups)
        return
    head = csv_text(table.iloc[:0])
    lines = list(map(",".join, zip(*(cells for cells in columns if cells is not None), strict=True)))
    for cipher, places in groups.indices.items():
        yield str(cipher), "\n".join([head.removesuffix("\n"), *map(lines.__getitem__, places), ""])


def _cells(column: pd.Series[Any]) -> list[str] | None:
    """A column as `csv_text` writes it, each of its texts once; None where that cannot be said cell by cell."""
    distinct: Any
    if column.dtype == float:  # told apart by their bits, for 0 equals -0 and a gap nothing
        codes, bits = pd.factorize(column.to_numpy().view(np.int64))
        distinct = bits.view(float)
    else:
        codes, distinct = pd.factorize(column, use_na_sentinel=False)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        if not all(isinstance(one, str) or one is None or one != one for one in distinct):
            return None  # 1 and True are one to pandas
        if any("\r" in one for one in distinct if isinstance(one, str)):
            return None  # all cells of a table with one of these are quoted
    written = csv_text(pd.DataFrame({"cell": pd.Series(distinct), "end": 0}))
    cells = written.removeprefix("cell,end\n").split(",0\n")[:-1]
    return [cells[code] for code in codes] if len(cells) == len(distinct) else None
