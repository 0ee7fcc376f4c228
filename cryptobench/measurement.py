"""One row, one number: the table that every run writes and every report reads."""

from __future__ import annotations

import csv
import gzip
import io
import math
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptobench.cipher import Image
from cryptobench.files import write_bytes
from cryptobench.metrics.result import Result
from cryptobench.reading import LARGE, Source
from cryptobench.shapes import Misfit, Shape, inner_path, number, one_of, text, whole
from cryptobench.spreadsheet import csv_text, text_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "COLUMNS", "SCHEMA", "STATUSES", "VERDICTS", "Artifact", "Measurement", "Outcome", "frame", "parsed_table",
    "read_measurements", "require_columns", "write_measurements",
]  # fmt: skip

SCHEMA = 3  # goes up when columns or what stands in them change their meaning; `run.json` carries it
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
_LARGEST_WHOLE, _WHOLE_DIGITS = 2**63 - 1, 19
_ROUNDING = 1e-9  # by which a probability may be off
_DIGITS = frozenset("0123456789+-.einf")


class Outcome(StrEnum):
    """What an attack came to, as the measurement table writes it."""

    RECOVERED = "recovered"
    LEAK = "leak"
    HOLDS = "holds"
    NOT_APPLICABLE = "n/a"


def _or_nothing(shape: Shape) -> Shape:
    """The same, or an empty text."""
    return lambda value, place: None if value == "" else shape(value, place)


def _or_nan(low: float, high: float) -> Shape:
    """A number within limits, infinite ones too, or NaN, which stands for a gap."""
    shape = number(low, high, finite=False)
    return lambda value, place: None if value != value else shape(value, place)


def _probability(value: Any, place: str) -> None:
    """From 0 to 1, but for rounding, or NaN."""
    if not (isinstance(value, float) and (value != value or -_ROUNDING <= value <= 1 + _ROUNDING)):
        raise Misfit(place, value, "a probability from 0 to 1")


_CHECKS: dict[str, Shape] = {
    **dict.fromkeys(_TEXTS, text), **dict.fromkeys(_FLOATS, _or_nan(-math.inf, math.inf)),
    "p_value": _probability, "seconds": _or_nan(0, math.inf),
    "height": whole(1, 1 << 20), "width": whole(1, 1 << 20), "channels": whole(1, 1 << 10),
    "trial": whole(0, _LARGEST_WHOLE), "seed": whole(0, _LARGEST_WHOLE),
    **dict.fromkeys(("cipher", "analysis", "nonce"), _or_nothing(inner_path())),
    "image": _or_nothing(inner_path(parts=3)), "status": one_of(STATUSES), "verdict": one_of(VERDICTS),
    "outcome": one_of(("", *Outcome)),
}  # fmt: skip
"""What each column takes. A picture of the run lies under its cipher's and its image's names: they are no paths."""


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
    write_bytes(path, gzip.compress(csv_text(table).encode(), 6, mtime=0))  # no time and no name in the header


def require_columns(columns: Mapping[str, Any]) -> None:
    """ValueError unless every value in these columns is one that the table takes; a column is a list or one value."""
    for name, values in columns.items():
        several = values if isinstance(values, list) else [values]
        try:
            different = {(type(one), one) for one in several if one is not None}
        except TypeError:
            raise ValueError(f"{name} holds lists or objects, wanted single values") from None
        for _, one in different:
            _CHECKS[name](one, name)


def read_measurements(path: Path) -> pd.DataFrame:
    """Read a table written by `write_measurements`; ValueError if it is damaged, or columns are missing."""
    return parsed_table(Source(path, ValueError, "run the benchmark again"))


def parsed_table(source: Source) -> pd.DataFrame:
    """The table in a file, as gzipped CSV or as CSV; its error for what no run writes.

    That is: columns that are missing or there twice, rows that are too short or too long, numbers that are none, words
    outside `STATUSES`, `VERDICTS` and `Outcome`, and names that are paths to elsewhere.
    """
    import pandas as pd

    content = source.unpacked(LARGE)  # some five million rows
    if not content:
        raise source.damaged("it is empty")
    names = next(csv.reader([content.partition(b"\n")[0].decode("utf-8", "replace")]), [])
    missing = [column for column in COLUMNS if column not in names]
    if missing and "variant" in names:
        raise source.error(
            f"{source.path} was written by an older cryptobench, before schema 2; measure anew with the "
            "same `cryptobench run` command, into a new folder"
        )
    if missing and content.isascii() and names:
        raise source.error(f"{source.path} is no measurement table: it lacks the column(s) {', '.join(missing)}")
    if len(set(names)) < len(names) or missing:
        raise source.damaged("its columns are not those of a measurement table")
    try:
        _require_full_rows(content, len(names))
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(io.BytesIO(content), dtype=str, na_filter=False, index_col=False)
        return pd.DataFrame({column: _column(column, table[column]) for column in COLUMNS})
    except UnicodeDecodeError as error:
        raise source.damaged("it is no UTF-8 text") from error
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error, ValueError) as error:
        raise source.damaged(error) from error


def _require_full_rows(content: bytes, width: int) -> None:
    """ValueError unless all rows have as many values as there are columns; pandas fills short ones up."""
    odd = [line for line in content.splitlines() if line.count(b",") != width - 1]
    if _all_full(b"\n".join(odd), width):
        return
    if not _all_full(content, width):  # a text with a line end, if not that
        raise ValueError("rows have not all the same number of values")


def _all_full(content: bytes, width: int) -> bool:
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
        return all(len(row) == width for row in rows)
    except csv.Error:
        return False


def _column(name: str, texts: pd.Series[str]) -> Any:
    """A column's values, as its type; ValueError for the first that is none."""
    import pandas as pd

    places, different = pd.factorize(texts.to_numpy(dtype=object))
    if name in _FLOATS:
        return pd.array([_number(name, one) for one in different], dtype="float64").take(places).to_numpy()
    if name in _INTEGERS:
        return pd.array([_whole(name, one) for one in different], dtype="Int64").take(places)
    names = [text_of(one) for one in different]
    for one in names:
        _CHECKS[name](one, name)
    return pd.Series(names, dtype=object).take(places).reset_index(drop=True)


def _number(name: str, digits: str) -> float:
    """A number as Python writes it; exact, where pandas' parser may be an ulp off."""
    try:
        if not digits:
            return math.nan
        if set(digits) <= _DIGITS:
            value = float(digits)
            _CHECKS[name](value, name)
            return value
    except ValueError:
        pass
    raise Misfit(name, digits, "a probability from 0 to 1" if name == "p_value" else "a number")


def _whole(name: str, digits: str) -> int | None:
    if not digits:
        return None
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _WHOLE_DIGITS:
        raise Misfit(name, digits, "a whole number")
    _CHECKS[name](int(digits), name)
    return int(digits)
