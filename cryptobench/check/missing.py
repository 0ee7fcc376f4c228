"""What the baseline has and the new run lacks: cells that failed or are missing, and numbers that vanished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from cryptobench.check.exact import HASH, is_refusal, is_watched
from cryptobench.check.result import Compared, Finding
from cryptobench.check.rows import CellKey, Row, finished
from cryptobench.check.significance import is_judged, takes
from cryptobench.measurement import Outcome
from cryptobench.results.attacks import PREFIX
from cryptobench.results.verdicts import TESTS

__all__ = ["compare_presence"]

_TITLE = "measured"


def compare_presence(baseline: Iterable[Row], new: Iterable[Row]) -> Iterator[Compared]:
    """A regression for each cell that finished and now fails, a gap for each that is missing or was cut short.

    A failure comes from the cipher; time and memory depend on the machine, and a missing number says nothing either
    way. Cells of a cipher that fail for one reason, such as a breach of the interface, share one finding. Numbers that
    are missing from cells that finished are gaps too, one finding a cell.
    """
    baseline, new = list(baseline), list(new)
    cells = _cells(new)
    lost = _lost(baseline, new)
    failed: dict[tuple[str, str], list[CellKey]] = {}
    for cell, (status, _) in _cells(baseline).items():
        if status != "ok":
            continue
        now, message = cells.get(cell, ("missing", "is missing from the new run"))
        if now == "failed":
            failed.setdefault((cell.cipher, message), []).append(cell)
        else:
            yield Compared(cell.cipher, _TITLE, tuple(_absent(cell, now, message, lost.get(cell))))
    for (cipher, message), alike in failed.items():
        more = f" and {len(alike) - 1} more" if len(alike) > 1 else ""
        finding = Finding(
            "regression", cipher, _TITLE, alike[0].analysis, f"{alike[0]}{more}", message=f"failed: {message}"
        )
        yield Compared(cipher, _TITLE, (finding,), len(alike))


def _absent(cell: CellKey, now: str, message: str, lost: tuple[list[str], str] | None) -> Iterator[Finding]:
    """The finding about a cell that finished in the baseline, and whose status is ``now`` another or lost numbers."""
    if now == "ok" and lost:
        yield Finding("gap", cell.cipher, _TITLE, cell.analysis, str(cell), message=_summary(*lost))
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
    """By cell, the compared numbers that the new run lacks, trials among them, and its reason for the first.

    A wrong key that is now rejected and a decryption that now fails have no value and status ok: other checks judge
    them.
    """
    has = {row.number: row for row in new if row.trial is None and row.metric}
    lost: dict[CellKey, tuple[list[str], str]] = {}
    for row in filter(_is_compared, finished(baseline)):
        if why := _why_lost(row, has.get(row.number)):
            lost.setdefault(row.cell, ([], why))[0].append(row.metric)
    counted, wanted = _trials(new), _trials(baseline)
    for sample, count in wanted.items():
        cell, metric, nonce = sample
        if counted[sample] < count:
            mode = f" with a {nonce} nonce" if nonce in ("fresh", "fixed") else ""
            why = f"{counted[sample]} of {count} trials{mode}"
            lost.setdefault(cell, ([], why))[0].append(f"trials of {metric}")
    return lost


def _why_lost(before: Row, now: Row | None) -> str:
    """Why a compared number of the baseline has nothing to be compared with; empty if it has."""
    if now is None:
        return "no such row"
    if now.status != "ok":
        return f"{now.status}: {now.message}"
    if _is_tested(before) and not is_judged(now) and not is_refusal(now):
        return now.message or "it has no p-value now"
    return ""


def _is_compared(row: Row) -> bool:
    if row.cell.analysis.startswith(PREFIX):
        return row.metric == "outcome" and row.outcome != Outcome.NOT_APPLICABLE
    if row.value is None:
        return is_refusal(row)
    return row.metric == HASH or is_watched(row) or _is_tested(row)


def _is_tested(row: Row) -> bool:
    return is_judged(row) and any(takes(test, row) for test in TESTS)


def _trials(rows: Iterable[Row]) -> Counter[tuple[CellKey, str, str]]:
    """How many trials there are by cell, metric and nonce mode, those in which the cipher failed among them."""
    return Counter(
        (row.cell, row.metric, row.nonce) for row in rows if row.trial is not None and row.status in ("ok", "failed")
    )


def _summary(metrics: list[str], why: str) -> str:
    return f"{len(metrics)} numbers of the baseline are missing ({', '.join(dict.fromkeys(metrics))}): {why}"
