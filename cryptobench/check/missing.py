"""What the baseline has and the new run lacks: cells that failed or are missing, and numbers that vanished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from cryptobench.check.exact import HASH, is_watched
from cryptobench.check.result import Finding
from cryptobench.check.rows import Cell, Row, finished
from cryptobench.check.significance import FAMILIES, is_judged, takes
from cryptobench.results.attacks import PREFIX
from cryptobench.results.verdicts import TESTS

__all__ = ["compare_presence"]

_TITLE = "measured"


def compare_presence(
    baseline: Iterable[Row], new: Iterable[Row], checks: Counter[tuple[str, str]]
) -> Iterator[Finding]:
    """A regression for each cell that finished and now fails, a gap for each that is missing or was cut short.

    A failure comes from the cipher; time and memory depend on the machine, and a missing number says nothing either
    way. Numbers that are missing from cells that finished are gaps too, one finding a cell.
    """
    baseline, new = list(baseline), list(new)
    cells = _cells(new)
    lost = _lost(baseline, new)
    for cell, (status, _) in _cells(baseline).items():
        if status != "ok":
            continue
        checks[cell.cipher, _TITLE] += 1
        now, message = cells.get(cell, ("missing", "is missing from the new run"))
        if now == "ok" and cell in lost:
            yield Finding("gap", cell.cipher, _TITLE, cell.analysis, str(cell), message=_summary(*lost[cell]))
        elif now != "ok":
            level, reason = (
                "regression" if now == "failed" else "gap",
                message if now == "missing" else f"{now}: {message}",
            )
            yield Finding(level, cell.cipher, _TITLE, cell.analysis, str(cell), message=reason)  # type: ignore[arg-type]


def _cells(rows: Iterable[Row]) -> dict[Cell, tuple[str, str]]:
    """Status and message of each cell: those of its row without a metric, else ok."""
    cells: dict[Cell, tuple[str, str]] = {}
    for row in rows:
        if row.metric:
            cells.setdefault(row.cell, ("ok", ""))
        else:
            cells[row.cell] = (row.status, row.message)
    return cells


def _lost(baseline: Iterable[Row], new: Iterable[Row]) -> dict[Cell, tuple[list[str], str]]:
    """By cell, the compared numbers that the new run has no finished row of, and its reason for the first.

    A rejected wrong key and a decryption that fails have no value and status ok: other checks judge them.
    """
    has = {row.place: row for row in new if row.trial is None and row.metric}
    families = {_family(row) for row in new if row.trial is not None}
    lost: dict[Cell, tuple[list[str], str]] = {}
    for row in filter(_is_compared, finished(baseline)):
        now = has.get(row.place)
        if now is None or now.status != "ok":
            why = "no such row" if now is None else f"{now.status}: {now.message}"
            lost.setdefault(row.cell, ([], why))[0].append(row.metric)
    for row in baseline:
        if row.trial is not None and row.metric in FAMILIES and _family(row) not in families:
            lost.setdefault(row.cell, ([], "no such rows"))[0].append(f"trials of {row.metric}")
    return lost


def _is_compared(row: Row) -> bool:
    if row.value is None:
        return False
    if row.cell.analysis.startswith(PREFIX):
        return row.metric == "outcome"
    return row.metric == HASH or is_watched(row) or (is_judged(row) and any(takes(test, row) for test in TESTS))


def _family(row: Row) -> tuple[Cell, str, str]:
    return (row.cell, row.metric, row.nonce)


def _summary(metrics: list[str], why: str) -> str:
    return f"{len(metrics)} numbers of the baseline are missing ({', '.join(dict.fromkeys(metrics))}): {why}"
