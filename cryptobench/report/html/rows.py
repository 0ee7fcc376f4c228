"""The measurement rows that the page carries: all of them, or as many as keep it small."""

from __future__ import annotations

from dataclasses import dataclass

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
        rows = Rows(_by_cipher(table), note)
        if sum(map(len, rows.chunks.values())) <= budget:
            return rows
    return Rows(_by_cipher(choices[-1][0]), choices[-1][1])


def _by_cipher(table: pd.DataFrame) -> dict[str, str]:
    return {str(cipher): compressed(csv_text(rows)) for cipher, rows in table.groupby("cipher", sort=False)}
