"""Which files are a user's own, so that they count by content: neither Python's nor installed packages' nor ours.

Installed packages count by name and version, the system's libraries not at all.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import os
import re
import site
import stat
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cryptobench.source_index import PACKAGE

__all__ = ["MADE", "content_hash", "imported_from", "installed_version", "is_own", "labels", "source_of", "versions_of"]

MADE = "made/"  # before the sha256 of code that a cipher made itself, in place of a path
_SYSTEM = (
    "/proc", "/dev", "/sys", "/etc", "/run", "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64",
    "/usr/share", "/nix/store", "/System", "/Library",
)  # fmt: skip
_NOT_OWN_ENDINGS = (".nbi", ".nbc", f"{os.sep}pyvenv.cfg")  # the first two are what numba compiled
_NOT_OWN_FOLDERS = re.compile(r"[\\/](site-packages|dist-packages|__pycache__)[\\/]")
_LARGEST_PIECE = 1 << 20


def is_own(path: str) -> bool:
    """Whether an absolute path without links is of a user's own file."""
    return not (path.startswith(_elsewhere()) or path.endswith(_NOT_OWN_ENDINGS) or _NOT_OWN_FOLDERS.search(path))


@cache
def _elsewhere() -> tuple[str, ...]:
    """The beginnings of the paths of files of Python, of the system, of installed packages and of this one."""
    places = {os.path.dirname(os.__file__), *_SYSTEM, *site.getsitepackages(), site.getusersitepackages()}  # noqa: PTH120
    places |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    places |= {os.path.join(root, name) for root in (sys.prefix, sys.base_prefix) for name in ("bin", "lib")}  # noqa: PTH118
    ours = {PACKAGE, *(PACKAGE / name for name in ("baselines", "proposed"))}
    return tuple(f"{os.path.realpath(place)}{os.sep}" for place in {*places, *map(str, ours)})


def source_of(path: str) -> str:
    """The source file that a compiled one in ``__pycache__`` is of; any other path as it is."""
    if not path.endswith(".pyc"):
        return path
    try:
        return importlib.util.source_from_cache(path)
    except (ValueError, NotImplementedError):
        return path


def content_hash(path: str) -> str | None:
    """The sha256 of a file's content; None for what is no file, cannot be read, or is Python without a line of code."""
    if path.startswith(MADE):
        return path.removeprefix(MADE)
    digest, empty = hashlib.sha256(), path.endswith(".py")
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            return None
        with open(path, "rb") as file:  # noqa: PTH123
            while piece := file.read(_LARGEST_PIECE):
                digest.update(piece)
                empty = empty and not piece.strip()
    except (OSError, ValueError):
        return None
    return None if empty else digest.hexdigest()


def labels(paths: Iterable[str]) -> dict[str, str]:
    """For each path the shortest end of it that no other path has: names that stay when all are moved together."""
    waiting, found, depth = {path: path.replace(os.sep, "/").split("/") for path in paths}, dict[str, str](), 0
    while waiting:
        depth += 1
        ends = {path: "/".join(parts[-depth:]) for path, parts in waiting.items()}
        count = Counter(ends.values())
        done = [path for path, end in ends.items() if count[end] == 1 or depth >= len(waiting[path])]
        found |= {path: ends[path] for path in done}
        for path in done:
            del waiting[path]
    return found


def imported_from(files: Iterable[str]) -> tuple[set[str], set[str]]:
    """The own files that these source files import, they too, and the other top-level names, from the source text.

    Names are looked up on Python's path as it is now; nothing is imported. Files that are no Python import nothing.
    """
    seen: set[str] = set()
    others: set[str] = set()
    waiting = [path for path in files if path.endswith(".py")]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for level, module, names in _imports(path):
            found, other = _places(Path(path), level, module, names)
            waiting += found
            others |= other
    return seen, others


def _imports(path: str) -> list[tuple[int, list[str], list[str]]]:
    """(level, parts of the module's name, names) of each import of a source file."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    found: list[tuple[int, list[str], list[str]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(0, alias.name.split("."), []) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = node.module.split(".") if node.module else []
            found.append((node.level, parts, [alias.name for alias in node.names]))
    return found


def _places(source: Path, level: int, parts: list[str], names: list[str]) -> tuple[list[str], set[str]]:
    """The own files of one import, and the top-level name if it is of no own module."""
    if level:
        folders = [source.parents[level - 1]] if level <= len(source.parents) else []
        return _below(folders, parts, names), set()
    top, *rest = parts
    if top in sys.stdlib_module_names:
        return [], set()
    origin, folders = _top_level(top)
    found = [origin] if origin is not None and is_own(os.path.realpath(origin)) else []
    found += _below([folder for folder in folders if is_own(os.path.realpath(folder / "x"))], rest, names)
    return found, set() if found else {top}


def _top_level(name: str) -> tuple[str | None, list[Path]]:
    """The source file of a top-level module, and the folders that its members lie in."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None, []
    if spec is None:
        return None, []
    origin = spec.origin if spec.origin and Path(spec.origin).is_file() else None
    places = [Path(os.path.abspath(folder)) for folder in spec.submodule_search_locations or ()]  # noqa: PTH100
    return origin and os.path.abspath(origin), places  # noqa: PTH100


def _below(folders: Iterable[Path], parts: list[str], names: list[str]) -> list[str]:
    """The own source files in these folders of a module, of the packages on the way to it, and of its members."""
    found = []
    for folder in folders:
        steps = [folder.joinpath(*parts[:count]) for count in range(len(parts) + 1)]
        for step in [*steps, *(steps[-1] / name for name in names if name != "*")]:
            for candidate in (
                step.with_suffix(".py") if step != folder else step / "__init__.py",
                step / "__init__.py",
            ):
                if candidate.is_file() and is_own(os.path.realpath(candidate)):
                    found.append(str(candidate))
    return found


def versions_of(names: Iterable[str]) -> tuple[str, ...]:
    """``name==version`` of the installed distributions that these top-level modules are of, sorted."""
    wanted = set(names) - sys.stdlib_module_names - {PACKAGE.name}
    return _versions_of(frozenset(wanted), _installed_at()) if wanted else ()


def _installed_at() -> tuple[tuple[str, int], ...]:
    """The folders that packages are installed in, each with the time of its last change."""
    folders = []
    for entry in sys.path:
        try:
            folders.append((entry, os.stat(entry or ".").st_mtime_ns))  # noqa: PTH116
        except OSError:
            continue
    return tuple(folders)


@cache
def _versions_of(names: frozenset[str], places: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    # `importlib.metadata.packages_distributions` says the same, and takes ten times as long.
    named = re.compile(rf"^(?:{'|'.join(map(re.escape, sorted(names)))})(?:[/.]|$)", re.MULTILINE)
    found = set()
    for distribution in importlib.metadata.distributions():
        files = distribution.read_text("top_level.txt") or distribution.read_text("RECORD") or ""
        if named.search(files.replace("\\", "/")):
            found.add(distribution.metadata["Name"])
    return tuple(sorted(installed_version(name) for name in found if name))


def installed_version(distribution: str) -> str:
    """``name==version`` of an installed distribution, without a version if it is not installed."""
    try:
        return f"{distribution}=={importlib.metadata.version(distribution)}"
    except importlib.metadata.PackageNotFoundError:
        return f"{distribution}=="
