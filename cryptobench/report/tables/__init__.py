"""Every table of a report, in the order in which a reader meets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

from cryptobench.layout.tables import Table
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
from cryptobench.results.names import grades_text
from cryptobench.results.run import NothingToShow, RunData, from_rows

__all__ = ["TABLES", "make_table", "make_tables"]

_MODULES: tuple[ModuleType, ...] = (
    summary, overview, attacks, comparison, learned, statistics, differential, keys, randomness, robustness, cost,
    errors,
)  # fmt: skip
TABLES: dict[str, Callable[[RunData], Table]] = {make.__name__: make for module in _MODULES for make in module.TABLES}


def make_table(run: RunData, name: str) -> Table:
    """One table of `TABLES`, rows ordered by cipher and image, our own ciphers marked; NothingToShow without data.

    Its caption says how many published schemes it has of each fidelity.
    """
    with from_rows(run, f"the table {name}"):
        table = TABLES[name](run)
        schemes = grades_text(run.graded(table.values["cipher"].unique())) if "cipher" in table.values else ""
        table = replace(table, values=run.ordered(table.values), caption=f"{table.caption} {schemes}".strip())
        return table.marked(run.ours, run.ours_meaning, run.taken_over, run.taken_meaning)


def make_tables(run: RunData) -> tuple[list[Table], list[str]]:
    """The tables that a run has numbers for; and a line for each that it has not."""
    tables: list[Table] = []
    skipped: list[str] = []
    for name in TABLES:
        try:
            tables.append(make_table(run, name))
        except NothingToShow as reason:
            skipped.append(f"table {name}: {reason}")
    return tables, skipped
