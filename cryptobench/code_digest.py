"""A digest of the code, data files and trained weights that a class depends on, from source text alone."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from cryptobench.source_facts import Base, parse
from cryptobench.source_index import INDEX, facts

__all__ = ["code_digest", "module_file", "source_texts_say", "take_over", "weight_files"]

P = ParamSpec("P")
T = TypeVar("T")

# Between quotes in a source text: names of files, with folders before them or not, and of folders or packages.
_FILE_NAME = re.compile(r"""["']((?:[\w. -]+/)*[\w. -]*\w\.[A-Za-z]\w{0,11})["']""")
_FOLDER_NAME = re.compile(r"""["']([\w-][\w.-]{0,60})["']""")
_OWN = "cryptobench"  # its __init__ leads everywhere: it does not count where only modules are imported from it
_NO_DATA = (".safetensors", "__init__.py")  # the manifests of the first count, which hold their hashes
_SETTLED_SECONDS = 2  # a file that changed so shortly before it was read may change again at the same time
_said: dict[tuple[object, ...], object] = {}  # by a function of this module, a file and the SHA-256 of its content
_hashes: dict[Path, tuple[int, int, int, str]] = {}  # time of the last change, size, place on the disk; the hash


def source_texts_say() -> Mapping[tuple[object, ...], object]:
    """What source texts have been found to say so far, by their content; another process may `take_over` it."""
    return dict(_said)


def take_over(said: Mapping[tuple[object, ...], object]) -> None:
    """What another process found source texts to say: files with the same content need not be parsed here."""
    _said.update(said)


def _by_content(function: Callable[P, T]) -> Callable[P, T]:
    """Keeps what a function finds in a file, by the hash of its content, which is its last argument.

    In a notebook, or in a session of tests, files change meanwhile.
    """

    @wraps(function)
    def known(*arguments: P.args, **none: P.kwargs) -> T:
        file, *others = arguments
        key = (function.__name__, str(file), *others)  # texts are compared many times as fast as paths
        if key not in _said:
            _said[key] = function(*arguments, **none)
        return cast("T", _said[key])

    return known


def _hash(file: Path) -> str:
    """The SHA-256 of a file's content, which is read again once anything of the file has changed.

    The time is that of the last change, which no program can set back, unlike that of the last modification.
    """
    about = file.stat()
    now = about.st_ctime_ns, about.st_size, about.st_ino
    found = _hashes.get(file)
    if found is not None and found[:3] == now:
        return found[3]
    content = hashlib.sha256(file.read_bytes()).hexdigest()
    if time.time_ns() - about.st_ctime_ns > _SETTLED_SECONDS * 10**9:
        _hashes[file] = *now, content
    return content


def module_file(module: str, folder: Path | None = None) -> Path | None:
    """The source file of a dotted module name, without importing any package on the way.

    Top-level names are looked for in ``folder`` first, if one is given.
    """
    top, *rest = module.split(".")
    root = _top_level(top, folder)
    if root is None:
        return None
    if not rest:
        return root
    place = f"{root.parent}{os.sep}{module.partition('.')[2].replace('.', os.sep)}"
    candidates = (f"{place}.py", f"{place}{os.sep}__init__.py")  # texts: every name that is imported has two
    return next((Path(path) for path in candidates if os.path.isfile(path)), None)  # noqa: PTH113


def weight_files(path: Path, class_name: str, package: str | None = None) -> tuple[Path, ...] | None:
    """The trained weights that a class names, itself or through a base class, in ``weights = ("name", ...)``.

    None if it names none. A name is of ``weights/name.safetensors`` beside the source file that says so, or of a
    file there if it ends in .safetensors. ``package`` is the dotted name of the package the file belongs to.
    """
    found = facts(path).find(class_name)
    if found is None:
        return None
    if found.weights is not None:
        return tuple(_weight_file(path, name) for name in found.weights)
    for base in found.bases:
        place = _class_place(path, package, base)
        if place is not None and (inherited := weight_files(*place)) is not None:
            return inherited
    return None


def code_digest(path: Path, package: str | None = None, *, data: bool = True, prose: bool = True) -> str:
    """A sha256 over a source file and every file of ours, or of its own package or folder, that it imports.

    ``package`` is the dotted name of the package the file belongs to; None for a file outside any package.
    Where a class in one of these files names trained weights, their manifests, which hold their hashes, count too;
    where it does so by anything but a literal, every manifest in the folder ``weights`` beside that file. So do, with
    ``data``, the files that one of these files names between quotes: files beside it, in a folder beside it that it
    also names, or in a package of ours that it also names. Names that are computed are not found.

    Without ``prose`` comments, docstrings and the layout of Python files do not count: what they compute is the same.
    That digest is of the syntax tree, and another one under another version of Python.
    """
    seen: dict[Path, str] = {}
    waiting = [(path.resolve(), package)]
    while waiting:
        file, inside = waiting.pop()
        if file in seen:
            continue
        content = seen[file] = _hash(file)
        for other in [*_manifests(file, content), *(_data_files(file, inside, content) if data else ())]:
            if other.suffix == ".py":
                waiting.append((other, inside))
            else:
                seen[other] = _hash(other)
        waiting += _imported_files(file, inside, content)
    # Only content counts, so that moving a checkout changes nothing.
    digests = seen.values() if prose else [_meaning(file, content) for file, content in seen.items()]
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


@_by_content
def _meaning(file: Path, content: str) -> str:
    """A digest of what a Python file computes: its syntax tree without docstrings; of another file its content's."""
    if file.suffix != ".py":
        return content
    tree = ast.parse(file.read_bytes(), filename=file.name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _manifests(file: Path, content: str) -> list[Path]:
    """The manifests that are there, of the weights that the classes in a source file name."""
    found: set[Path] = set()
    for names in _weights(file, content):
        if names is None:
            found |= set((file.parent / "weights").glob("*.json"))
        else:
            found |= {_weight_file(file, name).with_suffix(".json") for name in names}
    return sorted(manifest for manifest in found if manifest.is_file())


def _data_files(file: Path, package: str | None, content: str) -> list[Path]:
    """The files that are there, of those that a source file names."""
    return (_data_of_ours if _is_ours(package) else _data_found)(file, content)


def _data_found(file: Path, content: str) -> list[Path]:
    names, folders, packages = _named(file, content)
    if not names:
        return []
    places = [file.parent, *(file.parent / folder for folder in folders)]
    places += [init.parent for package in packages if (init := module_file(package)) is not None]
    real = (place for place in places if place.is_dir())
    there = (f"{place}{os.sep}{name}" for place in real for name in names)  # texts: nearly none is there
    found = {Path(path).resolve() for path in there if os.path.isfile(path)}  # noqa: PTH113
    return sorted(found - {file, INDEX.resolve()}) if found else []


_data_of_ours = cache(_data_found)


@_by_content
def _named(file: Path, content: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What a source file has between quotes that can name data files, folders, and packages of ours."""
    text = file.read_text("utf-8", errors="replace")
    names = frozenset(name for name in _FILE_NAME.findall(text) if not name.endswith(_NO_DATA))
    words = frozenset(_FOLDER_NAME.findall(text)) if names else frozenset()
    return names, words, frozenset(word for word in words if word.split(".")[0] == _OWN)


@_by_content
def _weights(file: Path, content: str) -> tuple[tuple[str, ...] | None, ...]:
    """The weights that each class of a file names; None for names that are no literal."""
    source = file.read_bytes()
    if b"weights" not in source:
        return ()
    classes = parse(source, file.name).classes
    return tuple(entry.weights for entry in classes if entry.weights is not None or entry.computed_weights)


def _weight_file(source: Path, name: str) -> Path:
    folder = source.parent
    return folder / name if name.endswith(".safetensors") else folder / "weights" / f"{name}.safetensors"


def _class_place(path: Path, package: str | None, base: Base) -> tuple[Path, str, str | None] | None:
    """(source file, class name, package) of a base class of a class in the source file ``path``."""
    if base.module is None:
        return path, base.name, package
    module = _absolute(base.module, base.level, package)
    if module is None:
        return None
    file = module_file(module, None if package else path.parent) or module_file(module)
    if file is None:
        return None
    return file, base.name, module if file.name == "__init__.py" else module.rpartition(".")[0] or None


def _imported_files(file: Path, package: str | None, content: str) -> tuple[tuple[Path, str | None], ...]:
    return (_files_of_ours if _is_ours(package) else _files_found)(file, package, content)


def _is_ours(package: str | None) -> bool:
    return package is not None and package.split(".")[0] == _OWN


def _files_found(file: Path, package: str | None, content: str) -> tuple[tuple[Path, str | None], ...]:
    tops = {_OWN} | ({package.split(".")[0]} if package else set())
    folder = None if package else file.parent
    found: list[tuple[Path, str | None]] = []
    for module in _imported_modules(file, package, content):
        top = module.split(".")[0]
        if top in tops:
            imported = module_file(module)
            if imported is not None:
                is_package = imported.name == "__init__.py"
                found.append((imported.resolve(), module if is_package else module.rpartition(".")[0]))
        elif folder is not None and (imported := module_file(module, folder)) and folder in imported.parents:
            found.append((imported.resolve(), None))
    return tuple(found)


_files_of_ours = cache(_files_found)


@_by_content
def _imported_modules(file: Path, package: str | None, content: str) -> tuple[str, ...]:
    modules: list[str] = []
    for node in _statements(ast.parse(file.read_bytes(), filename=file.name)):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node.module or "", node.level, package)
            if base is not None:
                names = [alias.name for alias in node.names]
                if base == _OWN and all(map(_own_module, names)):
                    modules += filter(None, map(_own_module, names))
                else:
                    modules += [base, *(f"{base}.{name}" for name in names)]
    return tuple(modules)


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """All statements of a file, those in functions and branches too; many times as fast as `ast.walk`."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting += getattr(node, name, ())
        if isinstance(node, ast.stmt):
            yield node


@cache
def _own_module(name: str) -> str | None:
    """The module of ours that a name imported from the package stands for; None if it is not known."""
    package = module_file(_OWN)
    if module_file(f"{_OWN}.{name}") is not None or package is None:
        return f"{_OWN}.{name}"
    exports = [node for node in ast.walk(_tree(package)) if isinstance(node, ast.ImportFrom)]
    return next((node.module for node in exports if name in {alias.name for alias in node.names}), None)


def _absolute(module: str, level: int, package: str | None) -> str | None:
    """The dotted name of a module that is imported from ``package``; None if it is relative to no package."""
    if not level:
        return module
    if package is None:
        return None
    parents = package.split(".")[: len(package.split(".")) - level + 1]
    return ".".join([*parents, module] if module else parents)


def _top_level(name: str, folder: Path | None) -> Path | None:
    if folder is None:
        return _installed(name)
    candidates = (folder / f"{name}.py", folder / name / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


@cache
def _installed(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=path.name)
