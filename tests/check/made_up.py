"""Made-up runs of one cipher: rows written by hand, so that one number alone differs between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cryptobench.check.rows import Row, rows_of
from cryptobench.measurement import Measurement, frame
from cryptobench.results.run import RunData

__all__ = ["CELL", "made_up_rows", "made_up_run", "number", "together", "trials"]

CELL = {
    "cipher": "toy", "family": "toy", "fidelity": "A", "image": "astronaut", "height": 32, "width": 32, "channels": 3,
    "seed": 1, "seconds": 0.0,
}  # fmt: skip
Rows = Mapping[str, Iterable[Measurement]]


def made_up_run(analyses: Rows, settings: Mapping[str, Any] | None = None, **cell: Any) -> RunData:
    """A run of the given measurements by analysis; ``cell`` replaces columns of all rows, ``settings`` are run.json."""
    return RunData(Path("made-up"), frame(_rows(analyses, cell)), dict(settings or {}))


def together(*runs: RunData) -> RunData:
    """One run of all their rows, with the first one's settings."""
    return RunData(runs[0].folder, pd.concat([run.table for run in runs], ignore_index=True), runs[0].settings)


def made_up_rows(analyses: Rows, **cell: Any) -> list[Row]:
    """The rows of such a run."""
    return rows_of(frame(_rows(analyses, cell)))


def number(p_value: float, metric: str = "chi_square", part: str = "cipher", **columns: Any) -> Measurement:
    """A number of the histogram with a p-value."""
    return Measurement(metric, 200.0, part=part, p_value=p_value, **columns)


def trials(values: Iterable[float | None], metric: str = "npcr", nonce: str = "none") -> list[Measurement]:
    """A trial each, ideal 99.6 %; None is one in which the cipher failed."""
    return [
        Measurement(metric, value, nonce=nonce, trial=trial, expected=99.6, status="failed" if value is None else "ok")
        for trial, value in enumerate(values)
    ]


def _rows(analyses: Rows, cell: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [CELL | {"analysis": analysis} | row.row() | cell for analysis, rows in analyses.items() for row in rows]
