"""The message of a failed security test: which tests fail, which attacks succeeded, and what did not run."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from cryptobench.measurement import Outcome
from cryptobench.results.attacks import FAILED, attack_results, worst

__all__ = ["failure_message"]

_MOST_LINES = 12


def failure_message(
    what: str,
    run: str,
    tests: pd.DataFrame,
    table: pd.DataFrame,
    alpha: float,
    *,
    unmet: Sequence[str] = (),
    not_run: Sequence[str] = (),
) -> str:
    """All that speaks against the cipher ``what``, measured in ``run``: one line first, then the details.

    A cipher of which nothing is measured, and for one reason, is told in one line.

    ``tests`` has the columns of `pooled_tests`, ``table`` those of the measurement table. ``unmet`` are lines on
    judgements that do not reach what is required.
    """
    if len(not_run) == 1 and len(table) and (table["status"] == "failed").all():
        names, _, reason = not_run[0].partition(": failed: ")
        return f"{what} does not pass: {reason}; failed: {names}"
    failed = tests[tests["state"].isin(("fail", "error"))]
    head = f"{what} does not pass"
    if (tests["state"] != "none").any():
        lines = [f"{head}: {len(failed)} of {len(tests)} tests fail at level {alpha:g} ({run})"]
    else:
        lines = [f"{head}: no test has an answer ({run})"]
    if len(failed):
        lines += ["", *_columns(failed)]
    if attacks := [_attack(row) for row in _successful(table).to_dict("records")]:
        lines += ["", "attacks:", *attacks]
    if unmet:
        lines += ["", "required:", *(f"  {line}" for line in unmet)]
    if not_run:
        lines += ["", "not run:", *(f"  {line}" for line in not_run[:_MOST_LINES])]
        lines += [f"  and {len(not_run) - _MOST_LINES} more: see .not_run"] if len(not_run) > _MOST_LINES else []
    return "\n".join(lines)


def _columns(failed: pd.DataFrame) -> list[str]:
    cells = [["test", "measured", "expected", "interval", "p", "Holm p", "where"]]
    for row in failed.to_dict("records"):
        p_holm = row["p_family"] if pd.notna(row["p_family"]) else row["p_holm"]
        where = row["where"] if row["state"] == "fail" else f"did not finish; {row['where']}"
        numbers = [_number(row["measured"]), _number(row["expected"]), _interval(row["low"], row["high"])]
        cells.append([row["test"], *numbers, _number(row["p_value"], 2), _number(p_holm, 2), where])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def _successful(table: pd.DataFrame) -> pd.DataFrame:
    """The attacks that recovered something, found a leak or did not finish, one row for each nonce mode."""
    found = worst(attack_results(table))
    return found[found["outcome"].isin((Outcome.RECOVERED, Outcome.LEAK, FAILED))]


def _attack(row: Mapping[Hashable, Any]) -> str:
    nonce = f", {row['nonce']} nonce" if row["nonce"] in ("fresh", "fixed") else ""
    share = f"{100 * row['recovered']:.1f} % of the image" if pd.notna(row["recovered"]) else ""
    outcome = row["word"]
    if outcome == Outcome.LEAK:
        outcome, share = "leak found", f", {share} recovered" if share else ""
    elif share:
        share = f" {share}" if outcome == Outcome.RECOVERED else f", {share} recovered"
    queries = f" with {row['queries']:.0f} queries" if pd.notna(row["queries"]) else ""
    notes = f": {row['notes']}" if row["notes"] else ""
    return f"  {row['attack']} ({row['model']}{nonce}): {outcome}{share}{queries}{notes}"


def _number(value: Any, digits: int = 6) -> str:
    return "-" if value is None or pd.isna(value) else f"{value:.{digits}g}"


def _interval(low: Any, high: Any) -> str:
    if pd.isna(low) and pd.isna(high):
        return "-"
    if pd.isna(high):
        return f"from {_number(low)}"
    return f"to {_number(high)}" if pd.isna(low) else f"[{_number(low)}, {_number(high)}]"
