"""A cell's rows as compact bytes, and back: compressed JSON by column."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["decode_rows", "encode_columns", "encode_rows"]

_INTEGERS = frozenset({"height", "width", "channels", "trial", "seed"})
_FLOATS = frozenset({"value", "expected", "low", "high", "p_value", "seconds"})


def encode_rows(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows that all have the same columns, with numbers made plain Python numbers."""
    return encode_columns({name: [row[name] for row in rows] for name in rows[0]} if rows else {}, len(rows))


def encode_columns(columns: Mapping[str, Sequence[Any] | Any], count: int) -> bytes:
    """``count`` rows given by column: a list of ``count`` values, or one value that all rows share."""
    plain = {name: _plain_column(name, values) for name, values in columns.items()}
    return zlib.compress(json.dumps({"count": count, "columns": plain}, separators=(",", ":")).encode(), 1)


def decode_rows(data: bytes) -> Iterator[dict[str, Any]]:
    """The rows that were encoded, in their order."""
    table = json.loads(zlib.decompress(data))
    names = list(table["columns"])
    columns = [
        values if isinstance(values, list) else [values] * table["count"] for values in table["columns"].values()
    ]
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _plain_column(name: str, values: Sequence[Any] | Any) -> Any:
    plain: Callable[[Any], Any] = int if name in _INTEGERS else float if name in _FLOATS else str
    if isinstance(values, list):
        if not values or values.count(values[0]) < len(values):
            return [None if value is None else plain(value) for value in values]
        values = values[0]
    return None if values is None else plain(values)
