"""Finished seeds on disk, one SQLite transaction for each batch; found again by what they depend on."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptobench.bench.store import Database, Wording
from cryptobench.calibration import findings
from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.findings import Findings, RowKey
from cryptobench.calibration.sources import Source
from cryptobench.calibration.tasks import CalibrationTask
from cryptobench.reading import MEBIBYTE, inflated, parsed_json
from cryptobench.shapes import array, data, flag, number, text, whole

__all__ = ["CALIBRATION", "SeedResult", "SeedStore", "TaskOnSource", "row_key"]

_LARGEST = 64 * MEBIBYTE  # of the findings of one seed

CALIBRATION = Wording(CalibrationError, "calibration", "seeds", "calibration.sqlite")


@dataclass(frozen=True)
class TaskOnSource:
    """One task and the source that it is run on."""

    task: CalibrationTask
    source: Source

    @property
    def address(self) -> str:
        """Names everything that its findings depend on, code included, but for the seed."""
        task, source = self.task, self.source
        parts = [
            task.label, task.side, dict(task.parameters), task.version, source.name, source.version, _row_version(),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class SeedResult:
    """What one seed gave: findings, or in ``message`` why there are none; ``seconds`` of one core."""

    seed: int
    findings: tuple[Findings, ...]
    seconds: float
    message: str = ""


class SeedStore(Database):
    """The finished seeds of a folder; CalibrationError if it cannot be written or read."""

    FILE = CALIBRATION.file
    _VERSION = 2
    _SCHEMA = """
    CREATE TABLE IF NOT EXISTS seeds (
        address TEXT, seed INTEGER, message TEXT, seconds REAL, tests INTEGER, findings BLOB,
        PRIMARY KEY (address, seed)
    )
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, self._SCHEMA, self._VERSION, CALIBRATION)

    def add(self, address: str, results: Sequence[SeedResult]) -> None:
        """Keep some seeds of a task on a source, all or none."""
        values = [
            (address, one.seed, one.message, one.seconds, len(one.findings), _packed(one.findings)) for one in results
        ]
        self.write("INSERT OR REPLACE INTO seeds VALUES (?, ?, ?, ?, ?, ?)", values)

    def finished(self, address: str) -> dict[int, tuple[float, int]]:
        """The seconds that each finished seed took, and the number of tests that it gave."""
        query = "SELECT seed, seconds, tests FROM seeds WHERE address = ?"
        found = self.read(query, (address,), shapes=(whole(), number(0), whole()))
        return {seed: (seconds, tests) for seed, seconds, tests in found}

    def results(self, address: str) -> list[SeedResult]:
        """The finished seeds of a task on a source, in order."""
        query = "SELECT seed, message, seconds, findings FROM seeds WHERE address = ? ORDER BY seed"
        return [
            SeedResult(seed, self._unpacked(packed), seconds, message)
            for seed, message, seconds, packed in self.read(query, (address,), shapes=(whole(), text, number(0), data))
        ]

    def _unpacked(self, packed: bytes) -> tuple[Findings, ...]:
        try:
            found = parsed_json(inflated(packed, _LARGEST))
            array(_finding)(found, "findings")
        except ValueError as error:
            raise self.wording.damaged(self.folder, error) from error
        return tuple(Findings(RowKey(*key), tuple(values)) for *key, values in found)


def row_key(value: Sequence[Any], place: str) -> None:
    """The shape of a test's key: a value for each column of `RowKey`."""
    for name, part in zip(RowKey._fields, value, strict=True):
        (flag if isinstance(RowKey._field_defaults.get(name), bool) else text)(part, f"{place}.{name}")


def _finding(value: Any, place: str) -> None:
    """A test's key, as in `RowKey`, and after it its p-values."""
    array(lambda one, where: None, len(RowKey._fields) + 1, len(RowKey._fields) + 1)(value, place)
    row_key(value[:-1], place)
    array(number(0, 1))(value[-1], f"{place}.values")


@cache
def _row_version() -> str:
    return hashlib.sha256(Path(findings.__file__).read_bytes()).hexdigest()


def _packed(found: Sequence[Findings]) -> bytes:
    return zlib.compress(json.dumps([[*one.key, [float(f"{v:.8g}") for v in one.values]] for one in found]).encode(), 6)
