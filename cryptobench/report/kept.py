"""What a report was made of, kept beside it: a report that is written again writes only what has changed."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from cryptobench.files import write_bytes, write_text
from cryptobench.report.figures import PICTURES, ROWS
from cryptobench.results.attacks import is_attack
from cryptobench.results.run import RunData

__all__ = ["NAME", "Inputs", "Kept", "Written", "rows_of"]

NAME = ".report.json"
_SCHEMA = 1
_CODE = (".py", ".js", ".css", ".html", ".svg", ".toml")
_LIBRARIES = ("cryptobench", "matplotlib", "numpy", "pandas", "pillow", "fonttools")
_PARTS: WeakKeyDictionary[RunData, dict[tuple[str, ...], RunData]] = WeakKeyDictionary()


class Written(list[Path]):
    """All files of a report; ``changed`` are those that were written now, the others were as they are to be."""

    def __init__(self, paths: Iterable[Path], changed: Iterable[Path]) -> None:
        super().__init__(paths)
        self.changed = list(changed)


def rows_of(run: RunData, module: str) -> RunData:
    """The run as the figures of a module see it: with the rows that they are made of, and no others."""
    kinds = ROWS[module]
    if kinds is None:
        return run
    parts = _PARTS.setdefault(run, {})
    if kinds not in parts:
        parts[kinds] = run.with_rows(_kinds(run.table).isin(kinds))
    return parts[kinds]


class Inputs:
    """Digests of all that a report depends on, whole (``everything``) and by module of figures (``of``)."""

    def __init__(self, run: RunData, narrow: bool) -> None:
        self._run = run
        self._shared = _digest(
            _code(), str(narrow), repr([(c, run.family(c), run.label(c)) for c in run.ciphers]), repr(run.images),
            str(run.picture_image()), run.mine, run.ours_meaning, run.taken_meaning, _text(run.cards),
        )  # fmt: skip

    def of(self, module: str) -> str:
        """Of the figures of one module: code, ciphers, the rows and pictures that they show."""
        kinds = ROWS[module]
        rows = [self._rows[kind] for kind in sorted(self._rows) if kinds is None or kind in kinds]
        return _digest(self._shared, *rows, self._pictures if module in PICTURES else "")

    @cached_property
    def everything(self) -> str:
        """Of the whole report."""
        run = self._run
        return _digest(
            self._shared, *self._rows.values(), _order(run.table), self._pictures, _text(run.settings), run.name,
            repr((run.rows, run.grades, run.taken)),
        )  # fmt: skip

    @cached_property
    def _rows(self) -> dict[str, str]:
        """By analysis, and of all attacks together."""
        hashes = pd.util.hash_pandas_object(self._run.table, index=False).to_numpy()
        places = _kinds(self._run.table).groupby(_kinds(self._run.table)).indices
        return {str(kind): _digest(str(kind), hashes[where].tobytes()) for kind, where in sorted(places.items())}

    @cached_property
    def _pictures(self) -> str:
        run, digest = self._run, hashlib.sha256()
        if run.memory:
            for key, picture in sorted(run.memory.pictures.items()):
                digest.update(repr((key, picture.shape)).encode("utf-8", "backslashreplace") + picture.tobytes())
            return digest.hexdigest()
        for cipher in run.ciphers:
            for image in run.images:
                for name in run.picture_names(cipher, image):
                    path = run.folder / "pictures" / cipher / image / f"{name}.png"
                    digest.update(_digest(cipher, image, name, path.read_bytes()).encode())
        return digest.hexdigest()


@dataclass
class Kept:
    """The files of a report in the folder ``out`` with their digests, and those of what they were made of."""

    out: Path
    inputs: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    @staticmethod
    def load(out: Path) -> Kept:
        """What an earlier report left; nothing if it left none, or if that cannot be read."""
        try:
            found = json.loads((out / NAME).read_text("utf-8"))
            if found["schema"] != _SCHEMA or not all(map(_within, found["files"])):
                return Kept(out)
            texts = [*found["inputs"].values(), *found["files"].values(), *found["skipped"]]
            if not all(isinstance(text, str) for text in texts):
                return Kept(out)
            return Kept(out, dict(found["inputs"]), dict(found["files"]), list(found["skipped"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Kept(out)

    def save(self) -> None:
        """Keep it, after all files that it names: whatever stops a report before leaves the digests of before."""
        content = {"schema": _SCHEMA, "inputs": self.inputs, "files": self.files, "skipped": self.skipped}
        write_text(self.out / NAME, json.dumps(content, indent=0) + "\n")

    def unchanged(self, paths: Iterable[Path]) -> bool:
        """Whether all of these files are there as an earlier report wrote them."""
        return all(
            (content := _content(path)) is not None
            and hashlib.sha256(content).hexdigest() == self.files.get(self.name_of(path))
            for path in paths
        )

    def paths(self) -> list[Path]:
        """The files, in the order in which they were written."""
        return [self.out / name for name in self.files]

    def put(self, path: Path, content: bytes | str) -> bool:
        """Write one of its files, unless it holds that already; whether it was written."""
        data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
        self.files[self.name_of(path)] = hashlib.sha256(data).hexdigest()
        if _content(path) == data:
            return False
        write_bytes(path, data)
        return True

    def name_of(self, path: Path) -> str:
        """A file's name in the folder."""
        return path.relative_to(self.out).as_posix()


def _kinds(table: pd.DataFrame) -> pd.Series[str]:
    """The analysis of each row; of attacks, that it is one."""
    return table["analysis"].mask(is_attack(table), "attack")


def _order(table: pd.DataFrame) -> str:
    """In which order ciphers, images and analyses come."""
    return _digest(*(repr(table[column].unique().tolist()) for column in ("cipher", "image", "analysis")))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=False, default=repr)


def _code() -> str:
    """Of the package's own sources and the versions of what draws."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256(zlib.ZLIB_RUNTIME_VERSION.encode())
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            if name.endswith(_CODE):
                path = Path(folder, name)
                digest.update(_digest(path.relative_to(root).as_posix(), path.read_bytes()).encode())
    for library in _LIBRARIES:
        try:
            digest.update(f"{library} {version(library)}".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "backslashreplace") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _within(name: str) -> bool:
    """Whether a file's name in a report leads nowhere else."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\0" not in name
