"""A cell, the unit of work: one cipher, one image, one analysis or attack; what it gives, and its rows as bytes."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from cryptobench.reading import MEBIBYTE, inflated, parsed_json
from cryptobench.shapes import either, mapping, nothing, number, record, text, whole
from cryptobench.terminal import printable

__all__ = [
    "Cell", "CellResult", "decode_columns", "decode_rows", "encode_columns", "failure", "plain_columns", "rows_of",
    "with_tuples",
]  # fmt: skip

# `cryptobench.measurement` has them too, but it loads NumPy, which a worker does after its limits are set.
_INTEGERS = frozenset({"height", "width", "channels", "trial", "seed"})
_FLOATS = frozenset({"value", "expected", "low", "high", "p_value", "seconds"})
_TEXTS = frozenset({
    "cipher", "family", "fidelity", "image", "analysis", "metric", "channel", "other_channel", "direction", "place",
    "condition", "parameter", "part", "statistic", "nonce", "unit", "verdict", "outcome", "status", "message",
})  # fmt: skip
_COLUMNS = _INTEGERS | _FLOATS | _TEXTS
_LARGEST, _MOST_ROWS = 512 * MEBIBYTE, 10_000_000  # of one cell
_value = either(text, number(finite=False), nothing)
_PLAIN = (int, float, list, type(None))
_MOST_TEXTS, _SHORT = 100_000, 256
_taken: set[tuple[str, str]] = set()  # columns with a text that all rows share, which were found to be as wanted


def _columns(value: Any, place: str) -> None:
    """Columns by name, each a list of values or one that all rows share; their own types are the table's affair."""
    if not isinstance(value, dict):
        mapping(_value)(value, place)
    if unknown := sorted(value.keys() - _COLUMNS):
        raise ValueError(f"{unknown[0]!r} is no column of a measurement table")
    for name, one in value.items():
        if type(one) not in _PLAIN and not _is_taken(name, one):
            _value(one, f"{place}.{name}")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What to run, what its rows are called, and the digests that make up its address.

    ``cipher``, ``image`` and ``analysis`` are references that a worker can load; ``parameters`` is canonical JSON.
    ``analysis`` is an attack if ``kind`` says so; tables then call it ``attack:NAME``. ``grey`` images are loaded as
    their luminance. An ``isolated`` cipher, one that is not built in, shares no process with another;
    ``alone`` and ``shares_trials`` are those of the analysis.
    ``files`` are the paths of its files with their sha256, and ``versions`` its packages, that its code is made of.
    ``pixels`` is the image itself, uint8, where it comes from a file that is better not decoded again.
    """

    cipher: str
    image: str
    analysis: str
    parameters: str
    size: int
    seed: int
    kind: Literal["analysis", "attack"] = "analysis"
    grey: bool = False
    isolated: bool = False

    cipher_name: str
    family: str
    fidelity: str
    image_name: str
    height: int
    width: int
    channels: int
    analysis_name: str
    alone: bool = False
    shares_trials: bool = False

    cipher_code: str
    image_hash: str
    analysis_code: str
    files: tuple[tuple[str, str], ...] = ()
    versions: tuple[str, ...] = ()
    pixels: Any = field(default=None, compare=False, repr=False)

    @cached_property
    def address(self) -> str:
        """sha256 over the code of cipher and analysis, the pixels, the parameters and the seed.

        Names are part of it because rows carry them and an experiment's randomness depends on them; class names
        because one file can hold several ciphers. Paths are not, so that moving a checkout changes nothing.
        """
        parts = [
            "cell 2", self.cipher_name, self.cipher.rpartition(":")[2], self.cipher_code, self.image_name,
            self.image_hash, self.analysis_name, self.analysis.rpartition(":")[2], self.analysis_code,
            self.parameters, self.seed,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def columns(self) -> dict[str, Any]:
        """The columns that all rows of the cell share."""
        return {
            "cipher": self.cipher_name, "family": self.family, "fidelity": self.fidelity, "image": self.image_name,
            "height": self.height, "width": self.width, "channels": self.channels, "analysis": self.analysis_name,
            "seed": self.seed,
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.cipher_name}, {self.image_name}, {self.analysis_name}"


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """A finished cell: its rows (encoded by `encode_columns`) and its pictures as (file name, file content).

    A result that is not ``final`` came about by something outside the cell's inputs (a crash, a timeout, a
    missing module), so that the next run tries the cell again. ``unseen`` are files that the cipher read and that were
    not planned. ``seconds`` is wall time, ``core_seconds`` what it has used of a core,
    ``elsewhere`` the part of these that neither the worker nor a child that it has waited for has used.
    """

    address: str
    status: str
    final: bool
    seconds: float
    rows: bytes
    pictures: tuple[tuple[str, bytes], ...] = ()
    message: str = ""
    unseen: tuple[str, ...] = ()
    core_seconds: float = 0.0
    elsewhere: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", printable(self.message))


def failure(cell: Cell, status: str, message: str, seconds: float, *, final: bool) -> CellResult:
    """A result of one row, without a value, that says why there is no other."""
    from cryptobench.measurement import Measurement

    row = Measurement("", None, channel="", status=status, message=message).row()
    return CellResult(
        address=cell.address, status=status, final=final, seconds=seconds, core_seconds=seconds, message=message,
        rows=encode_columns(row | cell.columns | {"seconds": seconds}, 1),
    )  # fmt: skip


def with_tuples(value: Any) -> Any:
    """A JSON value with tuples for lists, as dataclass parameters have them."""
    return tuple(map(with_tuples, value)) if isinstance(value, list) else value


def encode_columns(columns: Mapping[str, Sequence[Any] | Any], count: int) -> bytes:
    """``count`` rows given by column: a list of ``count`` values, or one value that all rows share."""
    content = {"count": count, "columns": plain_columns(columns)}
    return zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 1)


def plain_columns(columns: Mapping[str, Sequence[Any] | Any]) -> dict[str, Any]:
    """The columns with Python's own numbers and texts; a list of equal values is the one value."""
    return {name: _plain_column(name, values) for name, values in columns.items()}


def decode_rows(data: bytes) -> Iterator[dict[str, Any]]:
    """The rows that were encoded, in their order; ValueError for bytes that are none, or that no table takes."""
    yield from rows_of(*decode_columns(data))


def rows_of(count: int, columns: Mapping[str, Sequence[Any] | Any]) -> Iterator[dict[str, Any]]:
    """``count`` rows from columns as `encode_columns` takes them."""
    lists = [values if isinstance(values, list) else [values] * count for values in columns.values()]
    for values in zip(*lists, strict=True):
        yield dict(zip(columns, values, strict=True))


def decode_columns(data: bytes) -> tuple[int, dict[str, list[Any] | Any]]:
    """How many rows were encoded, and their columns as `encode_columns` took them; ValueError as of `decode_rows`."""
    from cryptobench.measurement import require_columns

    table = parsed_json(inflated(data, _LARGEST), finite=False)
    record({"count": whole(0, _MOST_ROWS), "columns": _columns})(table, "")
    count, columns = table["count"], table["columns"]
    unseen = {name: one for name, one in columns.items() if one is not None and not _is_taken(name, one)}
    if any(len(one) != count for one in unseen.values() if isinstance(one, list)):
        raise ValueError(f"wanted {count} values in each column")
    require_columns(unseen)
    if len(_taken) > _MOST_TEXTS:
        _taken.clear()
    _taken.update((name, one) for name, one in unseen.items() if type(one) is str and len(one) <= _SHORT)
    return count, columns


def _is_taken(name: str, value: Any) -> bool:
    """Whether it is a text that all rows share, and that the column of another cell had."""
    return type(value) is str and (name, value) in _taken


def _text(value: Any) -> str:
    return printable(str(value))


def _plain_column(name: str, values: Sequence[Any] | Any) -> Any:
    plain: Callable[[Any], Any] = int if name in _INTEGERS else float if name in _FLOATS else _text
    if isinstance(values, list):
        if not values or values.count(values[0]) < len(values):
            return [None if value is None else plain(value) for value in values]
        values = values[0]
    return None if values is None else plain(values)
