"""A run to compare: a run's folder, or a measurement table alone."""

from __future__ import annotations

from pathlib import Path

from cryptobench.check.errors import CheckError
from cryptobench.report.errors import ReportError
from cryptobench.report.html.cards import load_cards
from cryptobench.report.run import Run, load_run, load_table

__all__ = ["load"]

_TABLE = "measurements.csv.gz"


def load(path: Path) -> Run:
    """Read a run's folder or its measurement table; settings are empty where no `run.json` lies beside the table.

    `CheckError` for what does not exist, is damaged or holds no measurements.
    """
    if not path.exists():
        raise CheckError(f"{path} does not exist; wanted a run's folder or its {_TABLE}")
    try:
        if path.is_dir() or path.name == _TABLE:
            run = load_run(path if path.is_dir() else path.parent)
            load_cards(run.folder)  # damaged cards say that the run was
            return run
        return Run(path.parent, load_table(path))
    except ReportError as error:
        raise CheckError(str(error)) from error
