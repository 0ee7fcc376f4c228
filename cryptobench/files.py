"""Files are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["remove_parts", "replacing", "write_bytes", "write_text"]


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Give a temporary path beside ``path``; it becomes ``path`` if the block succeeds, and is removed if not.

    A ``private`` file is its owner's alone (mode 0600) from the moment it exists, whatever ``path`` was before.
    Whatever an OSError in the block is about, it leaves with ``path`` as its file name: that is what was not written.
    """
    try:
        temporary = path.with_name(f".{path.name}.{os.getpid()}.part{path.suffix}")
        try:
            if private:
                temporary.unlink(missing_ok=True)  # one that a killed process of the same number left is not ours
                os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def remove_parts(folder: Path) -> None:
    """Remove what processes that were killed left of `replacing` in a folder to which no other process writes."""
    for part in folder.rglob(".*.[0-9]*.part*"):
        part.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file, and the folders that it lies in where there are none; nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path


def write_text(path: Path, content: str) -> Path:
    """`write_bytes` for UTF-8 text with "\\n" line ends; what is no Unicode is escaped."""
    return write_bytes(path, content.encode("utf-8", "backslashreplace"))
