"""What a failed security test says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from cryptobench.testing.assessment import Assessment

__all__ = ["failure_message"]

_SHOWN_GAPS = 12


def failure_message(
    assessment: Assessment,
    table: pd.DataFrame,
    tests: pd.DataFrame,
    alpha: float,
    rungs: tuple[int | None, int | None] | None,
) -> str:
    """All that speaks against a cipher: failed tests and attacks with their numbers, what did not run."""
    failed = tests[tests["state"].isin(("fail", "error"))]
    wanted = assessment.settings
    head = f"{assessment.cipher} does not pass"
    run = f"profile {wanted.name}, {', '.join(wanted.images)} at {wanted.size} pixels, seed {wanted.seed}"
    lines = [f"{head}: {len(failed)} of {len(tests)} tests fail at level {alpha:g} ({run})"]
    if not (tests["state"] != "none").any():
        lines = [f"{head}: no test has an answer ({run})"]
    if len(failed):
        lines += ["", *_columns(failed)]
    lines += _attacks(assessment, table)
    if rungs is not None:
        reached = "none was reached" if rungs[0] is None else f"the cipher is on rung {rungs[0]}"
        lines += ["", f"ladder: rung {rungs[1]} is wanted, {reached}"]
    if gaps := assessment.not_run:
        lines += ["", "not run:", *(f"  {line}" for line in gaps[:_SHOWN_GAPS])]
        lines += [f"  and {len(gaps) - _SHOWN_GAPS} more: see .not_run"] if len(gaps) > _SHOWN_GAPS else []
    return "\n".join(lines)


def _columns(failed: pd.DataFrame) -> list[str]:
    shown = [["test", "measured", "expected", "interval", "p", "Holm p", "where"]]
    for row in failed.to_dict("records"):
        p_holm = row["p_family"] if pd.notna(row["p_family"]) else row["p_holm"]
        where = row["where"] if row["state"] == "fail" else "did not finish; " + row["where"]
        cells = [_number(row["measured"]), _number(row["expected"]), _interval(row["low"], row["high"])]
        shown.append([row["test"], *cells, _number(row["p_value"], 2), _number(p_holm, 2), where])
    widths = [max(len(line[column]) for line in shown) for column in range(len(shown[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in shown]


def _attacks(assessment: Assessment, table: pd.DataFrame) -> list[str]:
    from cryptobench.report.attacks import played, worst

    found = worst(played(table))
    found = found[found["verdict"].isin(("broken", "leak", "failed"))]
    lines = []
    for row in found.to_dict("records"):
        nonce = f", {row['nonce']} nonce" if row["nonce"] in ("fresh", "fixed") else ""
        queries = f" with {row['queries']:.0f} queries" if pd.notna(row["queries"]) else ""
        got = f", {100 * row['recovered']:.1f} % of the image" if pd.notna(row["recovered"]) else ""
        notes = f": {row['notes']}" if row["notes"] else ""
        verdict = "leaks" if row["verdict"] == "leak" else row["verdict"]
        lines.append(f"  {row['attack']} ({row['model']}{nonce}): {verdict}{queries}{got}{notes}")
    return ["", "attacks:", *lines] if lines else []


def _number(value: Any, digits: int = 6) -> str:
    return "-" if value is None or pd.isna(value) else f"{value:.{digits}g}"


def _interval(low: Any, high: Any) -> str:
    if pd.isna(low) and pd.isna(high):
        return "-"
    if pd.isna(high):
        return f"from {_number(low)}"
    return f"to {_number(high)}" if pd.isna(low) else f"[{_number(low)}, {_number(high)}]"
