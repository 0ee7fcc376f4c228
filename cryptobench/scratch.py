"""Temporary folders that do not outlive their process for long, however it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
import weakref
from pathlib import Path

__all__ = ["ScratchFolder"]

_PREFIX = "cryptobench-tmp-"
_YOUNG_SECONDS = 60.0  # one that is being made has no lock for a moment


class ScratchFolder(tempfile.TemporaryDirectory[str]):
    """A temporary folder that goes with this object, with its block, or with its process.

    It is locked while its process lives. A process that is killed cannot remove it: that is done when this user makes
    the next one. OSError, which says what to do, where no temporary folder can be made.
    """

    def __init__(self) -> None:
        try:
            _remove_abandoned(Path(tempfile.gettempdir()))
            super().__init__(prefix=_PREFIX, ignore_cleanup_errors=True)
        except OSError as error:
            reason = os.strerror(error.errno).lower() if error.errno else str(error)
            raise OSError(f"no temporary folder can be made ({reason}); set TMPDIR to a folder with space") from error
        descriptor = _locked(self.name)
        if descriptor is not None:
            weakref.finalize(self, os.close, descriptor)


def _remove_abandoned(place: Path) -> None:
    """Remove those folders of this user whose process has gone."""
    found: list[os.DirEntry[str]] = []
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        found += [entry for entry in entries if entry.name.startswith(_PREFIX)]
    for entry in found:
        with contextlib.suppress(OSError):
            about = entry.stat(follow_symlinks=False)
            old = time.time() - about.st_mtime > _YOUNG_SECONDS
            if old and about.st_uid == os.geteuid() and (descriptor := _locked(entry.path)) is not None:
                try:
                    shutil.rmtree(entry.path, ignore_errors=True)
                finally:
                    os.close(descriptor)


def _locked(folder: str) -> int | None:
    """The descriptor of a folder that is locked from now on; None if another process has it, or it cannot be."""
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
