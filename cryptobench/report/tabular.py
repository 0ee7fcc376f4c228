"""A table: values in full precision, and apart from them how they are displayed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from cryptobench.results.names import OURS, display_name, marks_legend

__all__ = [
    "KEYS",
    "MISSING",
    "REJECTED",
    "Column",
    "Table",
    "channel_rank",
    "channels_in",
    "head",
    "interval_text",
    "largest",
    "mostly_numbers",
    "pick",
    "skeleton",
    "trials_text",
    "widen",
]

KEYS = ["cipher", "family", "fidelity", "image"]
MISSING = "–"
REJECTED = "rejected"

_IDENTITY = (
    *KEYS, "channel", "other_channel", "direction", "place", "condition", "parameter", "part", "statistic", "metric",
    "side",
)  # fmt: skip
_CHANNELS = ("R", "G", "B", "grey")
_NUMBER = re.compile(r"[-+≥≤\[<]|\d|inf")


@dataclass(frozen=True)
class Column:
    """One displayed column: a title, the value columns it draws on, and a format with one field for each of them.

    ``mark`` names a column of verdicts: a value whose verdict is "fail" gets a star. A ``partial`` column has
    text when any of its values exists; the format, a function, is then given None for the others.

    The other fields help layouts for print. ``better`` is "larger" or "smaller" where that makes a value the best, and
    empty where the ideal is an interval or there is none. ``key`` columns say what a row is about. A ``setting`` is
    equal for all ciphers on one image, such as the interval of an ideal cipher. ``letters`` abbreviate its words.
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

    ``ours`` says what the mark of our own ciphers means, if the table has any.
    """

    name: str
    title: str
    caption: str
    values: pd.DataFrame
    columns: tuple[Column, ...]
    ours: str = ""

    @property
    def note(self) -> str:
        """The caption, and what the marks behind the names of ciphers mean."""
        return f"{self.caption} {marks_legend(self.values.get('fidelity', ()), self.ours)}".strip()

    def display(self) -> pd.DataFrame:
        """The table as text."""
        return pd.DataFrame({column.title: column.texts(self.values) for column in self.columns}, dtype=object)

    def marked(self, ours: Collection[str], meaning: str) -> Table:
        """The same table with our own ciphers marked, in a column of the values too; ``meaning`` explains the mark."""

        def name(cipher: str, fidelity: str) -> str:
            return display_name(cipher, fidelity, ours=cipher in ours)

        values = self.values.copy()
        mine = values["cipher"].isin(list(ours))
        values.insert(list(values).index("cipher") + 1, "ours", mine.map({True: "ours", False: ""}))
        columns = (replace(c, form=name) if c.form is display_name else c for c in self.columns)
        shown = mine.any() or OURS in self.title
        return replace(self, values=values, columns=tuple(columns), ours=meaning if shown else "")


def head(*more: str) -> tuple[Column, ...]:
    """The columns that most tables start with: the cipher, with its fidelity, and ``more`` plain ones."""
    plain = (Column(name, name, key=True, setting=name in ("image", "size")) for name in more)
    return Column("cipher", ("cipher", "fidelity"), display_name, key=True), *plain


def pick(table: pd.DataFrame, *metrics: str, **where: str | Sequence[str]) -> pd.DataFrame:
    """Finished rows of some metrics, with columns as asked; a rejected ciphertext's value reads "rejected"."""
    rows = table[(table["status"] == "ok") & table["metric"].isin(metrics)]
    for column, wanted in where.items():
        rows = rows[rows[column].isin([wanted] if isinstance(wanted, str) else list(wanted))]
    rejected = rows["message"].eq(REJECTED) & rows["value"].isna()
    if not rejected.any():
        return rows
    return rows.assign(value=rows["value"].astype(object).mask(rejected, REJECTED))


def skeleton(table: pd.DataFrame, analysis: str, by: Sequence[str] = KEYS) -> pd.DataFrame:
    """Everything an analysis was run on, finished or not, so that what is missing shows as missing."""
    return table.loc[table["analysis"] == analysis, list(by)].drop_duplicates().reset_index(drop=True)


def largest(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each cipher's rows the one that is largest in size, its value without sign."""
    size = pd.to_numeric(rows["value"], errors="coerce").abs()
    return rows.assign(value=size).sort_values("value", ascending=False).drop_duplicates("cipher")


def widen(
    base: pd.DataFrame,
    rows: pd.DataFrame,
    names: Iterable[str] | str,
    columns: Sequence[str] = ("value", "verdict"),
) -> pd.DataFrame:
    """Join long rows to ``base``: the value of each name gets a column of that name, and "<name> verdict" and so on."""
    by = [column for column in base.columns if column in _IDENTITY]
    rows = rows.assign(name=rows[names] if isinstance(names, str) else list(names))
    names = list(rows["name"].unique())
    wide = rows.drop_duplicates([*by, "name"]).set_index([*by, "name"])[list(columns)].unstack("name")
    assert isinstance(wide, pd.DataFrame)
    titles = {(c, name): str(name) if c == "value" else f"{name} {c}" for name in names for c in columns}
    wide = wide[list(titles)]
    wide.columns = pd.Index(list(titles.values()))
    return base.join(wide, on=by)


def trials_text(rows: pd.DataFrame, what: str = "trials") -> str:
    """A sentence with the number of trials behind each mean, from the rows of the trials; empty without any."""
    counts = rows.groupby([*KEYS, "nonce", "metric"], sort=False)["trial"].nunique()
    if counts.empty or not counts.max():
        return ""
    low, high = int(counts.min()), int(counts.max())
    return f" n = {low if low == high else f'{low} to {high}'} {what} each."


def channels_in(rows: pd.DataFrame) -> list[str]:
    """The channels that occur, colours first, "all" last."""
    return sorted((str(channel) for channel in rows["channel"].unique()), key=channel_rank)


def channel_rank(channel: str) -> tuple[bool, int, str]:
    """Sorts channels: colours first, "all" last."""
    return channel == "all", _CHANNELS.index(channel) if channel in _CHANNELS else len(_CHANNELS), channel


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
