"""The summary of a run: all of its numbers but single trials, so small that it comes with the package.

One file, JSON that xz has compressed: what run.json holds, the cards, and the columns of the measurement table.
"""

from __future__ import annotations

import json
import lzma
import math
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cryptobench.files import write_bytes
from cryptobench.layout.tables import REJECTED
from cryptobench.measurement import COLUMNS
from cryptobench.registry import RegistryError, code_version
from cryptobench.results.run import ReportError, RunData, run_in_memory

__all__ = ["INTERVALS", "LARGEST", "SUFFIX", "kept", "read_summary", "summary_rows", "write_summary"]

SUFFIX = ".json.xz"
LARGEST = 2 << 20  # bytes of all summaries together
INTERVALS = ("npcr", "uaci", "baci")  # single trials whose critical interval the tables have
_VERSION = 1
_FIRST, _MOST = 0x100, 0xD000  # a place as a character: none that JSON escapes, and none of UTF-16's halves
_DIGITS = 7  # significant, of a number that is not whole
_ABOUT = (
    "schema", "started", "finished", "git_commit", "python", "platform", "cpu", "cpu_count", "versions", "images",
    "measurements", "note",
)  # fmt: skip
_DROPPED = ("trial", "seconds")
_WHOLE = ("height", "width", "channels", "seed")
_REAL = ("value", "expected", "low", "high", "p_value")


def kept(table: pd.DataFrame, intervals: Collection[str] = INTERVALS) -> pd.DataFrame:
    """The measurements of a run but for its single trials, and what the tables take from these.

    That is every trial without a value, and the critical intervals of ``intervals``, once for each cell in a row that
    is no trial and has no value.
    """
    trials = table["trial"].notna()
    unexplained = (table["status"] == "ok") & (table["value"].notna() | table["message"].isin(["", REJECTED]))
    first = table[trials & table["metric"].isin(list(intervals)) & table["low"].notna()]
    first = first.drop_duplicates(["cipher", "image", "height", "width", "channels", "metric"])
    none = pd.array([None] * len(first), dtype="Int64")  # a gap among floats would make all trials floats
    first = first.assign(trial=none, value=math.nan, p_value=math.nan, verdict="none", nonce="", place="", condition="")
    return pd.concat([table[~trials | ~unexplained], first]).sort_index(kind="stable").reset_index(drop=True)


def write_summary(run: RunData, path: Path, code: Callable[..., str] = code_version) -> int:
    """Write the summary of a run into a file; its size in bytes.

    Beside the digests of the run's code it keeps, where they are those of the code here (``code`` says which), those
    without comments and docstrings, so that a change of prose leaves the rows valid. ReportError for a run without a
    run.json.
    """
    if not run.settings.get("ciphers") or not run.settings.get("analyses"):
        raise ReportError(f"{run.folder} has no run.json with digests of its code; run the benchmark again")
    table = summary_rows(run.table)
    content = {
        "summary": _VERSION,
        "about": {
            **{key: run.settings[key] for key in _ABOUT if key in run.settings},
            "settings": run.settings.get("settings", {}),
            "ciphers": _with_meaning("cipher", run.settings["ciphers"], code),
            "analyses": _with_meaning("analysis", run.settings["analyses"], code),
        },
        "cards": run.cards,
        "columns": {name: _stored(name, table[name]) for name in COLUMNS if name not in _DROPPED},
    }  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    packed = lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)
    if len(packed) >= LARGEST:
        raise ReportError(f"the summary of {run.folder} takes {len(packed)} bytes, wanted less than {LARGEST}")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, packed)
    return len(packed)


def summary_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that a summary has of a run's table: `kept` without trials, as precise as they are stored."""
    rows = kept(table) if table["trial"].notna().any() else table
    rows = rows[rows["trial"].isna()].reset_index(drop=True)
    return rows.assign(
        trial=pd.array([None] * len(rows), dtype="Int64"),
        seconds=math.nan,
        **{name: [_rounded(one) for one in rows[name]] for name in _REAL},
    )


def read_summary(path: Path) -> RunData:
    """The run that a summary is of, without a folder; ReportError if the file is damaged or of another version."""
    try:
        content: dict[str, Any] = json.loads(lzma.decompress(path.read_bytes()))
        if content["summary"] != _VERSION:
            raise ReportError(f"{path} is of version {content['summary']}, wanted {_VERSION}; update cryptobench")
        columns = {name: _read(name, stored) for name, stored in content["columns"].items()}
        rows = len(columns["cipher"])
        columns |= {"trial": pd.array([None] * rows, dtype="Int64"), "seconds": np.full(rows, math.nan)}
        return run_in_memory(
            pd.DataFrame({name: columns[name] for name in COLUMNS}), content["about"], content["cards"]
        )
    except (lzma.LZMAError, OSError, LookupError, TypeError, UnicodeDecodeError) as error:
        raise ReportError(f"{path} is no summary of a run ({type(error).__name__}: {error})") from error


def _with_meaning(kind: str, tasks: Mapping[str, Mapping[str, Any]], code: Callable[..., str]) -> dict[str, Any]:
    found = {}
    for name, about in tasks.items():
        sort = "attack" if name.startswith("attack:") else kind
        reference = name.removeprefix("attack:")
        try:
            same = code(sort, reference) == about.get("code")
            meaning = code(sort, reference, prose=False) if same else ""
        except RegistryError:  # a cipher of one's own, or one that has gone
            meaning = ""
        found[name] = dict(about) | ({"meaning": meaning} if meaning else {})
    return found


def _rounded(value: float) -> float:
    return value if value != value or math.isinf(value) or value == int(value) else float(f"{value:.{_DIGITS}g}")


def _stored(name: str, column: Any) -> Any:
    """Numbers as they are, with null for a gap; what repeats as its different values and a text of their places."""
    if name in _REAL:
        return [None if one != one else str(one) if math.isinf(one) else int(one) if one == int(one) else one
                for one in column.tolist()]  # fmt: skip
    places, different = pd.factorize(column.to_numpy(dtype=object), use_na_sentinel=False)
    if len(different) > _MOST:
        raise ReportError(f"the column {name} has {len(different)} different values, wanted at most {_MOST}")
    text = "".join(map(chr, (places + _FIRST).tolist()))  # parsed many times as fast as a list of numbers
    return {"different": [None if one is pd.NA else one for one in different], "places": text}


def _read(name: str, stored: Any) -> Any:
    if name in _REAL:
        return np.array([math.nan if one is None else float(one) for one in stored])
    places = np.frombuffer(stored["places"].encode("utf-32-le"), "<u4").astype(np.int64) - _FIRST
    if name in _WHOLE:
        return pd.array(stored["different"], dtype="Int64").take(places)
    return pd.Series(np.array(stored["different"], dtype=object)[places], dtype=object)
