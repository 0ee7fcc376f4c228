"""A table: values in full precision, and apart from them how they are displayed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from cryptobench.results.names import OURS, display_name, marks_legend
from cryptobench.spreadsheet import csv_text

__all__ = ["DAGGER", "MISSING", "REJECTED", "Column", "Digits", "Table", "interval_text", "mostly_numbers"]

MISSING = "–"
REJECTED = "rejected"
DAGGER = "†"  # behind a judgement: the cipher's card claims more
_PLAIN = 1e7  # numbers below it are written out, without a power of ten
_NUMBER = re.compile(r"[-+≥≤\[<]|\d|inf")


@dataclass(frozen=True)
class Digits:
    """Writes ``times`` a number with ``count`` digits that count, and all before the point: 1042, not 1.04e+03.

    It is called, or stands where a format string does.
    """

    count: int
    times: float = 1.0

    def format(self, value: float) -> str:
        """The number as text; from 10 million on with a power of ten."""
        value *= self.times
        shown = f"{value:.{self.count}g}"
        return f"{value:.0f}" if "e+" in shown and abs(value) < _PLAIN else shown

    __call__ = format


@dataclass(frozen=True)
class Column:
    """One displayed column: a title, the value columns it draws on, and a format with one field for each of them.

    ``mark`` names a column of verdicts: a value whose verdict is "fail" gets a star. A ``partial`` column has
    text when any of its values exists; the format, a function, is then given None for the others.

    The other fields help layouts for print. ``better`` is "larger" or "smaller" where that makes a value the best, and
    empty where the ideal is an interval or there is none. ``key`` columns say what a row is about. A ``setting`` is
    equal for all ciphers on one image, such as the interval of an ideal cipher. ``letters`` abbreviate its words. The
    rows of a ``mixed`` column hold different quantities, whose decimal points need not stand below one another.
    """

    title: str
    source: str | tuple[str, ...]
    form: str | Callable[..., str] = "{}"
    mark: str = ""
    partial: bool = False
    better: str = ""
    key: bool = False
    setting: bool = False
    letters: Mapping[str, str] = field(default_factory=dict)
    mixed: bool = False

    def texts(self, values: pd.DataFrame) -> list[str]:
        """The column as text, one entry for each row of ``values``."""
        sources = (self.source,) if isinstance(self.source, str) else self.source
        nothing = [None] * len(values)
        columns = [values[source].tolist() if source in values else nothing for source in sources]
        verdicts = values[self.mark].tolist() if self.mark in values else nothing
        return [self._text(row, verdict) for *row, verdict in zip(*columns, verdicts, strict=True)]

    def _text(self, row: list[Any], verdict: object) -> str:
        if REJECTED in row:
            return REJECTED
        row = [None if value == "" or value != value else value for value in row]
        if (all if self.partial else any)(value is None for value in row):
            return MISSING
        shown = self.form.format(*row) if isinstance(self.form, str) else self.form(*row)
        return shown + ("*" if verdict == "fail" else "")


@dataclass(frozen=True, eq=False)
class Table:
    """A named table; ``values`` goes to CSV as it is, ``columns`` say how it is displayed.

    ``ours`` says what the mark of our own ciphers means, if the table has any, ``taken`` what that of those does which
    are taken over from another run.
    """

    name: str
    title: str
    caption: str
    values: pd.DataFrame
    columns: tuple[Column, ...]
    ours: str = ""
    taken: str = ""

    def texts(self, column: Column) -> list[str]:
        """One of its columns as text, which is written once for all files that show it."""
        known = self._texts.get(id(column))
        if known is None:
            known = self._texts[id(column)] = column.texts(self.values)
        return known

    def once(self, kind: str, make: Callable[[Table], str]) -> str:
        """The table as ``make`` writes it, written once for all files that show it so; ``kind`` names the form."""
        known = self._forms.get(kind)
        if known is None:
            known = self._forms[kind] = make(self)
        return known

    @property
    def csv(self) -> str:
        """The values in full precision as CSV."""
        return self.once("csv", lambda table: csv_text(table.values))

    @cached_property
    def _texts(self) -> dict[int, list[str]]:
        return {}

    @cached_property
    def _forms(self) -> dict[str, str]:
        return {}

    @property
    def note(self) -> str:
        """The caption, and what the marks behind the names of ciphers mean."""
        marks = marks_legend(self.values.get("fidelity", ()), self.ours, taken_meaning=self.taken)
        return f"{self.caption} {marks}".strip()

    def display(self) -> pd.DataFrame:
        """The table as text."""
        return pd.DataFrame({column.title: self.texts(column) for column in self.columns}, dtype=object)

    def marked(
        self, ours: Collection[str], meaning: str, taken: Collection[str] = (), taken_meaning: str = ""
    ) -> Table:
        """The same table with our own ciphers marked, in a column of the values too; ``meaning`` explains the mark.

        So are those that are ``taken`` over, if any.
        """

        def name(cipher: str, fidelity: str) -> str:
            return display_name(cipher, fidelity, ours=cipher in ours, taken=cipher in taken)

        values = self.values.copy()
        mine = values["cipher"].isin(list(ours))
        values.insert(list(values).index("cipher") + 1, "ours", mine.map({True: "ours", False: ""}))
        if taken:
            others = values["cipher"].isin(list(taken))
            values.insert(list(values).index("ours") + 1, "taken_over", others.map({True: "taken over", False: ""}))
            taken_meaning = taken_meaning if others.any() else ""
        columns = (replace(c, form=name) if c.form is display_name else c for c in self.columns)
        shown = mine.any() or OURS in self.title
        return replace(
            self, values=values, columns=tuple(columns), ours=meaning if shown else "",
            taken=taken_meaning if taken else "",
        )  # fmt: skip


def mostly_numbers(texts: Sequence[str]) -> bool:
    """Whether more than half of some cells are numbers or begin with one, so that they stand to the right."""
    return sum(_NUMBER.match(text) is not None for text in texts) * 2 > len(texts)


def interval_text(form: str) -> Callable[[float | None, float | None], str]:
    """Writes an interval whose ends have a format; an open end makes it an inequality."""

    def text(low: float | None, high: float | None) -> str:
        if low is None or high is None:
            return f"≤ {format(high, form)}" if low is None else f"≥ {format(low, form)}"
        return f"[{format(low, form)}, {format(high, form)}]"

    return text
