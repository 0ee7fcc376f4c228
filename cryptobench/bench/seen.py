"""The files that a cipher which is not built in depends on: as planned, and as its worker sees them.

A file that only some keys or images make it load is not seen when it is tried before the run. The worker sees it then:
its cell fails, the run's folder keeps the file's path, and from the next planning on it counts.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from cryptobench.bench.cell import Cell
from cryptobench.bench.errors import BenchError
from cryptobench.files import write_text
from cryptobench.own_files import MADE, content_hash, installed_version, is_own
from cryptobench.reading import MEBIBYTE, Source
from cryptobench.shapes import array, mapping, string

if TYPE_CHECKING:
    from cryptobench.cipher import Cipher
    from cryptobench.watch import Watch

__all__ = [
    "code_here",
    "further_files",
    "known_files",
    "late",
    "load_watched",
    "remember",
    "unseen",
    "watch_calls_of",
]

_FILE = "files_seen.json"
_PROJECT = (".git", "pyproject.toml", "setup.py", "setup.cfg")
_watches: dict[str, Watch] = {}
_states: dict[str, tuple[int, ...]] = {}  # of planned files, when they were read


def known_files(folder: Path) -> dict[str, tuple[str, ...]]:
    """By cipher name, the paths that workers saw in a run's folder, relative to the cipher's own; empty if none."""
    source = Source(folder / _FILE, BenchError, "delete it, and give the same command again", home=folder)
    if not source.exists():
        return {}
    return {name: tuple(paths) for name, paths in source.json(mapping(array(string), string), MEBIBYTE).items()}


def further_files(
    known: Mapping[str, Iterable[str]], name: str, reference: str, seen: Iterable[tuple[str, str]] = ()
) -> list[str]:
    """What `known_files` has for a cipher of this name, as paths that hold here.

    A run's folder may be anybody's: only files of the cipher's own project count, on Python's path, or in a folder from
    which it has read (``seen`` are pairs of a path and a digest), and no other file is opened.
    """
    home, beside = _home(reference), {Path(path).parent for path, _ in seen}
    found = [
        path if path.startswith(MADE) else os.path.abspath(home / path)  # noqa: PTH100
        for path in known.get(name, ())
        if "\0" not in path
    ]
    return [
        path for path in found if path.startswith(MADE) or (_may_count(path, home, beside) and Path(path).is_file())
    ]


def _may_count(path: str, home: Path, beside: Collection[Path]) -> bool:
    place = Path(path)
    near = place.parent in beside or any(map(place.is_relative_to, _roots(home)))
    return near and is_own(os.path.realpath(path))


def _roots(home: Path) -> list[Path]:
    """The folder of a cipher's source file, that of its project, and those of a user's own on Python's path."""
    projects = (folder for folder in home.parents if any((folder / mark).exists() for mark in _PROJECT))
    entries = (Path(entry) for entry in sys.path if os.path.isabs(entry) and is_own(os.path.realpath(f"{entry}/x")))  # noqa: PTH117
    wide = (Path(home.anchor), Path.home(), *Path.home().parents)
    return [home, *(folder for folder in (*islice(projects, 1), *entries) if folder not in wide)]


def remember(folder: Path, cell: Cell, paths: Iterable[str]) -> None:
    """Add files that the worker of a cell saw; the folder need not be the same one when they are read again."""
    home = _home(cell.cipher)
    known = known_files(folder)
    relative = {path if path.startswith(MADE) else Path(os.path.relpath(path, home)).as_posix() for path in paths}
    known[cell.cipher_name] = tuple(sorted({*known.get(cell.cipher_name, ()), *relative}))
    write_text(folder / _FILE, json.dumps(known, indent=2) + "\n")


def _home(reference: str) -> Path:
    """The folder of a cipher's source file."""
    from cryptobench.registry import locate

    return locate("cipher", reference).file.parent


def load_watched(reference: str) -> tuple[Cipher, str]:
    """A cipher, and the digest of its code that its source text gives; what it reads is seen from now on."""
    from cryptobench.registry import code_version, load_cipher, locate
    from cryptobench.watch import Watch, watching

    before, watch = _watches.get(reference), Watch(str(locate("cipher", reference).file))
    if before is not None:  # the process has run out of memory, and dropped what it had
        watch.files.update(before.files)
    _watches[reference] = watch
    with watching(watch):
        cipher = load_cipher(reference)
    watch.add_modules()
    return cipher, code_version("cipher", reference)


def watch_calls_of(cell: Cell) -> None:
    """See what the cell's cipher reads while it encrypts and decrypts, if it is not built in; else see nothing."""
    from cryptobench.watch import watch_calls

    watch_calls(_watches.get(cell.cipher) if cell.isolated else None)


def code_here(cell: Cell, static: str) -> str:
    """The digest of a cipher's planned files and packages as they are here; ``static`` is that of its source text."""
    return _code_here(cell.cipher, static, cell.files, cell.versions)


@cache
def _code_here(reference: str, static: str, files: tuple[tuple[str, str], ...], versions: tuple[str, ...]) -> str:
    from cryptobench.preflight import code_of

    read = _watches[reference].files
    _states.update({path: _state(path) for path, _ in files})
    here = {path: read.get(path) or content_hash(path) or "" for path, _ in files}
    return code_of(static, here, [installed_version(version.partition("==")[0]) for version in versions])


def _state(path: str) -> tuple[int, ...]:
    """What changes when a file does, as a rule."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino


def late(cell: Cell) -> str:
    """Why a cell that has just been measured has failed nevertheless; empty if all that it read was as planned."""
    if further := unseen(cell):
        return _said_of(further, cell)
    changed = [
        path
        for path, content in cell.files
        if not path.endswith(".py") and _state(path) != _states.get(path) and content_hash(path) != content
    ]
    return f"{Path(changed[0]).name} has changed while the cipher was measured; run again" if changed else ""


def unseen(cell: Cell) -> tuple[str, ...]:
    """The files that the cell's cipher has read in this process and that were not planned."""
    if not cell.isolated:
        return ()
    planned = {path for path, _ in cell.files}
    further = [path for path in _watches[cell.cipher].files if path not in planned]
    if further:  # one file may have two paths
        real = {os.path.realpath(path) for path in planned}
        further = [path for path in further if os.path.realpath(path) not in real]
    return tuple(sorted(further))


def _said_of(paths: Iterable[str], cell: Cell) -> str:
    names = ["code that it made" if path.startswith(MADE) else Path(path).name for path in paths]
    verb = "loaded" if any(name.endswith(".py") for name in names) else "read"
    home, beside = _home(cell.cipher), {Path(path).parent for path, _ in cell.files}
    far = [path for path in paths if not path.startswith(MADE) and not _may_count(path, home, beside)]
    remedy = f"name it in the card: files=({os.path.relpath(far[0], home)!r},)" if far else "run again"
    return f"{verb} {' and '.join(names)}, not seen before; {remedy}"
