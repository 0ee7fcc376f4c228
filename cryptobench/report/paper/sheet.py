"""A table of a paper in LaTeX: as wide as one column or two, in type that is never scaled, with notes below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptobench.report.latex.text import escape, text_width

__all__ = ["COLUMN", "GROUP", "PAGE", "SIZE", "Sheet", "breakable", "cited", "tex"]

COLUMN, PAGE = 252.0, 516.0  # pt: a column and the whole width of an IEEE page
SIZE = 8.0
_SMALLER = 7.5  # pt; superscripts and formulas in it stand in type of 8 pt
_LEAD = 1.18
_NOTES = r"\fontsize{7.5}{8.8}\selectfont"
_GAP = 2.6  # pt on either side of a column, at least
_FIRST = 62.0  # pt that the first column gets at least
_EM = 0.9  # of Computer Modern's, in Times
_LONG = re.compile(r"[^\s\u200b]{18}(?=[^\s\u200b])")
_WORD = re.compile(r"[^\s/]{14}(?=[^\s/]{2})")
_MINUS = re.compile(r"^-(?=\d)")
_CITED = re.compile(r"\[@([a-z0-9:-]+)\]")
# What would be a formula, in letters of the text's own type: formulas do not have all of its sizes.
_LETTERS = {
    r"$\times$": r"\texttimes{}", r"$\pm$": r"\textpm{}", "$-$": r"\textminus{}", "$<$": r"\textless{}",
    "$>$": r"\textgreater{}", "$|$": r"\textbar{}", r"$^\dagger$": r"\textdagger{}", r"$\mu$": r"\textmu{}",
    r"$^\ddagger$": r"\textdaggerdbl{}", r"$^\circ$": r"\textdegree{}",
}  # fmt: skip

GROUP = "group"


@dataclass(frozen=True)
class Sheet:
    """A table; cells, titles and notes are plain text, in which "[@key]" cites an entry of the references.

    ``titles`` are those of the columns, the first of which holds words and takes what width is left, and ``align`` has
    a letter for each of the others: l, c or r. A row is a tuple of cells. One that begins with `GROUP` is a heading in
    italics, followed by its own titles of the columns behind the first if it has any; one of a single cell goes across.
    ``above`` are titles that several columns share, each with their number, from the second column on.
    """

    name: str
    title: str
    titles: tuple[str, ...]
    align: str
    rows: Sequence[tuple[str, ...]]
    note: str
    wide: bool = False
    above: tuple[tuple[str, int], ...] = ()

    def latex(self) -> str:
        """A float, labelled tab:paper-NAME; it needs the packages booktabs and tabularx."""
        star = "*" if self.wide else ""
        size = self._size()
        limit = PAGE if self.wide else COLUMN
        spare = max(0.0, limit - self._width(size, self._words(size)) - 8)
        gap = _GAP + min(spare / (2 * len(self.align)), 9.0)
        lines = [self._line(row) for row in self.rows]
        if lines and lines[0].startswith(r"\addlinespace"):
            lines[0] = lines[0].removeprefix(r"\addlinespace")
        return "\n".join(
            [
                "% Needs \\usepackage{booktabs,tabularx}",
                rf"\begin{{table{star}}}[!t]",
                r"\centering",
                rf"\caption{{\normalfont {cited(tex(self.title))}}}",
                rf"\label{{tab:paper-{self.name}}}",
                rf"\fontsize{{{size:g}}}{{{size * _LEAD:.2f}}}\selectfont\setlength{{\tabcolsep}}{{{gap:.1f}pt}}%",
                rf"\begin{{tabularx}}{{\linewidth}}{{@{{}}>{{\raggedright\arraybackslash}}X{self.align}@{{}}}}",
                r"\toprule",
                *([self._shared()] if self.above else []),
                *([self._titles() + "\n" + r"\midrule"] if any(self.titles) else []),
                *lines,
                r"\bottomrule",
                r"\end{tabularx}",
                rf"\par\vspace{{3pt}}\parbox{{\linewidth}}{{{_NOTES}\emergencystretch=2em {cited(tex(self.note))}}}",
                rf"\end{{table{star}}}",
                "",
            ]
        )

    def _size(self) -> float:
        """The usual type size, or the smaller one where the columns need it."""
        return SIZE if self._width(SIZE, _FIRST) <= (PAGE if self.wide else COLUMN) else _SMALLER

    def _words(self, size: float) -> float:
        """About how wide the first column is in pt if no cell of it is wrapped."""
        rows = [row[1] if row[0] == GROUP else row[0] for row in self.rows if len(row) > 1]
        return max((text_width(_CITED.sub("[00]", text)) for text in rows), default=0.0) * size * _EM

    def _width(self, size: float, first: float) -> float:
        """About how wide the table is in pt, given the width of its first column."""
        rows = [row for row in (self.titles, *self.rows) if len(row) == len(self.align) + 1 and row[0] != GROUP]
        widths = [max((text_width(row[i + 1]) for row in rows), default=0.0) for i in range(len(self.align))]
        return first + sum(widths) * size * _EM + 2 * _GAP * len(widths)

    def _titles(self) -> str:
        cells = [cited(tex(title)) for title in self.titles]
        return " & ".join(cells) + r" \\"

    def _shared(self) -> str:
        cells, rules, column = [""], [], 2
        for title, count in self.above:
            cells.append(rf"\multicolumn{{{count}}}{{c}}{{{tex(title)}}}" if title else "&" * (count - 1))
            rules += [rf"\cmidrule(lr){{{column}-{column + count - 1}}}"] if title else []
            column += count
        return " & ".join(cells) + r" \\ " + "".join(rules)

    def _line(self, row: tuple[str, ...]) -> str:
        count = len(self.align) + 1
        if row[0] == GROUP:
            titles = [cited(tex(cell)) for cell in row[2:]]
            first = rf"\textit{{{cited(tex(row[1]))}}}"
            if not titles:
                return rf"\addlinespace \multicolumn{{{count}}}{{@{{}}l@{{}}}}{{{first}}} \\"
            cells = [rf"\multicolumn{{1}}{{{a}}}{{{t}}}" for a, t in zip(self.align, titles, strict=True)]
            cells[-1] = cells[-1].replace(f"{{1}}{{{self.align[-1]}}}", f"{{1}}{{{self.align[-1]}@{{}}}}", 1)
            return r"\addlinespace " + " & ".join([first, *cells]) + r" \\"
        if len(row) == 1:
            width = r"\dimexpr\linewidth\relax"
            across = rf"\multicolumn{{{count}}}{{@{{}}>{{\raggedright\arraybackslash}}p{{{width}}}@{{}}}}"
            return rf"{across}{{{cited(tex(row[0]))}}} \\"
        first, *others = row
        bold = first.startswith("**")
        name = cited(breakable(first.removeprefix("**").lstrip(" ")))
        name = rf"\quad {name}" if first.startswith(" ") else name
        cells = [rf"\textbf{{{name}}}" if bold else name, *(tex(_MINUS.sub("−", cell)) for cell in others)]
        return ("{}" if cells[0].startswith(("[", "*")) else "") + " & ".join(cells) + r" \\"


def tex(text: str) -> str:
    """Plain text as LaTeX, without formulas where the text's own type has the letter; long words may be broken."""
    parts = re.split(rf"({_CITED.pattern.replace('(', '(?:')})", text)
    parts[::2] = [_LONG.sub("\\g<0>\u200b", part) for part in parts[::2]]
    shown = escape("".join(parts))
    for formula, letter in _LETTERS.items():
        shown = shown.replace(formula, letter)
    return shown


def breakable(text: str) -> str:
    """The same, where lines may end within long words, behind underscores and hyphens above all."""
    place = found.start() if (found := _CITED.search(text)) else len(text)
    parts = re.split(r"(?<=[_/-])", text[:place])
    return tex("\u200b".join(_WORD.sub("\\g<0>\u200b", part) for part in parts) + text[place:])


def cited(text: str) -> str:
    """LaTeX in which "[@key]" has become a citation."""
    return _CITED.sub(r"~\\cite{\1}", text).replace(" ~", "~")
