"""One row, one number: the table that every run writes and every report reads."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptobench.cipher import Image
from cryptobench.metrics.result import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS", "STATUSES", "VERDICTS", "Artifact", "Measurement", "frame", "read_measurements", "write_measurements",
]  # fmt: skip

COLUMNS = (
    "cipher", "family", "fidelity", "image", "height", "width", "channels", "analysis", "metric", "channel",
    "direction", "variant", "nonce", "trial", "value", "unit", "expected", "low", "high", "p_value", "verdict",
    "status", "message", "seconds", "seed",
)  # fmt: skip
STATUSES = ("ok", "unsupported", "failed", "crashed", "timeout")
VERDICTS = ("pass", "fail", "none")

_INTEGERS = ("height", "width", "channels", "trial", "seed")
_FLOATS = ("value", "expected", "low", "high", "p_value", "seconds")
_TEXTS = tuple(column for column in COLUMNS if column not in (*_INTEGERS, *_FLOATS))


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number from an analysis; the bench adds which cipher, image and seed it belongs to.

    ``trial`` is None for a number that is not one of several trials. A value that does not exist (a rejected
    ciphertext, a failed cell) is None, and ``message`` says why.
    """

    metric: str
    value: float | None
    channel: str = "all"
    direction: str = ""
    variant: str = ""
    nonce: str = ""
    trial: int | None = None
    unit: str = ""
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    verdict: str = "none"
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
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(gzip.compress(text.encode(), 6, mtime=0))  # no time and no name in the header
    partial.replace(path)


def read_measurements(path: Path) -> pd.DataFrame:
    """Read a table written by `write_measurements`; ValueError if columns are missing."""
    import pandas as pd

    types = dict.fromkeys(COLUMNS, "object") | dict.fromkeys(_INTEGERS, "Int64")
    gaps = {column: [""] for column in _INTEGERS}
    table = pd.read_csv(path, keep_default_na=False, na_values=gaps, dtype=types)
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise ValueError(f"{path} is no measurement table: it lacks the column(s) {', '.join(missing)}")
    for column in _FLOATS:  # through Python's own float, which is exact where pandas' parser may be an ulp off
        table[column] = table[column].replace("", "nan").astype("float64")
    return table[list(COLUMNS)]
