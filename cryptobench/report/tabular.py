"""How tables are made from measurements: rows picked, spread over columns, and counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from cryptobench.layout.tables import REJECTED, Column
from cryptobench.results.names import display_name

__all__ = [
    "KEYS",
    "channel_rank",
    "channels_in",
    "head",
    "largest",
    "pick",
    "skeleton",
    "trials_text",
    "widen",
]

KEYS = ["cipher", "family", "fidelity", "image"]

_IDENTITY = (
    *KEYS, "channel", "other_channel", "direction", "place", "condition", "parameter", "part", "statistic", "metric",
    "side",
)  # fmt: skip
_CHANNELS = ("R", "G", "B", "grey")


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
