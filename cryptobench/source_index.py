"""The index of what the package's source files say, so that a list of ciphers needs no parsing.

An entry is found by the hash of a file's content. A file that is new or has changed has none and is parsed; an index
that is missing, damaged or made by other code counts as empty. The index is therefore never wrong, only slower.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from cryptobench import card, source_facts
from cryptobench.files import write_text
from cryptobench.source_facts import SourceFacts, from_json, parse, to_json

__all__ = ["INDEX", "PACKAGE", "SourceIndex", "facts", "package_index"]

PACKAGE = Path(__file__).parent
INDEX = PACKAGE / "index.json"


class SourceIndex:
    """What source files say, kept in a JSON file; ``complete`` is false once a file of ``folder`` had to be parsed."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self.complete = True
        self._stored = _load(path)
        self._known: dict[str, SourceFacts] = {}
        self._own: set[str] = set()
        self._prefix = f"{folder}{os.sep}"

    def facts(self, file: Path) -> SourceFacts:
        """What a source file says; SyntaxError if it is no Python."""
        content = file.read_bytes()
        key = hashlib.sha256(content).hexdigest()
        entry = self._stored.get(key)
        if key not in self._known:
            self._known[key] = parse(content, file.name) if entry is None else from_json(entry)
        if key not in self._own and str(file).startswith(self._prefix):
            self._own.add(key)
            self.complete = self.complete and entry is not None
        return self._known[key]

    def save(self) -> None:
        """Write what the files of ``folder`` said that were asked for; OSError if that is not possible."""
        files = {key: to_json(self._known[key]) for key in sorted(self._own)}
        text = json.dumps({"digest": _digest(files), "files": files}, indent=0, ensure_ascii=False)
        write_text(self.path, text + "\n")


@cache
def package_index() -> SourceIndex:
    """The index of this package's own files."""
    return SourceIndex(INDEX, PACKAGE)


def facts(file: Path) -> SourceFacts:
    """What a source file says, of this package or another; SyntaxError if it is no Python."""
    return package_index().facts(file)


def _load(path: Path) -> dict[str, dict[str, Any]]:
    try:
        index = json.loads(path.read_bytes())
        files: dict[str, dict[str, Any]] = index["files"]
        return files if index["digest"] == _digest(files) else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _digest(files: dict[str, dict[str, Any]]) -> str:
    """A hash of the entries and of the code that makes them."""
    code = b"".join(Path(str(module.__file__)).read_bytes() for module in (source_facts, card))
    return hashlib.sha256(code + json.dumps(files, sort_keys=True).encode()).hexdigest()
