"""Tables and figures of a finished run, one by name or all of them as files. Nothing here runs a cipher."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cryptobench.results.run import NothingToShow, ReportError, RunData, from_rows, load_run
from cryptobench.terminal import nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cryptobench.report.kept import Written

__all__ = [
    "NothingToShow",
    "ReportError",
    "figure",
    "figure_names",
    "table",
    "table_names",
    "write_paper",
    "write_report",
]


def table_names() -> list[str]:
    """The names of all tables, in the order of a report."""
    from cryptobench.report.tables import TABLES

    return list(TABLES)


def table(run: RunData, name: str) -> pd.DataFrame:
    """A table of a report in full precision, as in tables/NAME.csv.

    `ReportError` for an unknown name; `NothingToShow`, with the reason, if the run has no data for it.
    """
    from cryptobench.report.tables import TABLES, make_table

    if name not in TABLES:
        raise ReportError(f"there is no table {name!r}{nearest(name, TABLES)}")
    return make_table(run, name).values


def figure_names(run: RunData | None = None) -> list[str]:
    """The names of all figures, in the order of a report; of a ``run`` those that it has data for, page by page."""
    from cryptobench.report.figures import FIGURES, drawings

    if run is None:
        return [name for names in FIGURES.values() for name in names]
    found: list[str] = []
    for module in FIGURES:
        try:
            found += [drawing.name for drawing in drawings(run, module)]
        except NothingToShow:
            continue
    return found


def figure(run: RunData, name: str) -> Figure:
    """A figure of a report by name, of several pages the first (the second is NAME_2, a narrow twin NAME_one_column).

    `ReportError` for an unknown name; `NothingToShow`, with the reason, if the run has no data for it.
    """
    from cryptobench.layout.backend import import_matplotlib
    from cryptobench.report.figures import drawings, module_of

    import_matplotlib()
    from cryptobench.layout.style import style

    module = module_of(name)
    if module is None:
        raise ReportError(f"there is no figure {name!r}{nearest(name, figure_names())}")
    with from_rows(run, f"the figure {name}"), style():
        found = {drawing.name: drawing for drawing in drawings(run, module)}
        drawing = found.get(name) or found.get(f"{name}_1")
        if drawing is None:
            raise ReportError(f"this run has no figure {name!r}{nearest(name, found)}")
        return drawing.figure()


def write_report(
    run: RunData | Path,
    *,
    out: Path | None = None,
    ciphers: Iterable[str] | None = None,
    image: str | None = None,
    narrow: bool = True,
    jobs: int = 1,
    tell: Callable[[str], None] = lambda line: None,
    mine: str | None = None,
    rows: Iterable[str] | None = None,
    fidelity: Iterable[str] = (),
    force: bool = False,
) -> Written:
    """Write tables/, figures/, report.html and report.md from what a run kept; returns all of these files.

    A report that is written again writes what has changed: figures of which rows, pictures, settings and code are those
    of before are not drawn, and a file that holds what it is to hold is left alone; ``changed`` of what is returned
    are the files that were written. `.report.json` beside them keeps their digests; with ``force`` it is not asked.

    ``run`` is a run or its folder, ``out`` (the same folder unless given) gets the report. ``ciphers`` restricts it,
    ``image`` names the one in galleries, ``narrow`` adds one-column twins of the figures, ``jobs`` processes draw (more
    than one: call it under ``if __name__ == "__main__":``), and ``tell`` receives a line about each table or figure
    that the run has no data for. ``mine``, the reader's own cipher, comes first and is marked everywhere, and
    paragraph.md and paragraph.tex say in words what was measured of it. ``rows`` are the ciphers of the comparison
    table, and ``fidelity`` limits it to those of some fidelities, such as ("A", "B").

    Raises `ReportError` when the folder holds no finished run or has no such cipher or image.
    """
    from cryptobench.report.write import write

    loaded = run if isinstance(run, RunData) else load_run(run)
    if out is None and loaded.memory is not None:
        raise ReportError("this run has no folder; wanted out=, the folder of the report")
    return write(loaded.only(ciphers, image, mine, rows, fidelity), out or loaded.folder, narrow, jobs, tell, force)


def write_paper(
    run: RunData | Path,
    cipher: str,
    *,
    out: Path | None = None,
    image: str | None = None,
    rows: Iterable[str] | None = None,
    fidelity: Iterable[str] = (),
    tell: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write paper/ about one ``cipher`` from what a run kept, and return what was written.

    paper.tex holds it all on at most four pages of the IEEE class: at most four tables (statistics and differential
    tests; key, robustness and cost; attacks; comparison) and four figures, the paragraph of numbers, and
    references.bib. ``rows`` are the other ciphers of the comparison, at most ten; without them standard ciphers and
    published schemes of the run are chosen. ``image`` comes first in tables and figures. ``out`` and ``tell`` are those
    of `write_report`, and so is ``fidelity``.

    Raises `ReportError` when the folder holds no finished run, or has measured no such cipher itself.
    """
    from cryptobench.report.paper import write_paper as write

    loaded = run if isinstance(run, RunData) else load_run(run)
    if out is None and loaded.memory is not None:
        raise ReportError("this run has no folder; wanted out=, the folder in which paper/ goes")
    chosen = None if rows is None else list(rows)
    return write(loaded.only(None, image, grades=fidelity), cipher, out or loaded.folder, chosen, tell)
