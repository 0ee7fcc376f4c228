"""The files of a run's folder, read and checked: its measurement table, its settings, its cards."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cryptobench.measurement import SCHEMA, read_measurements

__all__ = ["ReportError", "load_cards", "load_settings", "load_table", "require_whole"]


class ReportError(ValueError):
    """A run folder cannot be reported on; the message names what was given and what is wanted."""


def load_table(path: Path) -> pd.DataFrame:
    """Read a measurement table; ReportError if it is damaged, of an older schema, or holds no measurements."""
    try:
        table = read_measurements(path)
    except (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise ReportError(f"{path} is damaged ({error}); run the benchmark again") from error
    except ValueError as error:
        reason = str(error)
        raise ReportError(reason if str(path) in reason else f"{path} cannot be read: {reason}") from error
    if table.empty:
        raise ReportError(f"{path} holds no measurements; run the benchmark again")
    return table


def load_settings(path: Path) -> dict[str, Any]:
    """What a run's `run.json` holds, nothing where there is none; ReportError if damaged or of another schema."""
    if not path.is_file():
        return {}
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReportError(f"{path} is damaged ({error}); delete it, or run the benchmark again") from error
    if not isinstance(settings, dict):
        raise ReportError(f"{path} holds no settings of a run; delete it, or run the benchmark again")
    _require_schema(path.parent, settings)
    return settings


def require_whole(path: Path, table: pd.DataFrame, settings: dict[str, Any]) -> None:
    """`ReportError` if the table is not the one that the run wrote; runs of earlier releases do not say which it is."""
    written = settings.get("measurements")
    if written is None:
        return
    if not isinstance(written, dict) or not {"rows", "sha256"} <= written.keys():
        raise ReportError(f"{path.with_name('run.json')} is damaged (measurements is {written!r}); run again")
    if len(table) != written["rows"]:
        raise ReportError(
            f"{path} has {len(table)} rows and run.json says {written['rows']}: it was cut off or changed; "
            "run the benchmark again"
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != written["sha256"]:
        raise ReportError(f"{path} is not the table that run.json was written with; run the benchmark again")


def load_cards(folder: Path) -> dict[str, dict[str, Any]]:
    """The cards in a run's cards.json by cipher; none of a run that kept none. ReportError if the file is damaged."""
    path = folder / "cards.json"
    if not path.is_file():
        return {}
    try:
        cards = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReportError(f"{path} is damaged ({error}); delete it, or run the benchmark again") from error
    if not isinstance(cards, dict) or not all(isinstance(card, dict) for card in cards.values()):
        raise ReportError(f"{path} holds no cards by cipher; delete it, or run the benchmark again")
    return cards


def _require_schema(folder: Path, settings: Mapping[str, Any]) -> None:
    """`ReportError` if another version of cryptobench, with other columns, wrote the run."""
    schema = settings.get("schema", 1)
    if not isinstance(schema, int):
        raise ReportError(f"{folder / 'run.json'} is damaged (schema is {schema!r}); run the benchmark again")
    if schema > SCHEMA:
        raise ReportError(
            f"{folder} was written by a newer cryptobench (schema {schema}, this one reads {SCHEMA}); update "
            "cryptobench: pip install --upgrade cryptobench"
        )
    if schema < SCHEMA:
        raise ReportError(
            f"{folder} was written by an older cryptobench (schema {schema}, this one reads {SCHEMA}); measure anew: "
            "cryptobench run ... --out NEW_FOLDER"
        )
