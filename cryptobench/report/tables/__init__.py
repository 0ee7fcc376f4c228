"""Every table of a report, in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cryptobench.report.table import Table
from cryptobench.report.tables import (
    attacks,
    comparison,
    cost,
    differential,
    errors,
    keys,
    learned,
    overview,
    randomness,
    robustness,
    statistics,
    summary,
)
from cryptobench.results.run import NothingToShow, Run

__all__ = ["TABLES", "make_tables"]

TABLES: tuple[Callable[[Run], Table], ...] = (
    *summary.TABLES,
    *overview.TABLES,
    *attacks.TABLES,
    *comparison.TABLES,
    *learned.TABLES,
    *statistics.TABLES,
    *differential.TABLES,
    *keys.TABLES,
    *randomness.TABLES,
    *robustness.TABLES,
    *cost.TABLES,
    *errors.TABLES,
)


def make_tables(run: Run) -> tuple[list[Table], list[str]]:
    """The tables that a run has numbers for, rows ordered by cipher and image; and a line for each that it has not."""
    tables: list[Table] = []
    skipped: list[str] = []
    for make in TABLES:
        try:
            table = make(run)
        except NothingToShow as reason:
            skipped.append(f"table {make.__name__}: {reason}")
            continue
        table = replace(table, values=run.ordered(table.values))
        tables.append(table.marking(run.mine) if run.mine else table)
    return tables, skipped
