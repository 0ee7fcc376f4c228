"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, content: bytes) -> None:
    """Write ``content`` beside ``path``, then move it there, so that a process killed on the way leaves the old file.

    OSError, with ``path`` as its file name, if the disk is full or the place cannot be written; the old file stays.
    """
    waiting = path.with_name(path.name + ".new")
    try:
        with waiting.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        waiting.unlink(missing_ok=True)
