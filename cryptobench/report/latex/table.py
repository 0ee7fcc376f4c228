"""A table as LaTeX that compiles as it stands, in one-column and two-column classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cryptobench.layout.tables import MISSING, Column, Table
from cryptobench.report.latex.cells import Cells, cells_of
from cryptobench.report.latex.layout import COLUMN, Panel, arrange, pieces, row_height
from cryptobench.report.latex.text import escape, text_width
from cryptobench.results.names import marks_legend

__all__ = ["latex_table"]

_HEIGHT = 480.0  # pt of a page below the caption, in the class with the lowest page
_NOTES_WIDTH = 330.0  # pt
_RULES = 20.0  # pt of the rules and of the space to the next panel
_NOTE_LEAD = 8.3
_GROUPED = 12  # rows from which on families get a line of their own


def latex_table(table: Table, mine: str = "", sizes: Mapping[str, str] | None = None) -> str:
    """One or several floats with caption, label and notes.

    They need the packages booktabs, siunitx (version 3) and graphicx. The first is labelled ``tab:NAME``, the others
    ``tab:NAME-2`` and so on. ``mine`` is the reader's own cipher, ``sizes`` says how large each image is.
    """
    families = _families(table, mine)
    candidates = [family != "control" for family in families]
    said = [column for column in table.columns if column.setting and _constant(column, table)]
    cells = [
        cells_of(column, table.values, candidates, table.texts(column))
        for column in table.columns
        if column not in said
    ]
    keys, data = [c for c in cells if c.column.key], [c for c in cells if not c.column.key]
    panels = arrange(keys, data)
    notes = _notes(table, cells, said, sizes or {})
    floats = _floats(table, panels, families, notes)
    return "% Needs \\usepackage{booktabs,siunitx,graphicx}\n" + "\n".join(floats)


def _families(table: Table, mine: str) -> list[str]:
    if "family" not in table.values:
        return [""] * len(table.values)
    pairs = zip(table.values["cipher"], table.values["family"], strict=True)
    return ["this work" if mine and cipher == mine else str(family) for cipher, family in pairs]


def _constant(column: Column, table: Table) -> bool:
    return len(set(table.texts(column)) - {MISSING}) == 1


def _notes(table: Table, columns: Sequence[Cells], said: Sequence[Column], sizes: Mapping[str, str]) -> str:
    parts = [table.caption]
    settings = []
    for column in said:
        text = next(text for text in table.texts(column) if text != MISSING)
        settings.append(f"{column.title}: {text}" + (f" ({sizes[text]})" if text in sizes else ""))
    if settings:
        line = "; ".join(settings)
        parts.append(line[0].upper() + line[1:] + ".")
    letters = {word: letter for cells in columns for word, letter in cells.column.letters.items()}
    if letters:
        parts.append("; ".join(f"{letter}: {word.lower()}" for word, letter in letters.items()) + ".")
    if any(cells.bold for cells in columns):
        parts.append("Bold: the best of its column, without controls.")
    if legend := marks_legend(table.values.get("fidelity", ()), table.ours, "{}", table.taken):
        parts.append(legend)
    if any(any(cells.missing) for cells in columns):
        parts.append("–: no value.")
    return " ".join(parts)


def _floats(table: Table, panels: Sequence[Panel], families: Sequence[str], notes: str) -> list[str]:
    wide = max(panel.width for panel in panels) > COLUMN
    grouped = len(set(families)) > 1 and max(len(panel.rows) for panel in panels) > _GROUPED
    named = list(families) if grouped else [""] * len(families)
    bodies: list[list[str]] = [[]]
    fresh = _HEIGHT - 2 * _NOTE_LEAD
    left = _HEIGHT - -(-text_width(notes) * 7 // (_NOTES_WIDTH if wide else COLUMN)) * _NOTE_LEAD
    for panel in panels:
        head = panel.heading.height * panel.type.lead + _RULES
        height = head + _height(panel, named, panel.rows)
        if height > left and bodies[-1]:
            bodies.append([])
            left = fresh
        for number, rows in enumerate(pieces(panel, named, left - head, fresh - head)):
            if number:
                bodies.append([])
                left = fresh
            bodies[-1].append(_tabular(panel, rows, named))
            left -= head + _height(panel, named, rows)
    return [_float(table, body, number, len(bodies), wide, notes) for number, body in enumerate(bodies)]


def _height(panel: Panel, families: Sequence[str], rows: Sequence[int]) -> float:
    return sum(row_height(panel, families, row, rows[i - 1] if i else None) for i, row in enumerate(rows))


def _float(table: Table, body: Sequence[str], number: int, count: int, wide: bool, notes: str) -> str:
    star = "*" if wide else ""
    continued = f", part {number + 1} of {count}" if count > 1 else ""
    label = f"tab:{table.name}" + (f"-{number + 1}" if number else "")
    note = escape(notes) if number == 0 else rf"Notes: see Table~\ref{{tab:{table.name}}}."
    small = rf"\fontsize{{7}}{{{_NOTE_LEAD}}}\selectfont\emergencystretch=3em"
    lines = [
        rf"\begin{{table{star}}}[!tbp]",
        r"\centering",
        rf"\caption{{{escape(table.title + continued)}}}",
        rf"\label{{{label}}}",
        "\n\\par\\vspace{5pt}\n".join(body),
        rf"\par\vspace{{4pt}}\parbox{{\linewidth}}{{{small} {note}}}",
        rf"\end{{table{star}}}",
    ]
    return "\n".join(lines) + "\n"


def _tabular(panel: Panel, rows: Sequence[int], families: Sequence[str]) -> str:
    types = [
        rf">{{\raggedright\arraybackslash}}p{{{width:.0f}pt}}" if cells.kind == "words" else cells.type
        for cells, width in zip(panel.columns, panel.widths, strict=True)
    ]
    lines: list[str] = []
    previous = ("", "")
    for row in rows:
        cells = [column.cells[row] for column in panel.columns]
        if families[row] != previous[0]:
            rule = r"\addlinespace" if lines else ""
            lines.append(rf"{rule}\multicolumn{{{len(cells)}}}{{@{{}}l}}{{\textit{{{escape(families[row])}}}}} \\")
        same = (families[row], cells[0]) == previous
        previous = families[row], cells[0]
        option = cells[0].startswith(("[", "*"))  # what the end of the row above would take for its own
        lines.append("{}" * option + " & ".join(["" if same else cells[0], *cells[1:]]) + r" \\")
    type_ = panel.type
    return "\n".join(
        [
            rf"{{\fontsize{{{type_.size:g}}}{{{type_.lead:g}}}\selectfont\setlength{{\tabcolsep}}{{{type_.gap:g}pt}}%",
            rf"\sbox0{{\begin{{tabular}}{{@{{}}{''.join(types)}@{{}}}}",
            r"\toprule",
            *panel.heading.rows(),
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}}%",
            r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi}",
        ]
    )
