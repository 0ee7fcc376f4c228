"""Finished cells on disk: one SQLite transaction a cell, found again by address."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout

from cryptobench.bench.cell import Cell, CellResult, decode_rows
from cryptobench.bench.errors import BenchError
from cryptobench.files import write_bytes

__all__ = ["Store", "claim", "disk_errors"]

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS cells (
    address TEXT PRIMARY KEY, cipher TEXT, image TEXT, analysis TEXT, samples INTEGER, status TEXT, message TEXT,
    final INTEGER, seconds REAL, pictures TEXT, rows BLOB
)
"""


@contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Hold the folder, made if need be, so that no second run writes to it.

    The operating system drops the lock with the process, however that ends. BenchError if it is held.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise BenchError(
                f"{folder} is being written by another run; wait until it ends, or give this one a folder "
                "of its own with --out"
            ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn what a full disk, a read-only folder or a damaged store raises into one BenchError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # A cell that is no text has no code of SQLite's; what the disk refused has one.
        if isinstance(error, sqlite3.OperationalError) and hasattr(error, "sqlite_errorname"):
            raise _unwritable(folder, str(error)) from error
        raise _damaged(folder, error) from error
    except FileExistsError as error:
        raise BenchError(f"{folder} is a file, wanted a folder for the results") from error
    except OSError as error:
        raise _unwritable(folder, (os.strerror(error.errno) if error.errno else str(error)).lower()) from error


def _damaged(folder: Path, error: Exception) -> BenchError:
    return BenchError(
        f"{folder / Store.FILE} is damaged ({error}); move it away and run again to compute everything anew"
    )


def _unwritable(folder: Path, reason: str) -> BenchError:
    return BenchError(
        f"cannot write to {folder}: {reason}; finished cells are kept. Free space or set permissions and give "
        "the same command again to continue, or choose another folder with --out"
    )


class Store:
    """The finished cells of a run folder, those of earlier settings too; a context manager."""

    FILE = "cells.sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with disk_errors(folder):
            self._connection = sqlite3.connect(folder / self.FILE)
            try:
                self._open()
            except BaseException:
                self._connection.close()
                raise

    def _open(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise BenchError(
                f"{self._folder / self.FILE} was written by another version of cryptobench; choose another --out"
            )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self._connection:
            self._connection.execute(_SCHEMA)
            self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def add(self, cell: Cell, result: CellResult) -> None:
        """Keep a result: its pictures as files, then everything else in one transaction."""
        with disk_errors(self._folder):
            pictures = [self._write(cell, name, content) for name, content in result.pictures]
            with self._connection:
                self._connection.execute(
                    "INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        result.address, cell.cipher_name, cell.image_name, cell.analysis_name,
                        cell.height * cell.width * cell.channels, result.status, result.message, result.final,
                        result.seconds, json.dumps(pictures), result.rows,
                    ),
                )  # fmt: skip

    def finished(self, addresses: Iterable[str]) -> set[str]:
        """Those cells that need not run: results that are final and whose pictures are still there, unchanged."""
        wanted = set(addresses)
        with disk_errors(self._folder):
            found = self._connection.execute("SELECT address, pictures FROM cells WHERE final").fetchall()
            return {
                address
                for address, pictures in found
                if address in wanted and all(self._unchanged(*picture) for picture in json.loads(pictures))
            }

    def costs(self) -> list[tuple[str, str, int, float]]:
        """(cipher, analysis, samples, seconds) of every cell measured so far."""
        with disk_errors(self._folder):
            query = "SELECT cipher, analysis, samples, seconds FROM cells WHERE status = 'ok' ORDER BY rowid"
            return self._connection.execute(query).fetchall()

    def statuses(self, addresses: Iterable[str]) -> Iterator[tuple[str, str, float]]:
        """(status, message, seconds) of each address, in the order given."""
        for address in addresses:
            yield self._one("status, message, seconds", address)

    def rows(self, addresses: Iterable[str]) -> Iterator[dict[str, Any]]:
        """All rows of the given cells, in the order given."""
        for address in addresses:
            stored = self._one("rows", address)[0]
            try:
                rows = list(decode_rows(stored))
            except (zlib.error, ValueError, KeyError, TypeError) as error:
                raise _damaged(self._folder, error) from error
            yield from rows

    def _one(self, columns: str, address: str) -> Any:
        with disk_errors(self._folder):
            query = f"SELECT {columns} FROM cells WHERE address = ?"
            return self._connection.execute(query, (address,)).fetchone()

    def _write(self, cell: Cell, name: str, content: bytes) -> tuple[str, str]:
        relative = Path("pictures", cell.cipher_name, cell.image_name, name)
        path = self._folder / relative
        write_bytes(path, content)
        return relative.as_posix(), hashlib.sha256(content).hexdigest()

    def _unchanged(self, relative: str, digest: str) -> bool:
        path = self._folder / relative
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest
