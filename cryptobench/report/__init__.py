"""Tables and figures from a finished run. Nothing here runs a cipher."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from cryptobench.results.run import ReportError

__all__ = ["ReportError", "write_report"]


def write_report(
    folder: Path,
    *,
    out: Path | None = None,
    ciphers: Iterable[str] | None = None,
    image: str | None = None,
    narrow: bool = True,
    jobs: int = 1,
    tell: Callable[[str], None] = lambda line: None,
    mine: str | None = None,
    rows: Iterable[str] | None = None,
) -> list[Path]:
    """Write tables/, figures/, report.html and report.md from what a run kept; returns what was written.

    ``folder`` holds the run, ``out`` (the same folder unless given) gets the report. ``ciphers`` restricts it,
    ``image`` names the one that galleries show, ``narrow`` adds one-column twins of the figures, ``jobs`` processes
    draw (more than one: call it under ``if __name__ == "__main__":``), and ``tell`` hears a line about each table
    or figure that the run has no data for. ``mine``, the reader's own cipher, comes first and is marked everywhere,
    and paragraph.md and paragraph.tex say in words what was measured of it. ``rows`` are the ciphers of the comparison
    table.

    Raises `ReportError` when the folder holds no finished run or has no such cipher or image.
    """
    from cryptobench.report.write import write

    return write(folder, out or folder, ciphers, image, narrow, jobs, tell, mine, rows)
