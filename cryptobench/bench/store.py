"""Results on disk: a folder that one process writes to, a SQLite file of results, and the finished cells of a run."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from cryptobench.bench.cell import Cell, CellResult, decode_columns, rows_of
from cryptobench.bench.errors import BenchError
from cryptobench.bench.seals import sealed, unsealed
from cryptobench.files import write_bytes
from cryptobench.reading import LARGE, Source, parsed_json
from cryptobench.shapes import Misfit, Shape, array, data, hexadecimal, inner_path, number, one_of, text, whole

__all__ = ["CellStore", "Database", "Wording", "claim", "disk_errors"]


@dataclass(frozen=True)
class Wording:
    """What errors of a results folder are and say: ``writer`` writes to it, ``kept`` are in its SQLite ``file``."""

    error: type[ValueError]
    writer: str
    kept: str
    file: str

    def damaged(self, folder: Path, error: Exception) -> ValueError:
        """The error for a file that holds something else than was written to it."""
        return self.error(
            f"{folder / self.file} is damaged ({error}); move it away and run again to compute everything anew"
        )

    def unwritable(self, folder: Path, reason: str) -> ValueError:
        """The error for a folder that cannot be written to."""
        return self.error(
            f"cannot write to {folder}: {reason}; finished {self.kept} are kept. Free space or set permissions and "
            "give the same command again to continue, or choose another folder with --out"
        )


_TOGETHER_SECONDS = 0.25  # results of so long are written together; longer cells are written as they come

_RUN = Wording(BenchError, "run", "cells", "cells.sqlite")


@contextmanager
def claim(folder: Path, wording: Wording = _RUN) -> Iterator[None]:
    """Hold the folder, made if need be, so that no second process writes to it.

    The operating system drops the lock with the process, however that ends. The error of ``wording`` if another has it.
    """
    with disk_errors(folder, wording):
        folder.mkdir(parents=True, exist_ok=True)
        _require_own(folder, wording, ".lock", "workers.log", "pictures", wording.file)
        lock = FileLock(folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise wording.error(
                f"{folder} is being written by another {wording.writer}; wait until it ends, or give this one a folder "
                "of its own with --out"
            ) from None
    try:
        yield
    finally:
        lock.release()


def _require_own(folder: Path, wording: Wording, *names: str) -> None:
    """The error of ``wording`` if one of these is a link out of the folder: what is written goes nowhere else."""
    for name in names:
        Source(folder / name, wording.error, "", home=folder).require_home()


@contextmanager
def disk_errors(folder: Path, wording: Wording = _RUN) -> Iterator[None]:
    """Turn what a full disk, a read-only folder or a damaged file raises into one error of ``wording``."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # A value that is no text has no code of SQLite's; what the disk refused has one.
        # A column that is missing, in a file made elsewhere, has the most general one.
        code = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
        if isinstance(error, sqlite3.OperationalError) and code != "SQLITE_ERROR":
            raise wording.unwritable(folder, str(error)) from error
        raise wording.damaged(folder, error) from error
    except UnicodeDecodeError as error:  # the message of an error of SQLite's, which quotes what is in the file
        raise wording.damaged(folder, ValueError("it holds names that are no text")) from error
    except FileExistsError as error:
        raise wording.error(f"{folder} is a file, wanted a folder for the results") from error
    except OSError as error:
        raise wording.unwritable(folder, (os.strerror(error.errno) if error.errno else str(error)).lower()) from error


class Database:
    """The SQLite file of a results folder, made with ``schema`` if need be; a context manager.

    Whatever is written is kept whole or not at all, however the process ends. The error of ``wording`` for what the
    disk refuses, and for a file of another ``version``.
    """

    def __init__(self, folder: Path, schema: str, version: int, wording: Wording = _RUN) -> None:
        self.folder, self.wording = folder, wording
        with disk_errors(folder, wording):
            _require_own(folder, wording, *(f"{wording.file}{ending}" for ending in ("", "-wal", "-shm", "-journal")))
            self._connection = sqlite3.connect(folder / wording.file)
            try:
                self._open(schema, version)
            except BaseException:
                self._connection.close()
                raise

    def _open(self, schema: str, version: int) -> None:
        found = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if found not in (0, version):
            raise self.wording.error(
                f"{self.folder / self.wording.file} was written by another version of cryptobench; move it away, or "
                "choose another folder with --out"
            )
        # Views and triggers, of which no run makes any, could run for ever when they are read.
        self._connection.execute("PRAGMA trusted_schema = OFF")
        kinds = {kind for (kind,) in self._connection.execute("SELECT DISTINCT type FROM sqlite_master")}
        if not kinds <= {"table", "index"}:
            raise self.wording.damaged(self.folder, ValueError("it holds more than tables"))
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA wal_autocheckpoint = 4000")  # pages: in large runs most are written many times
        with self._connection:
            self._connection.execute(schema)
            self._connection.execute(f"PRAGMA user_version = {version}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def write(self, statement: str, rows: Iterable[Sequence[Any]], *more: tuple[str, Sequence[Any]]) -> None:
        """Execute the statement for each row of values, and ``more`` statements for one each, in one transaction."""
        with disk_errors(self.folder, self.wording), self._connection:
            self._connection.executemany(statement, rows)
            for further, values in more:
                self._connection.execute(further, values)

    def read(self, query: str, values: Sequence[Any] = (), *, shapes: Sequence[Shape]) -> list[Any]:
        """All rows that a query gives; the error of ``wording`` for a value without its column's shape."""
        with disk_errors(self.folder, self.wording):
            cursor = self._connection.execute(query, values)
            rows = cursor.fetchall()
        names = [column[0] for column in cursor.description]
        try:
            for row in rows:
                for shape, value, name in zip(shapes, row, names, strict=True):
                    shape(value, name)
        except Misfit as misfit:
            raise self.wording.damaged(self.folder, misfit) from misfit
        return rows


class CellStore(Database):
    """The finished cells of a run's folder, those of earlier settings too; found again by address."""

    FILE = _RUN.file
    _VERSION = 2
    _SCHEMA = """
    CREATE TABLE IF NOT EXISTS cells (
        address TEXT PRIMARY KEY, cipher TEXT, image TEXT, analysis TEXT, samples INTEGER, status TEXT, message TEXT,
        final INTEGER, seconds REAL, pictures TEXT, rows BLOB
    )
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, self._SCHEMA, self._VERSION)
        self._waiting: list[tuple[Any, ...]] = []  # results that are to be written, with their core-seconds
        self._since = 0.0  # how long, by the clock
        for table in _FURTHER:
            self.write(f"CREATE TABLE IF NOT EXISTS {table}", [()])

    def note_call(self, started: str, seconds: float, executed: int) -> None:
        """Keep how long the call that began at ``started`` has taken so far, and how many cells it has run."""
        self.write("INSERT OR REPLACE INTO calls VALUES (?, ?, ?)", [(started, round(seconds, 3), executed)])

    def calls(self) -> list[dict[str, Any]]:
        """The calls that made the folder: when each began, its seconds, and the cells that it ran."""
        shapes = (text, number(0), whole())
        found = self.read("SELECT started, seconds, executed FROM calls ORDER BY started", shapes=shapes)
        return [dict(zip(("started", "seconds", "executed"), call, strict=True)) for call in found]

    def add(self, cell: Cell, result: CellResult) -> None:
        """Keep a result: its pictures as files, then all else, in one transaction with those of the same moment.

        A process that is killed loses what `keep` has not written, so call that where no result comes for a while.
        """
        with disk_errors(self.folder):
            pictures = [self._write_picture(cell, name, content) for name, content in result.pictures]
        self._since = self._since if self._waiting else time.monotonic()
        self._waiting.append((
            result.address, cell.cipher_name, cell.image_name, cell.analysis_name,
            cell.height * cell.width * cell.channels, result.status, result.message, result.final, result.seconds,
            json.dumps(pictures), sealed(result.address, result.status, result.message, result.rows),
            result.core_seconds,
        ))  # fmt: skip
        if max(result.seconds, time.monotonic() - self._since) >= _TOGETHER_SECONDS:
            self.keep()

    def keep(self) -> None:
        """Write the results that wait to be written."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            spent = [("INSERT OR REPLACE INTO core_seconds VALUES (?, ?)", (row[0], row[-1])) for row in waiting]
            cells = [row[:-1] for row in waiting]
            self.write("INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", cells, *spent)

    def read(self, query: str, values: Sequence[Any] = (), *, shapes: Sequence[Shape]) -> list[Any]:
        self.keep()
        return super().read(query, values, shapes=shapes)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with nullcontext() if error is None else suppress(self.wording.error):  # one error is enough
                self.keep()
        finally:
            super().__exit__(kind, error, trace)

    def finished(self, addresses: Iterable[str]) -> set[str]:
        """Those cells that need not run: results that are final and whose pictures are still there, unchanged."""
        wanted = set(addresses)
        found = self.read("SELECT address, pictures FROM cells WHERE final", shapes=(text, text))
        with disk_errors(self.folder):
            return {
                address
                for address, pictures in found
                if address in wanted and all(self._unchanged(*picture) for picture in self._pictures(pictures))
            }

    def costs(self) -> dict[str, float]:
        """Seconds of every cell measured so far, by address, in the order in which they finished."""
        query = "SELECT address, seconds FROM cells WHERE status = 'ok' ORDER BY rowid"
        return dict(self.read(query, shapes=(text, number(0))))

    def core_seconds(self) -> dict[str, float]:
        """Core-seconds of every cell that has been run, by address; those of earlier releases are not known."""
        return dict(self.read("SELECT address, seconds FROM core_seconds", shapes=(text, number(0))))

    def statuses(self, addresses: Iterable[str]) -> Iterator[tuple[str, str, float]]:
        """(status, message, seconds) of each address, in the order given."""
        query = "SELECT status, message, seconds FROM cells WHERE address = ?"
        for address in addresses:
            yield self._one(query, address, (one_of(_STATUSES), text, number(0)))

    def columns(self, addresses: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
        """How many rows each of the given cells has, and its columns (`cell.decode_columns`), in the order given."""
        query = "SELECT status, message, rows FROM cells WHERE address = ?"
        for address in addresses:
            status, message, stored = self._one(query, address, (text, text, data))
            try:
                found = decode_columns(unsealed(address, status, message, stored))
            except ValueError as error:
                raise self.wording.damaged(self.folder, error) from error
            yield found

    def rows(self, addresses: Iterable[str]) -> Iterator[dict[str, Any]]:
        """All rows of the given cells, in the order given."""
        for count, columns in self.columns(addresses):
            yield from rows_of(count, columns)

    def _one(self, query: str, address: str, shapes: Sequence[Shape]) -> Any:
        found = self.read(query, (address,), shapes=shapes)
        if not found:
            raise self.wording.damaged(self.folder, ValueError("a finished cell is missing"))
        return found[0]

    def _pictures(self, stored: str) -> list[list[str]]:
        """Path and digest of each picture of a cell."""
        try:
            pictures: list[list[str]] = parsed_json(stored)
            array(_picture)(pictures, "pictures")
        except ValueError as error:
            raise self.wording.damaged(self.folder, error) from error
        return pictures

    def _write_picture(self, cell: Cell, name: str, content: bytes) -> tuple[str, str]:
        relative = Path("pictures", cell.cipher_name, cell.image_name, name)
        self._picture_source(relative.parent).require_home()
        write_bytes(self.folder / relative, content)
        return relative.as_posix(), hashlib.sha256(content).hexdigest()

    def _unchanged(self, relative: str, digest: str) -> bool:
        source = self._picture_source(Path(relative))
        return source.path.is_file() and hashlib.sha256(source.content(LARGE)).hexdigest() == digest

    def _picture_source(self, relative: Path) -> Source:
        return Source(self.folder / relative, self.wording.error, "delete it and run again", home=self.folder)


_FURTHER = (  # tables that stores of earlier releases lack
    "calls (started TEXT PRIMARY KEY, seconds REAL, executed INTEGER)",
    "core_seconds (address TEXT PRIMARY KEY, seconds REAL)",
    "besides (started TEXT PRIMARY KEY, seconds REAL)",  # core-seconds of a call that no cell has used
    "calibrations (started TEXT, seconds REAL)",
)
_STATUSES = ("ok", "unsupported", "failed", "crashed", "timeout")


def _picture(value: Any, place: str) -> None:
    """A path below the folder of pictures, and a SHA-256."""
    array(text, 2, 2)(value, place)
    inner_path(parts=8)(value[0], place)
    hexadecimal(32)(value[1], place)
    if not value[0].startswith("pictures/"):
        raise Misfit(place, value[0], "a path below pictures/")
