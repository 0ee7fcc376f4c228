"""Which ciphers, analyses and attacks there are: built in, found in source text, and entry points of other packages.

A file in one of the folders below that has a class with a literal card, or for analyses and attacks a literal
``name: ClassVar[str] = "..."``, is all that it takes. Nothing is imported. Folders called ``tools``, and files and
classes whose names begin with an underscore, hold no plug-ins.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from cryptobench.code_digest import module_file, weight_files
from cryptobench.source_facts import SourceFacts
from cryptobench.source_index import PACKAGE, facts, package_index

__all__ = [
    "PLURALS",
    "RENAMED",
    "Kind",
    "built_in_folders",
    "is_built_in",
    "plugins",
    "renamed",
    "renew_index",
    "unreadable",
]

Kind = Literal["cipher", "analysis", "attack"]
PLURALS: Mapping[Kind, str] = {"cipher": "ciphers", "analysis": "analyses", "attack": "attacks"}
RENAMED: Mapping[Kind, Mapping[str, str]] = {
    "cipher": {},
    "analysis": {},
    "attack": {
        "feedback_tables": "cipher_feedback",
        "histogram_kept": "histogram_preserved",
        "key_contract": "decryptability",
    },
}
_FOLDERS: Mapping[Kind, tuple[str, ...]] = {
    "cipher": ("baselines", "proposed"),
    "analysis": ("analyses",),
    "attack": ("attacks",),
}


@dataclass(frozen=True)
class _BuiltIn:
    """Class places ``module:Class`` by plug-in name, and a line for each file or class whose name cannot be read."""

    places: Mapping[str, tuple[str, ...]]
    unreadable: tuple[str, ...]


@cache
def plugins(kind: Kind) -> Mapping[str, tuple[str, ...]]:
    """The places ``module:Class`` of each plug-in by its name; more than one where a name is given twice."""
    places = {name: list(found) for name, found in _built_in(kind).places.items()}
    for point in importlib.metadata.entry_points(group=f"{PACKAGE.name}.{PLURALS[kind]}"):
        # Earlier versions of this package had entry points of their own, which stay until it is installed anew.
        if not point.value.startswith(f"{PACKAGE.name}."):
            places.setdefault(point.name, []).append(point.value)
    return {name: tuple(dict.fromkeys(places[name])) for name in sorted(places)}


def unreadable(kind: Kind) -> tuple[str, ...]:
    """A line for each built-in file or class whose name cannot be read."""
    return _built_in(kind).unreadable


def renamed(name: str) -> str:
    """The end of an error line about a name that a plug-in had in an earlier version, else the empty text."""
    new = next((names[name] for names in RENAMED.values() if name in names), None)
    return f"; it has a new name: {new!r}" if new else ""


def built_in_folders() -> Iterator[tuple[str, Path]]:
    """The dotted name and the real folder of each package with built-in ciphers; in a checkout one is a link."""
    for folder in _FOLDERS["cipher"]:
        yield f"{PACKAGE.name}.{folder}", (PACKAGE / folder).resolve()


def is_built_in(file: Path) -> bool:
    """Whether the source file of a cipher is one of this package's own."""
    return any(folder in file.resolve().parents for _, folder in built_in_folders())


def renew_index() -> Path:
    """Write the index of all built-in plug-ins, and of the classes that they inherit trained weights from."""
    for kind in _FOLDERS:
        for places in _scan(kind).places.values():
            for place in places if kind == "cipher" else ():
                module, _, class_name = place.partition(":")
                file = module_file(module)
                if file is not None:
                    weight_files(file, class_name, module.rpartition(".")[0])
    package_index().save()
    return package_index().path


@cache
def _built_in(kind: Kind) -> _BuiltIn:
    found = _scan(kind)
    if not package_index().complete:
        with contextlib.suppress(OSError):  # the folder of an installed package cannot always be written
            renew_index()
    return found


def _scan(kind: Kind) -> _BuiltIn:
    places: dict[str, list[str]] = {}
    problems: list[str] = []
    for folder in _FOLDERS[kind]:
        if not (PACKAGE / folder).is_dir():
            problems.append(f"{PACKAGE.name}/{folder} is no folder; git needs core.symlinks to check it out")
        for file in _source_files(PACKAGE / folder):
            path = file.relative_to(PACKAGE.parent)
            try:
                found = facts(file)
            except SyntaxError as error:
                problems.append(f"{path.as_posix()}, line {error.lineno}: {error.msg}")
                continue
            module = ".".join(path.with_suffix("").parts)
            for name, class_name in _named(kind, found):
                if name is None:
                    what = "card's name" if kind == "cipher" else "name"
                    problems.append(f"{path.as_posix()}: the {what} of class {class_name} is no literal")
                else:
                    places.setdefault(name, []).append(f"{module}:{class_name}")
    return _BuiltIn({name: tuple(classes) for name, classes in places.items()}, tuple(problems))


def _source_files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "tools" and not name.startswith(("_", ".")))
        names = sorted(name for name in files if name.endswith(".py") and not name.startswith(("_", ".")))
        yield from (Path(root, name) for name in names)


def _named(kind: Kind, found: SourceFacts) -> Iterator[tuple[str | None, str]]:
    """The plug-in name, None where it is no literal, and class name of each plug-in of a file."""
    for entry in found.classes:
        is_plugin = entry.plugin_name is not None or entry.computed_name
        if is_plugin and entry.has_card == (kind == "cipher") and not entry.name.startswith("_"):
            yield entry.plugin_name, entry.name
