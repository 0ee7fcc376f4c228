"""One column of a table as LaTeX: how it is aligned, and its cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from cryptobench.layout.tables import DAGGER, MISSING, Column, mostly_numbers
from cryptobench.report.latex.text import escape, text_width
from cryptobench.results.names import OURS, TAKEN

__all__ = ["STAR", "Cells", "cells_of"]

STAR = "$^{*}$"
_BOLD = r"\fontseries{b}\selectfont "
_NUMBER = re.compile(r"<?(?P<sign>[+-]?)(?P<whole>\d+)(?:\.(?P<part>\d+))?(?P<power>e[+-]?\d+)?(?P<percent>%?)")
_NAME = re.compile(r"(?P<name>.*?)(?: \[(?P<fidelity>[BC][+-]?)\])?", re.DOTALL)
_DIGIT = 0.57
_NO_NUMBERS = {MISSING, "rejected", "inf", "inf*", "nan"}  # that stand in columns of numbers
_MOST_BEST = 3  # a value that more rows share distinguishes none of them
_LONGEST = 26.0  # ems from which on words are wrapped, and names shortened
_LONG_WORD = re.compile(r"\S{24}(?=\S)")


@dataclass(frozen=True)
class Cells:
    """A column's title, siunitx or LaTeX column type, cells, and width in ems of each cell; ``missing`` by row.

    ``kind`` is "number" (a siunitx column, whose titles need braces), "text", or "words", which are wrapped.
    """

    column: Column
    title: str
    kind: str
    type: str
    cells: tuple[str, ...]
    widths: tuple[float, ...]
    missing: tuple[bool, ...]
    bold: bool = False

    @cached_property
    def width(self) -> float:
        """Ems of the widest cell."""
        return max(self.widths, default=0.0)

    def widest(self, rows: Sequence[int]) -> float:
        """Ems of the widest cell in some rows, each of them named once; 0 for none."""
        return self.width if len(rows) == len(self.widths) else max(map(self.widths.__getitem__, rows), default=0.0)


def cells_of(column: Column, values: pd.DataFrame, candidates: Sequence[bool], texts: list[str] | None = None) -> Cells:
    """The column in LaTeX; ``candidates`` are the rows among which the best value is bold, ``texts`` its texts."""
    texts = column.texts(values) if texts is None else texts
    missing = tuple(text == MISSING for text in texts)
    if column.source == ("cipher", "fidelity"):
        widths = tuple(min(text_width(text.split(" [")[0]), _LONGEST) + 0.9 for text in texts)
        return Cells(column, column.title, "text", "l", tuple(map(_name, texts)), widths, missing)
    if column.letters:
        bare = [text.removesuffix(DAGGER) for text in texts]
        marks = [text[len(word) :] for word, text in zip(bare, texts, strict=True)]
        letters = [column.letters.get(word, word) + mark for word, mark in zip(bare, marks, strict=True)]
        cells = tuple(rf"\textbf{{{escape(x)}}}" if x.isupper() else escape(x) for x in letters)
        return Cells(column, column.title, "text", "c", cells, tuple(map(text_width, letters)), missing)
    numbers = [_NUMBER.fullmatch(text.rstrip("*")) for text in texts]
    words = [text for text, number in zip(texts, numbers, strict=True) if number is None]
    if column.key or column.mixed or len(words) == len(texts) or set(words) - _NO_NUMBERS:
        return _text(column, texts, missing)
    return _numbers(column, values, texts, numbers, missing, candidates)


def _text(column: Column, texts: list[str], missing: tuple[bool, ...]) -> Cells:
    present = [text for text in texts if text != MISSING]
    widths = tuple(map(text_width, texts))
    kind, alignment = "text", "r" if mostly_numbers(present) else "l"
    if max(widths, default=0) > _LONGEST:
        kind, alignment = "words", "p"
    write = _breakable if kind == "words" else _escaped
    if column.mixed:
        texts = [f"−{text[1:]}" if _NUMBER.match(text) and text[0] == "-" else text for text in texts]
    return Cells(column, column.title, kind, alignment, tuple(map(write, texts)), widths, missing)


def _numbers(
    column: Column,
    values: pd.DataFrame,
    texts: list[str],
    numbers: list[re.Match[str] | None],
    missing: tuple[bool, ...],
    candidates: Sequence[bool],
) -> Cells:
    found = [number for number in numbers if number is not None]
    percent = all(number["percent"] for number in found)
    title = column.title if not percent or "%" in column.title else f"{column.title} (%)"
    starred = any(text.endswith("*") for text in texts)
    best = _best(column, values, texts, candidates)
    cells = [
        (_BOLD if chosen else "") + _cell(text, number)
        for text, number, chosen in zip(texts, numbers, best, strict=True)
    ]
    if any(number["power"] for number in found) or any(bool(number["percent"]) != percent for number in found):
        widths = tuple(text_width(text) + 1.0 for text in texts)
        return Cells(column, title, "text", "r", tuple(map(_power, texts)), widths, missing)
    whole, part = max(len(n["whole"]) for n in found), max(len(n["part"] or "") for n in found)
    sign = "-" if any(number["sign"] == "-" for number in found) else ""
    form = f"table-format={sign}{whole}" + (f".{part}" if part else "")
    space = f",table-space-text-post={{{STAR}}}" if starred else ""
    width = _DIGIT * (whole + part) + 0.3 * bool(part) + 0.8 * bool(sign) + 0.45 * starred
    width = max(width, *(text_width(text) for text, number in zip(texts, numbers, strict=True) if number is None), 0)
    kind = f"S[{form}{space},group-digits=none,mode=text,reset-text-series=false]"
    return Cells(column, title, "number", kind, tuple(cells), (width,) * len(texts), missing, any(best))


def _best(column: Column, values: pd.DataFrame, texts: list[str], candidates: Sequence[bool]) -> list[bool]:
    """Which texts read as the best value does: numbers that are equal after rounding are treated alike."""
    nobody = [False] * len(texts)
    if not column.better or not isinstance(column.source, str) or column.source not in values:
        return nobody
    raw = pd.to_numeric(values[column.source], errors="coerce")
    able = raw[list(candidates)].dropna()
    if len(able) < 2 or able.nunique() < 2:
        return nobody
    shown = [text.rstrip("*") for text in texts]
    winner = shown[values.index.get_loc(able.idxmax() if column.better == "larger" else able.idxmin())]
    best = [text == winner and able_row for text, able_row in zip(shown, candidates, strict=True)]
    return best if sum(best) <= _MOST_BEST else nobody


def _cell(text: str, number: re.Match[str] | None) -> str:
    star = f"{{{STAR}}}" if text.endswith("*") else ""
    if number is not None:
        return text.rstrip("*").removesuffix("%").removeprefix("+") + star
    return "{" + _escaped(text) + "}"


def _power(text: str) -> str:
    number = _NUMBER.fullmatch(text.rstrip("*"))
    if number is None or not number["power"]:
        return _escaped(text.removeprefix("+"))
    return rf"\num[group-digits=none]{{{text.rstrip('*')}}}" + STAR * text.endswith("*")


def _escaped(text: str) -> str:
    bare = text.removesuffix("*")
    shown = r"$\infty$" if bare == "inf" else escape(bare)
    return shown + STAR * (bare != text)


def _shortened(name: str) -> str:
    """A name that is too long for a column, without its middle."""
    shown, kept = name, len(name)
    while kept > 1 and text_width(shown) > _LONGEST:
        kept -= 1
        shown = f"{name[: (kept + 1) // 2]}…{name[len(name) - kept // 2 :]}"
    return shown


def _breakable(text: str) -> str:
    """The cell, in whose long words lines may end."""
    return _escaped(_LONG_WORD.sub("\\g<0>\u200b", text))


def _name(text: str) -> str:
    taken = text.endswith(TAKEN)
    text = text.removesuffix(TAKEN)
    ours = text.endswith(OURS)
    match = _NAME.fullmatch(text.removesuffix(OURS))
    assert match is not None
    name = escape(_shortened(match["name"]))
    raised = rf"\textsuperscript{{{match['fidelity']}}}" if match["fidelity"] else ""
    return (rf"\textbf{{{name}}}" if ours else name) + raised + OURS * ours + escape(TAKEN.strip()) * taken
