"""The log of a training run: a CSV file, one line for every 100 steps."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from cryptobench.files import write_text
from cryptobench.reading import Source
from cryptobench.shapes import Misfit, mapping, number

__all__ = ["HELD_OUT", "LogError", "Row", "TrainingLog", "read_log"]

Row = dict[str, float]
HELD_OUT = "held_out_"  # begins the name of a column that holds a score
_FIRST = ("step", "seconds")


class LogError(ValueError):
    """A log is damaged; the message says where and what to do."""


def read_log(path: Path) -> list[Row]:
    """The rows of a log, without the numbers that a row lacks; none if there is no such file.

    A last line that a killed run left unfinished is dropped. LogError for a file that holds anything else.
    """
    source = Source(path, LogError, "delete it, or its last rows; the run goes on from its checkpoint")
    if not source.exists():
        return []
    lines = source.text().splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines.pop()
    try:
        rows = [
            {name: float(value) for name, value in line.items() if value} for line in csv.DictReader(lines, strict=True)
        ]
        mapping(number(finite=False), _column)({name: 0.0 for row in rows for name in row}, "")
        if any("step" not in row or row["step"] != row["step"] for row in rows):
            raise ValueError("a row without its step")
    except (csv.Error, ValueError, TypeError) as error:
        raise source.damaged(error) from error
    return rows


def _column(name: object, place: str) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise Misfit("the name of a column", name, "a word")


class TrainingLog:
    """Appends rows to the CSV file at ``path``; ``step`` is where the run goes on, and later rows are dropped."""

    def __init__(self, path: Path, step: int = 0) -> None:
        self.path = path
        self.rows: list[Row] = []
        self._columns: list[str] = []
        kept = [row for row in read_log(path) if row["step"] <= step] if step else []
        for row in kept:
            self._add(row)
        self._rewrite()

    def append(self, row: Row) -> None:
        """Add a row; a new column is added to the rows before too."""
        if self._add(row):
            self._rewrite()
        else:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                file.write(self._text([row]))

    def _add(self, row: Row) -> bool:
        self.rows.append(row)
        new = [name for name in row if name not in self._columns]
        self._columns += new
        return bool(new)

    def _rewrite(self) -> None:
        columns = self._columns or list(_FIRST)
        write_text(self.path, ",".join(columns) + "\n" + self._text(self.rows))

    def _text(self, rows: list[Row]) -> str:
        text = io.StringIO()
        writer = csv.DictWriter(text, self._columns, restval="", lineterminator="\n")
        writer.writerows({name: f"{value:.7g}" for name, value in row.items()} for row in rows)
        return text.getvalue()
