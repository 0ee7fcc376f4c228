"""Writes a report: tables, figures, and the page that shows them."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptobench.files import write_text
from cryptobench.layout.backend import import_matplotlib
from cryptobench.layout.markdown import markdown_document
from cryptobench.layout.tables import Table
from cryptobench.report.figures import FIGURES, drawings
from cryptobench.report.html import write_html
from cryptobench.report.latex import write_latex
from cryptobench.report.markdown import Picture, report_page
from cryptobench.report.tables import make_tables
from cryptobench.results.run import NothingToShow, ReportError, RunData, from_rows
from cryptobench.spreadsheet import csv_text

__all__ = ["write"]


@dataclass
class _Drawn:
    """What one figure module gave: its files, its pictures on the page, and why it was skipped if it was."""

    paths: list[Path] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    skipped: str = ""


def write(run: RunData, out: Path, narrow: bool, jobs: int, tell: Callable[[str], None]) -> list[Path]:
    """Write the report of a run into a folder; see `cryptobench.report.write_report`."""
    try:
        with from_rows(run, "the report"):
            with _drawing(run, out / "figures", narrow, jobs) as finish:
                tables, skipped = make_tables(run)
                paths = [path for table in tables for path in _write_table(table, out / "tables")]
                drawn = finish()
            skipped += [one.skipped for one in drawn if one.skipped]
            pictures = [picture for one in drawn for picture in one.pictures]
            paths += write_latex(out, run, tables, pictures, narrow)
            html = write_html(out, run, tables, skipped)
            page = write_text(out / "report.md", report_page(run, tables, pictures, skipped))
    except OSError as error:
        raise ReportError(f"the report cannot be written to {out}: {error}") from error
    for line in skipped:
        tell(line)
    return [*paths, *(path for one in drawn for path in one.paths), html, page]


def _write_table(table: Table, folder: Path) -> list[Path]:
    return [
        write_text(folder / f"{table.name}.csv", csv_text(table.values)),
        write_text(folder / f"{table.name}.md", markdown_document(table)),
    ]


@contextmanager
def _drawing(run: RunData, folder: Path, narrow: bool, jobs: int) -> Iterator[Callable[[], list[_Drawn]]]:
    """Other processes draw while the block runs; the function that it yields draws what is left and returns all."""
    if jobs <= 1:
        yield lambda: [_draw(run, name, folder, narrow) for name in FIGURES]
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs - 1, context, _receive, (pickle.dumps(run),)) as pool:
        futures = {name: pool.submit(_draw_received, name, folder, narrow) for name in FIGURES}

        def finish() -> list[_Drawn]:
            own = {name: _draw(run, name, folder, narrow) for name in reversed(list(FIGURES)) if futures[name].cancel()}
            return [own[name] if name in own else futures[name].result() for name in FIGURES]

        yield finish


_received: list[RunData] = []


def _receive(run: bytes) -> None:
    _received[:] = [pickle.loads(run)]


def _draw_received(name: str, folder: Path, narrow: bool) -> _Drawn:
    return _draw(_received[0], name, folder, narrow)


def _draw(run: RunData, name: str, folder: Path, narrow: bool) -> _Drawn:
    import_matplotlib()
    from cryptobench.layout.style import save, style

    drawn = _Drawn()
    with style():
        try:
            for drawing in drawings(run, name):
                if drawing.listed or narrow:
                    drawn.paths += save(drawing.figure(), folder, drawing.name)
                if drawing.listed:
                    drawn.pictures.append(Picture(drawing.name, drawing.title, drawing.note(run)))
        except NothingToShow as reason:
            drawn.skipped = f"figure {name}: {reason}"
    return drawn
