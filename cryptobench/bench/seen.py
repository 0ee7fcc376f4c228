"""The files that a cipher which is not built in depends on: as planned, and as its worker sees them.

A file that only some keys or images make it load is not seen when it is tried before the run. The worker sees it then:
its cell fails, the run's folder keeps the file's path, and from the next planning on it counts.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cryptobench.bench.cell import Cell
from cryptobench.bench.errors import BenchError
from cryptobench.files import write_text
from cryptobench.own_files import is_own
from cryptobench.reading import MEBIBYTE, Source
from cryptobench.shapes import array, mapping, string

if TYPE_CHECKING:
    from cryptobench.cipher import Cipher
    from cryptobench.watch import Watch

__all__ = [
    "code_here",
    "further_files",
    "known_files",
    "load_watched",
    "remember",
    "said_of",
    "unseen",
    "watch_calls_of",
]

_FILE = "files_seen.json"
_watches: dict[str, Watch] = {}


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

    A run's folder may be anybody's: only files below the cipher's own folder count, or in one from which it has read
    (``seen`` are pairs of a path and a digest), and no other file is opened.
    """
    home = Path(os.path.realpath(_home(reference)))
    beside = {Path(path).parent for path, _ in seen}
    found = [Path(os.path.realpath(home / path)) for path in known.get(name, ()) if "\0" not in path]
    return [
        str(path)
        for path in found
        if (path.is_relative_to(home) or path.parent in beside) and is_own(str(path)) and path.is_file()
    ]


def remember(folder: Path, cell: Cell, paths: Iterable[str]) -> None:
    """Add files that the worker of a cell saw; the folder need not be the same one when they are read again."""
    home = _home(cell.cipher)
    known = known_files(folder)
    relative = {Path(os.path.relpath(path, home)).as_posix() for path in paths}
    known[cell.cipher_name] = tuple(sorted({*known.get(cell.cipher_name, ()), *relative}))
    write_text(folder / _FILE, json.dumps(known, indent=2) + "\n")


def _home(reference: str) -> Path:
    """The folder of a cipher's source file."""
    from cryptobench.registry import locate

    return locate("cipher", reference).file.parent


def load_watched(reference: str) -> tuple[Cipher, str]:
    """A cipher, and the digest of its code that its source text gives; what it reads is seen from now on."""
    from cryptobench.registry import code_version, load_cipher
    from cryptobench.watch import Watch, watching

    watch, before = _watches.setdefault(reference, Watch()), set(sys.modules)
    with watching(watch):
        cipher = load_cipher(reference)
    watch.add_modules(before)
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
    from cryptobench.own_files import content_hash, installed_version
    from cryptobench.preflight import code_of

    read = _watches[reference].files
    here = {path: read.get(path) or content_hash(path) or "" for path, _ in files}
    return code_of(static, here, [installed_version(version.partition("==")[0]) for version in versions])


def unseen(cell: Cell) -> tuple[str, ...]:
    """The files that the cell's cipher has read in this process and that were not planned."""
    if not cell.isolated:
        return ()
    planned = {path for path, _ in cell.files}
    return tuple(sorted(path for path in _watches[cell.cipher].files if path not in planned))


def said_of(paths: Iterable[str]) -> str:
    """Why a cell has failed that read these files."""
    names = [Path(path).name for path in paths]
    verb = "loaded" if any(name.endswith(".py") for name in names) else "read"
    return f"{verb} {' and '.join(names)}, not seen before; run again"
