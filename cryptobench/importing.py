"""Imports source files given by path, each as the module that its own imports need it to be.

A file whose imports are relative, or name a package that it lies in, is a module of that package; any other is a module
of its own. What it imports is looked for in the package's folder, or the file's, after Python's own path. Modules of
two such folders may have one name: importing from one puts the other's aside, and `at_home` brings them back.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from cryptobench.catalogue import built_in_folders
from cryptobench.code_digest import module_file

__all__ = ["at_home", "import_file"]

_homes: list[str] = []  # folders that files were imported from, those in use first
_added: set[str] = set()  # those of them that were not on Python's path before
_contents: dict[str, tuple[str, str, bytes | None]] = {}  # by module, its file, its home, and what the file held
_aside: dict[str, dict[str, ModuleType]] = {}  # by home, its modules whose names another home uses now


def import_file(file: Path) -> ModuleType:
    """The module of a source file, under the name that an ordinary import would give it wherever there is one.

    numba's cache on disk keeps the name that a module was first compiled under, so two names for one file break it.
    A file that has changed since it was imported here is imported anew, with all modules of its folder. ImportError and
    whatever else the file raises.
    """
    _forget_changed()
    before = set(sys.modules)
    module = _imported(file)
    _remember_contents(sys.modules.keys() - before)
    return module


def _imported(file: Path) -> ModuleType:
    package_name = _importable_name(file)
    if package_name is not None:
        return importlib.import_module(package_name)
    root = _package_root(file)
    _enter(root, file.parent)
    if root != file.parent:
        return _import_member(root, file)
    name = file.stem
    if not _is_module(name, file):
        name = f"{file.stem}_{hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"
    if _is_module(name, file) and name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file.name} is no Python file")
    return _execute(spec)


def _forget_changed() -> None:
    """Take away the modules of each home in which a file has changed since it was imported."""
    changed = {home for path, home, content in _contents.values() if _content_of(path) != content}
    if not changed:
        return
    for name, (_, home, _) in list(_contents.items()):
        if home in changed:
            del _contents[name]
            sys.modules.pop(name, None)
    for home in changed:
        _aside.pop(home, None)


def _remember_contents(names: Iterable[str]) -> None:
    """Remember what the files of those of these modules hold now that lie in a home."""
    for name in names:
        path = getattr(sys.modules.get(name), "__dict__", {}).get("__file__")
        if isinstance(path, str):
            home = next((home for home in map(str, Path(path).parents) if home in _added), None)
            if home is not None:
                _contents[name] = path, home, _content_of(path)


def _content_of(path: str) -> bytes | None:
    from cryptobench.watch import unwatched

    try:
        with unwatched():
            return Path(path).read_bytes()
    except OSError:
        return None


def at_home(file: Path) -> None:
    """Let what a source file imports from now on, in its functions, come from its own folders."""
    if _importable_name(file) is None:
        _enter(_package_root(file), file.parent)


def _enter(*folders: Path) -> None:
    """Have Python find modules in these folders, before any other home, and put aside those of one name."""
    homes = list(dict.fromkeys(map(str, folders)))
    if _homes[: len(homes)] == homes:
        return
    for home in homes:
        _put_aside(Path(home), homes)
    for home in homes:
        for name, module in _aside.pop(home, {}).items():
            sys.modules.setdefault(name, module)
    sys.path[:] = [entry for entry in sys.path if entry not in _added]
    _homes[:] = [*homes, *(home for home in _homes if home not in homes)]
    _added.update(home for home in homes if home not in sys.path)
    sys.path += [home for home in _homes if home in _added]
    importlib.invalidate_caches()


def _put_aside(home: Path, own: list[str]) -> None:
    """Take away the modules of other homes whose names this one uses too."""
    try:
        used = {entry.stem for entry in home.iterdir() if entry.suffix == ".py" or entry.is_dir()}
    except OSError:  # a folder that may be entered but not listed
        used = {name.partition(".")[0] for name in sys.modules}
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        if top not in used:
            continue
        owner = next((other for other in _homes if other not in own and _lies_in(sys.modules.get(top), other)), None)
        if owner is not None:
            _aside.setdefault(owner, {})[name] = module
    for names in _aside.values():
        for name, module in names.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _lies_in(module: ModuleType | None, home: str) -> bool:
    """Whether a top-level module was imported from this folder."""
    spec = getattr(module, "__spec__", None)
    places = [*(getattr(spec, "submodule_search_locations", None) or ()), getattr(spec, "origin", None)]
    return any(isinstance(place, str) and str(Path(place).parent) == home for place in places)


def _import_member(root: Path, file: Path) -> ModuleType:
    """Import a file of a package whose top folder lies in ``root``, with or without ``__init__.py``."""
    parts = file.relative_to(root).with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    top, folder = parts[0], root / parts[0]
    if not _has_folder(_specification(top), folder):
        for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
            del sys.modules[name]
        _execute(_package_specification(top, folder))
    return importlib.import_module(".".join(parts))


def _specification(top: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None


def _has_folder(spec: ModuleSpec | None, folder: Path) -> bool:
    places = (spec.submodule_search_locations or ()) if spec is not None else ()
    return any(Path(place).resolve() == folder for place in places)


def _package_specification(top: str, folder: Path) -> ModuleSpec:
    init = folder / "__init__.py"
    if init.is_file():
        spec = importlib.util.spec_from_file_location(top, init, submodule_search_locations=[str(folder)])
        assert spec is not None
        return spec
    spec = ModuleSpec(top, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    return spec


def _execute(spec: ModuleSpec) -> ModuleType:
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # numba and pickle look a class's module up here
    try:
        if spec.loader is not None:
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(spec.name, None)
        raise
    return module


def _package_root(file: Path) -> Path:
    """The folder from which a file's dotted name counts: its own, or one above it if its imports need a package."""
    root, waiting, seen = file.parent, [file], set[Path]()
    while waiting:
        source = waiting.pop()
        if source in seen or not source.is_file():
            continue
        seen.add(source)
        for base, members in _own_imports(source):
            if not base.parent.is_relative_to(root):
                root = base.parent
            waiting += members
    if root != file.parent:
        while (root / "__init__.py").is_file() and root != root.parent:
            root = root.parent
    named = all(part.isidentifier() for part in file.relative_to(root).with_suffix("").parts)
    return root if named else file.parent


def _own_imports(source: Path) -> Iterator[tuple[Path, list[Path]]]:
    """The package folders above a source file that it imports from, and the files there that it imports."""
    for node in ast.walk(ast.parse(source.read_bytes(), filename=source.name)):
        if isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if node.level and node.level <= len(source.parents):
                base = source.parents[node.level - 1]
                yield base, _members(base, (node.module or "").split(".") if node.module else [], names)
            elif not node.level:
                yield from _absolute_import(source, node.module or "", names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from _absolute_import(source, alias.name, [])


def _absolute_import(source: Path, module: str, names: list[str]) -> Iterator[tuple[Path, list[Path]]]:
    top, *rest = module.split(".")
    for folder in source.parents:
        if folder.name == top:
            files = _members(folder, rest, names)
            if files or (not rest and (folder / "__init__.py").is_file()):
                yield folder, files
                return


def _members(folder: Path, parts: list[str], names: list[str]) -> list[Path]:
    """The files of the module ``parts`` of a package folder, and of the modules of it that ``names`` are."""
    place = folder.joinpath(*parts)
    places = [place, *(place / name for name in names)] if parts else [folder / name for name in names]
    found = (candidate for path in places for candidate in (path.with_suffix(".py"), path / "__init__.py"))
    return [candidate for candidate in found if candidate.is_file()]


def _importable_name(file: Path) -> str | None:
    """The dotted name of a file that lies in a package that Python finds; None for a file of its own."""
    for package, folder in built_in_folders():
        if folder in file.parents:
            return ".".join((package, *file.relative_to(folder).with_suffix("").parts))
    parts, folder = [file.stem], file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    if str(folder) in _added and not any(_is_folder(entry, folder) for entry in sys.path if entry not in _added):
        return None
    found = module_file(".".join(parts)) if len(parts) > 1 else None
    return ".".join(parts) if found is not None and found.resolve() == file else None


def _is_folder(entry: str, folder: Path) -> bool:
    return Path(entry or ".").resolve() == folder


def _is_module(name: str, file: Path) -> bool:
    """Whether importing ``name`` gives, or gave, this very file."""
    loaded = sys.modules.get(name)
    if loaded is not None:
        return getattr(loaded, "__file__", None) == str(file)
    importlib.invalidate_caches()  # the file may be newer than Python's listing of its folder
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin == str(file)
