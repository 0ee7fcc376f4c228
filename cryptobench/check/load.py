"""A run to compare: a run's folder, or a measurement table alone."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pandas as pd

from cryptobench.check.errors import CheckError
from cryptobench.measurement import read_measurements
from cryptobench.report.errors import ReportError
from cryptobench.report.run import Run, load_run

__all__ = ["load"]

_TABLE = "measurements.csv.gz"


def load(path: Path) -> Run:
    """Read a run's folder or its measurement table; settings are empty where no `run.json` lies beside the table.

    `CheckError` for what does not exist, is damaged or holds no measurements.
    """
    if not path.exists():
        raise CheckError(f"{path} does not exist; wanted a run's folder or its {_TABLE}")
    if path.is_dir() or path.name == _TABLE:
        try:
            return load_run(path if path.is_dir() else path.parent)
        except ReportError as error:
            raise CheckError(str(error)) from error
    try:
        table = read_measurements(path)
    except (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise CheckError(f"{path} is damaged ({error}); wanted a measurement table") from error
    except ValueError as error:
        reason = str(error)
        raise CheckError(reason if str(path) in reason else f"{path} is no measurement table: {reason}") from error
    if table.empty:
        raise CheckError(f"{path} holds no measurements; run the benchmark again")
    return Run(path.parent, table)
