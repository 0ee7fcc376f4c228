"""Writes a report: tables, figures, and the page that shows them."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cryptobench.layout.backend import import_matplotlib
from cryptobench.layout.markdown import markdown_document
from cryptobench.layout.tables import Table
from cryptobench.report.figures import FIGURES, ROWS, drawings
from cryptobench.report.garbage import collect, collected_between
from cryptobench.report.html import html_page
from cryptobench.report.kept import Inputs, Kept, Written, rows_of
from cryptobench.report.latex import latex_files
from cryptobench.report.markdown import Picture, report_page
from cryptobench.report.tables import make_tables
from cryptobench.results.run import NothingToShow, ReportError, RunData, from_rows

if TYPE_CHECKING:
    from cryptobench.report.figures.drawing import Drawing

__all__ = ["write"]

_WHOLE = "report"


@dataclass
class _Drawn:
    """What one figure module gave: its files, those that were written, its pictures, and why it was skipped if so."""

    paths: list[Path] = field(default_factory=list)
    changed: list[Path] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    skipped: str = ""


def write(
    run: RunData, out: Path, narrow: bool, jobs: int, tell: Callable[[str], None], force: bool = False
) -> Written:
    """Write the report of a run into a folder; see `cryptobench.report.write_report`."""
    try:
        with from_rows(run, "the report"), collected_between():
            before, inputs = Kept(out) if force else Kept.load(out), Inputs(run, narrow)
            if before.inputs.get(_WHOLE) == inputs.everything and before.unchanged(before.paths()):
                for line in before.skipped:
                    tell(line)
                return Written(before.paths(), ())
            return _write(run, out, narrow, jobs, tell, before, inputs)
    except OSError as error:
        raise ReportError(f"the report cannot be written to {out}: {error}") from error


def _write(
    run: RunData, out: Path, narrow: bool, jobs: int, tell: Callable[[str], None], before: Kept, inputs: Inputs
) -> Written:
    now = Kept(out, {name: inputs.of(name) for name in FIGURES} | {_WHOLE: inputs.everything})
    same = [name for name in FIGURES if before.inputs.get(name) == now.inputs[name]]
    kept = {name: found for name in same if (found := _found(run, name, before, narrow)) is not None}
    changed: list[Path] = []

    def put(path: Path, content: bytes | str) -> Path:
        if now.put(path, content):
            changed.append(path)
        return path

    with _drawing(run, out / "figures", narrow, jobs, [name for name in FIGURES if name not in kept]) as finish:
        tables, skipped = make_tables(run)
        paths = [path for table in tables for path in _write_table(table, out / "tables", put)]
        drawn = {**kept, **finish()}
    modules = [drawn[name] for name in FIGURES]
    skipped += [one.skipped for one in modules if one.skipped]
    pictures = [picture for one in modules for picture in one.pictures]
    for one in modules:
        now.files |= one.digests
        changed += one.changed
    paths += [put(out / name, text) for name, text in latex_files(out, run, tables, pictures, narrow).items()]
    html = put(out / "report.html", html_page(run, tables, skipped))
    page = put(out / "report.md", report_page(run, tables, pictures, skipped))
    now.skipped = skipped
    now.save()
    for line in skipped:
        tell(line)
    return Written([*paths, *(path for one in modules for path in one.paths), html, page], changed)


def _write_table(table: Table, folder: Path, put: Callable[[Path, str], Path]) -> list[Path]:
    return [
        put(folder / f"{table.name}.csv", table.csv),
        put(folder / f"{table.name}.md", markdown_document(table)),
    ]


@contextmanager
def _drawing(
    run: RunData, folder: Path, narrow: bool, jobs: int, names: Sequence[str]
) -> Iterator[Callable[[], dict[str, _Drawn]]]:
    """Other processes draw while the block runs; the function that it yields draws what is left and returns all."""
    if jobs <= 1 or not names:
        yield lambda: {name: _draw(run, name, folder, narrow) for name in names}
        return
    names = sorted(names, key=lambda name: ROWS[name] is None)  # what needs all verdicts last: here they are known
    with _pool(run, jobs - 1) as pool:
        futures = {name: pool.submit(_draw_received, name, folder, narrow) for name in names}

        def finish() -> dict[str, _Drawn]:
            own = {name: _draw(run, name, folder, narrow) for name in reversed(names) if futures[name].cancel()}
            return {name: own[name] if name in own else futures[name].result() for name in names}

        yield finish
    _received.clear()


def _pool(run: RunData, workers: int) -> ProcessPoolExecutor:
    """Processes that have the run. Where this one may be copied, they have what it has imported and worked out too.

    A process with threads is not copied, as one of them may hold a lock; nor is one outside Linux.
    """
    if sys.platform == "linux" and threading.active_count() == 1:
        import_matplotlib()
        import cryptobench.layout.style  # noqa: F401

        _received[:] = [run]
        return ProcessPoolExecutor(workers, multiprocessing.get_context("fork"))
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, _receive, (pickle.dumps(run),))


_received: list[RunData] = []


def _receive(run: bytes) -> None:
    _received[:] = [pickle.loads(run)]


def _draw_received(name: str, folder: Path, narrow: bool) -> _Drawn:
    return _draw(_received[0], name, folder, narrow)


def _draw(run: RunData, name: str, folder: Path, narrow: bool) -> _Drawn:
    import_matplotlib()
    from cryptobench.layout.style import files_of, style

    drawn, kept = _Drawn(), Kept(folder.parent)
    with style(), collected_between():
        collect()
        for drawing in _wanted(run, name, narrow, drawn):
            for ending, content in files_of(drawing.figure()).items():
                path = folder / f"{drawing.name}{ending}"
                drawn.paths.append(path)
                if kept.put(path, content):
                    drawn.changed.append(path)
            collect()
    drawn.digests = kept.files
    return drawn


def _found(run: RunData, name: str, before: Kept, narrow: bool) -> _Drawn | None:
    """What a module has drawn before, of the same rows, if all of it is as it was."""
    import_matplotlib()
    from cryptobench.layout.style import style

    drawn = _Drawn()
    with style():
        for drawing in _wanted(run, name, narrow, drawn):
            drawn.paths += [before.out / "figures" / f"{drawing.name}{ending}" for ending in (".pdf", ".png")]
    if not before.unchanged(drawn.paths):
        return None
    drawn.digests = {before.name_of(path): before.files[before.name_of(path)] for path in drawn.paths}
    return drawn


def _wanted(run: RunData, name: str, narrow: bool, drawn: _Drawn) -> Iterator[Drawing]:
    """The figures of a module that a report has; what it says about them is noted."""
    try:
        for drawing in drawings(rows_of(run, name), name):
            if drawing.listed:
                drawn.pictures.append(Picture(drawing.name, drawing.title, drawing.note(run)))
            if drawing.listed or narrow:
                yield drawing
    except NothingToShow as reason:
        drawn.skipped = f"figure {name}: {reason}"
