"""Finished seeds on disk, one SQLite transaction for each handful; found again by what they depend on."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType

from cryptobench.calibration import findings
from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.findings import Findings, RowKey
from cryptobench.calibration.sources import Source
from cryptobench.calibration.tasks import Task

__all__ = ["Outcome", "Store", "Unit"]

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS seeds (
    address TEXT, seed INTEGER, message TEXT, seconds REAL, tests INTEGER, findings BLOB, PRIMARY KEY (address, seed)
)
"""


@dataclass(frozen=True)
class Unit:
    """One task against one source."""

    task: Task
    source: Source

    @property
    def address(self) -> str:
        """Names everything that its findings depend on, code included, but for the seed."""
        task, source = self.task, self.source
        parts = [
            task.label,
            task.side,
            dict(task.parameters),
            task.version,
            source.name,
            source.version,
            _row_version(),
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What one seed gave: findings, or in ``message`` why there are none; ``seconds`` of one core."""

    seed: int
    findings: tuple[Findings, ...]
    seconds: float
    message: str = ""


class Store(AbstractContextManager["Store"]):
    """The finished seeds of a folder; CalibrationError if it cannot be written or read."""

    FILE = "calibration.sqlite"

    def __init__(self, folder: Path) -> None:
        self._path = folder / self.FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path)
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            with self._connection:
                self._connection.execute(_SCHEMA)
                self._connection.execute(f"PRAGMA user_version = {_VERSION}")
        except (sqlite3.Error, OSError) as error:
            raise CalibrationError(
                f"cannot write to {self._path}: {error}; choose another folder with --out"
            ) from error
        if version not in (0, _VERSION):
            raise CalibrationError(f"{self._path} was written by another version of cryptobench; choose another --out")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def add(self, address: str, outcomes: Sequence[Outcome]) -> None:
        """Keep some seeds of a unit, all or none."""
        values = [
            (address, one.seed, one.message, one.seconds, len(one.findings), _packed(one.findings)) for one in outcomes
        ]
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO seeds VALUES (?, ?, ?, ?, ?, ?)", values)
        except sqlite3.Error as error:
            raise CalibrationError(
                f"cannot write to {self._path}: {error}; finished seeds are kept, the same command continues"
            ) from error

    def finished(self, address: str) -> dict[int, tuple[float, int]]:
        """The seconds that each finished seed of a unit took, and the number of tests that it gave."""
        query = "SELECT seed, seconds, tests FROM seeds WHERE address = ?"
        return {seed: (seconds, tests) for seed, seconds, tests in self._connection.execute(query, (address,))}

    def outcomes(self, address: str) -> Iterator[Outcome]:
        """The finished seeds of a unit, in order."""
        query = "SELECT seed, message, seconds, findings FROM seeds WHERE address = ? ORDER BY seed"
        for seed, message, seconds, packed in self._connection.execute(query, (address,)):
            yield Outcome(seed, _unpacked(packed), seconds, message)


@cache
def _row_version() -> str:
    return hashlib.sha256(Path(findings.__file__).read_bytes()).hexdigest()


def _packed(found: Sequence[Findings]) -> bytes:
    return zlib.compress(json.dumps([[*one.key, [float(f"{v:.8g}") for v in one.values]] for one in found]).encode(), 6)


def _unpacked(packed: bytes) -> tuple[Findings, ...]:
    return tuple(Findings(RowKey(*key), tuple(values)) for *key, values in json.loads(zlib.decompress(packed)))
