"""What the baseline has and the new run lacks: cells that failed or are missing, and numbers that vanished."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cryptobench.check.exact import HASH, is_watched
from cryptobench.check.result import Compared, Finding
from cryptobench.check.rows import CellKey, Row, finished
from cryptobench.check.significance import TRIAL_METRICS, is_judged, takes
from cryptobench.measurement import Outcome
from cryptobench.results.attacks import PREFIX
from cryptobench.results.verdicts import TESTS

__all__ = ["compare_presence"]

_TITLE = "measured"


def compare_presence(baseline: Iterable[Row], new: Iterable[Row]) -> Iterator[Compared]:
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
        now, message = cells.get(cell, ("missing", "is missing from the new run"))
        yield Compared(cell.cipher, _TITLE, tuple(_absent(cell, now, message, lost.get(cell))))


def _absent(cell: CellKey, now: str, message: str, lost: tuple[list[str], str] | None) -> Iterator[Finding]:
    """The finding about a cell that finished in the baseline, and whose status is ``now`` another or lost numbers."""
    if now == "ok" and lost:
        yield Finding("gap", cell.cipher, _TITLE, cell.analysis, str(cell), message=_summary(*lost))
    elif now == "failed":
        yield Finding("regression", cell.cipher, _TITLE, cell.analysis, str(cell), message=f"{now}: {message}")
    elif now != "ok":
        reason = message if now == "missing" else f"{now}: {message}"
        yield Finding("gap", cell.cipher, _TITLE, cell.analysis, str(cell), message=reason)


def _cells(rows: Iterable[Row]) -> dict[CellKey, tuple[str, str]]:
    """Status and message of each cell: those of its row without a metric, else ok."""
    cells: dict[CellKey, tuple[str, str]] = {}
    for row in rows:
        if row.metric:
            cells.setdefault(row.cell, ("ok", ""))
        else:
            cells[row.cell] = (row.status, row.message)
    return cells


def _lost(baseline: Iterable[Row], new: Iterable[Row]) -> dict[CellKey, tuple[list[str], str]]:
    """By cell, the compared numbers that the new run has no finished row of, and its reason for the first.

    A rejected wrong key and a decryption that fails have no value and status ok: other checks judge them.
    """
    has = {row.number: row for row in new if row.trial is None and row.metric}
    samples = {_sample_of(row) for row in new if row.trial is not None}
    lost: dict[CellKey, tuple[list[str], str]] = {}
    for row in filter(_is_compared, finished(baseline)):
        now = has.get(row.number)
        if now is None or now.status != "ok":
            why = "no such row" if now is None else f"{now.status}: {now.message}"
            lost.setdefault(row.cell, ([], why))[0].append(row.metric)
    for row in baseline:
        if row.trial is not None and row.metric in TRIAL_METRICS and _sample_of(row) not in samples:
            lost.setdefault(row.cell, ([], "no such rows"))[0].append(f"trials of {row.metric}")
    return lost


def _is_compared(row: Row) -> bool:
    if row.cell.analysis.startswith(PREFIX):
        return row.metric == "outcome" and row.outcome != Outcome.NOT_APPLICABLE
    if row.value is None:
        return False
    return row.metric == HASH or is_watched(row) or (is_judged(row) and any(takes(test, row) for test in TESTS))


def _sample_of(row: Row) -> tuple[CellKey, str, str]:
    return (row.cell, row.metric, row.nonce)


def _summary(metrics: list[str], why: str) -> str:
    return f"{len(metrics)} numbers of the baseline are missing ({', '.join(dict.fromkeys(metrics))}): {why}"
