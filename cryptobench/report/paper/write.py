"""Writes the paper of one cipher: four tables, four figures, a paragraph, references, and a document of all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptobench.files import write_text
from cryptobench.layout.backend import import_matplotlib
from cryptobench.report.paper.attacks import attacks_sheet
from cryptobench.report.paper.bibliography import bibliography, scheme_keys
from cryptobench.report.paper.chosen import MOST_OTHERS, Subject, subject
from cryptobench.report.paper.comparison import comparison_sheet
from cryptobench.report.paper.document import figure_tex, paper_tex
from cryptobench.report.paper.keys import keys_sheet
from cryptobench.report.paper.sheet import Sheet
from cryptobench.report.paper.statistics import statistics_sheet
from cryptobench.report.paper.words import method, paper_title, paragraph_tex
from cryptobench.results.run import NothingToShow, ReportError, RunData, from_rows

__all__ = ["write_paper"]

FOLDER = "paper"
_CITE = re.compile(r"\\cite\{([^}]*)\}")


def write_paper(
    run: RunData,
    cipher: str,
    out: Path,
    rows: Sequence[str] | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write paper/ below ``out``; see `cryptobench.report.write_paper`."""
    of = subject(run, cipher, rows)
    folder = out / FOLDER
    keys = scheme_keys(of.run, (cipher, *of.others))
    with from_rows(run, "the paper"):
        sheets = _sheets(of, keys, tell)
        try:
            figures, paths = _figures(of, folder, tell)
        except OSError as error:
            raise ReportError(f"the paper cannot be written to {folder}: {error}") from error
        if not sheets and not figures:
            raise ReportError(f"--paper: the run holds nothing about {cipher} that a paper has a table or figure of")
        texts = {f"tables/{sheet.name}.tex": sheet.latex() for sheet in sheets} | figures
        texts["paragraph.tex"] = paragraph_tex(of)
        names = [Path(path).stem for path in figures]
        body = method(of, keys, [sheet.name for sheet in sheets], names)
        texts["paper.tex"] = paper_tex(paper_title(of), body, [sheet.name for sheet in sheets], names)
        used = list(
            dict.fromkeys(key for text in texts.values() for found in _CITE.findall(text) for key in found.split(","))
        )
        schemes = {name: key for name, key in keys.items() if key in used}
        others = [key for key in used if key not in (*schemes.values(), "cryptobench")]
        texts["references.bib"] = bibliography(of.run, schemes, others)
    if of.named and of.others_in_run > len(of.others) == MOST_OTHERS:
        tell(f"the comparison has room for {MOST_OTHERS} other ciphers: {', '.join(of.others)}")
    try:
        written = [write_text(folder / name, text) for name, text in texts.items()]
    except OSError as error:
        raise ReportError(f"the paper cannot be written to {folder}: {error}") from error
    return [*written, *paths]


def _sheets(of: Subject, keys: dict[str, str], tell: Callable[[str], None]) -> list[Sheet]:
    makers: list[tuple[str, Callable[[], Sheet]]] = [
        ("statistics", lambda: statistics_sheet(of)), ("keys", lambda: keys_sheet(of)),
        ("attacks", lambda: attacks_sheet(of)), ("comparison", lambda: comparison_sheet(of, keys)),
    ]  # fmt: skip
    found: list[Sheet] = []
    for name, make in makers:
        try:
            found.append(make())
        except NothingToShow as reason:
            tell(f"table {name}: {reason}")
    return found


def _figures(of: Subject, folder: Path, tell: Callable[[str], None]) -> tuple[dict[str, str], list[Path]]:
    """The LaTeX of the figures by file, and the files of the figures themselves."""
    import_matplotlib()
    from cryptobench.layout.style import save_pdf, style
    from cryptobench.report.paper.figures import paper_figures

    texts: dict[str, str] = {}
    paths: list[Path] = []
    with style():
        for one in paper_figures(of, tell):
            paths.append(save_pdf(one.draw(), folder / "figures", one.name))
            texts[f"figures/{one.name}.tex"] = figure_tex(one.name, one.caption)
    return texts, paths
