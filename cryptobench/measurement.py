"""One row, one number: the table that every run writes and every report reads."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptobench.cipher import Image
from cryptobench.files import write_bytes
from cryptobench.metrics.result import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS", "SCHEMA", "STATUSES", "VERDICTS", "Artifact", "Measurement", "Outcome", "frame", "read_measurements",
    "write_measurements",
]  # fmt: skip

SCHEMA = 2  # goes up when columns change their name or meaning; `run.json` carries it
COLUMNS = (
    "cipher", "family", "fidelity", "image", "height", "width", "channels", "analysis", "metric", "channel",
    "other_channel", "direction", "place", "condition", "parameter", "part", "statistic", "nonce", "trial", "value",
    "unit", "expected", "low", "high", "p_value", "verdict", "outcome", "status", "message", "seconds", "seed",
)  # fmt: skip
STATUSES = ("ok", "unsupported", "failed", "crashed", "timeout")
VERDICTS = ("pass", "fail", "none")

_INTEGERS = ("height", "width", "channels", "trial", "seed")
_FLOATS = ("value", "expected", "low", "high", "p_value", "seconds")
_TEXTS = tuple(column for column in COLUMNS if column not in (*_INTEGERS, *_FLOATS))


class Outcome(StrEnum):
    """What an attack came to, as the measurement table writes it."""

    RECOVERED = "recovered"
    LEAK = "leak"
    HOLDS = "holds"
    NOT_APPLICABLE = "n/a"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number from an analysis; the bench adds which cipher, image and seed it belongs to.

    What sets numbers of one metric apart has a column for each kind of difference: ``channel`` and ``other_channel``;
    ``direction`` of neighbours (H, V, D, A); ``place`` of a change or of damage; ``condition``: the kind of change or
    damage, the source of sequences, the threat model; ``parameter``: how much of it, a number as text; ``part`` that
    was measured: plain or cipher image, key field, test, bit plane, stage; ``statistic``: which quantile, interval or
    form of a test. Each is empty where it makes no difference. ``trial`` is None for a number that is not one of
    several trials. A value that does not exist (a rejected ciphertext, a failed cell) is None, and ``message`` says
    why. ``outcome`` is the word for what an attack came to (`Outcome`), empty for everything else.
    """

    metric: str
    value: float | None
    channel: str = "all"
    other_channel: str = ""
    direction: str = ""
    place: str = ""
    condition: str = ""
    parameter: str = ""
    part: str = ""
    statistic: str = ""
    nonce: str = ""
    trial: int | None = None
    unit: str = ""
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    verdict: str = "none"
    outcome: str = ""
    status: str = "ok"
    message: str = ""

    @classmethod
    def of(cls, metric: str, result: Result, alpha: float, **columns: Any) -> Measurement:
        """A row from a metric's `Result`; it fails when its p-value is below ``alpha``."""
        p = result.p_value
        verdict = "none" if p is None else "fail" if p < alpha else "pass"
        return cls(
            metric, result.value, expected=result.expected, low=result.low, high=result.high, p_value=p,
            verdict=verdict, **columns,
        )  # fmt: skip

    def row(self) -> dict[str, Any]:
        """The row as a dictionary of plain Python values."""
        return asdict(self)


@dataclass(frozen=True)
class Artifact:
    """A picture that a figure needs later: a name such as "cipher" or "occlusion corner 0.25", and its pixels."""

    name: str
    image: Image


def frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A DataFrame with exactly `COLUMNS` and stable dtypes from dictionaries of rows."""
    import pandas as pd

    table = pd.DataFrame(list(rows), columns=list(COLUMNS))
    return table.astype(
        dict.fromkeys(_INTEGERS, "Int64") | dict.fromkeys(_FLOATS, "float64") | dict.fromkeys(_TEXTS, "object")
    ).fillna(dict.fromkeys(_TEXTS, ""))


def write_measurements(table: pd.DataFrame, path: Path) -> None:
    """Write the table as gzipped CSV; equal tables give equal bytes."""
    text = table.to_csv(index=False, lineterminator="\n")
    write_bytes(path, gzip.compress(text.encode(), 6, mtime=0))  # no time and no name in the header


def read_measurements(path: Path) -> pd.DataFrame:
    """Read a table written by `write_measurements`; ValueError if columns are missing."""
    import pandas as pd

    types = dict.fromkeys(COLUMNS, "object") | dict.fromkeys(_INTEGERS, "Int64")
    gaps = {column: [""] for column in _INTEGERS}
    table = pd.read_csv(path, keep_default_na=False, na_values=gaps, dtype=types)
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing and "variant" in table.columns:
        raise ValueError(
            f"{path} was written by an older cryptobench, before schema {SCHEMA}; measure anew with the "
            "same `cryptobench run` command, into a new folder"
        )
    if missing:
        raise ValueError(f"{path} is no measurement table: it lacks the column(s) {', '.join(missing)}")
    for column in _FLOATS:  # through Python's own float, which is exact where pandas' parser may be an ulp off
        table[column] = table[column].replace("", "nan").astype("float64")
    return table[list(COLUMNS)]
