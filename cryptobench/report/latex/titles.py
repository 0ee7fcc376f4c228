"""Column titles: a common first part stands once above its columns, and long ones are wrapped or turned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from cryptobench.report.latex.text import escape, text_width

__all__ = ["Heading", "split_title", "wrapped"]

_NARROWEST = 5.0  # ems that a title may always take


def split_title(title: str) -> tuple[str, str]:
    """The part of a title that it may share with its neighbours, if it has one, and the rest."""
    if ": " in title:
        shared, own = title.split(": ", 1)
        return shared, own
    if ", " in title:
        shared, own = title.rsplit(", ", 1)
        return shared, own
    shared, _, own = title.rpartition(" ")
    own_word = own in ("plain", "cipher", "ideal", "measured", "claimed") or re.match(r"[±\d]", own)
    return (shared, own) if shared and own_word else ("", title)


def wrapped(title: str, width: float) -> list[str]:
    """The title in lines of at most ``width`` ems where its words allow it."""
    lines: list[str] = []
    for word in title.split():
        if lines and text_width(f"{lines[-1]} {word}") <= max(width, _NARROWEST):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


class Heading:
    """The header of some columns, given their titles and their cells' widths in ems.

    ``braced`` columns are siunitx's, and the titles of ``turned`` ones stand upright.
    """

    def __init__(
        self, titles: Sequence[str], widths: Sequence[float], braced: Sequence[bool], turned: Sequence[bool]
    ) -> None:
        self.turned, self.braced = turned, braced
        parts = [split_title(title) for title in titles]
        runs = [(shared, list(group)) for shared, group in groupby(range(len(parts)), key=lambda i: parts[i][0])]
        self.groups = [] if any(turned) else [(s, g[0], len(g)) for s, g in runs if s and len(g) > 1]
        grouped = {i for _, first, count in self.groups for i in range(first, first + count)}
        own = [parts[i][1] if i in grouped else title for i, title in enumerate(titles)]
        self.lines = [[t] if up else wrapped(t, w) for t, w, up in zip(own, widths, turned, strict=True)]
        plain = [max(map(text_width, lines)) for lines in self.lines]
        self.widths = [max(w, 1.0 if up else p) for w, p, up in zip(widths, plain, turned, strict=True)]
        for shared, first, count in self.groups:  # a group no narrower than its own title
            lacking = max(map(text_width, wrapped(shared, sum(self.widths[first : first + count])))) - sum(
                self.widths[first : first + count]
            )
            for i in range(first, first + count):
                self.widths[i] += max(0.0, lacking / count)

    @property
    def height(self) -> float:
        """Lines."""
        if any(self.turned):
            return max(text_width(lines[0]) for lines in self.lines) * 0.85 + 0.3
        return max(map(len, self.lines)) + (1.5 if self.groups else 0.0)

    def rows(self) -> list[str]:
        """LaTeX: the row of groups with its rules, if there is one, and the row of titles."""
        rows = [self._group_row()] if self.groups else []
        return [*rows, " & ".join(self._cell(i) for i in range(len(self.lines))) + r" \\"]

    def _group_row(self) -> str:
        cells, rules, column = [], [], 0
        for shared, first, count in self.groups:
            cells += [""] * (first - column)
            cells.append(rf"\multicolumn{{{count}}}{{c}}{{{escape(shared)}}}")
            rules.append(rf"\cmidrule(lr){{{first + 1}-{first + count}}}")
            column = first + count
        cells += [""] * (len(self.lines) - column)
        return " & ".join(cells) + r" \\ " + "".join(rules)

    def _cell(self, index: int) -> str:
        lines = [escape(line) for line in self.lines[index]]
        if self.turned[index]:
            return rf"{{\rotatebox{{90}}{{{lines[0]}}}}}"
        if len(lines) == 1:
            return "{" + lines[0] + "}" if self.braced[index] else lines[0]
        side = "c" if self.braced[index] else "l"
        return rf"{{\begin{{tabular}}[b]{{@{{}}{side}@{{}}}}" + r"\\".join(lines) + r"\end{tabular}}"
