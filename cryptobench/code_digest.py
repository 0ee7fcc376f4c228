"""A digest of the code, data files and trained weights that a class depends on, from source text alone."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cryptobench.source_facts import Base, parse
from cryptobench.source_index import INDEX, facts

__all__ = ["code_digest", "module_file", "weight_files"]

# Between quotes in a source text: names of files, with folders before them or not, and of folders or packages.
_FILE_NAME = re.compile(r"""["']((?:[\w. -]+/)*[\w. -]*\w\.[A-Za-z]\w{0,11})["']""")
_FOLDER_NAME = re.compile(r"""["']([\w-][\w.-]{0,60})["']""")
_OWN = "cryptobench"  # its __init__ leads everywhere: it does not count where only modules are imported from it
_NO_DATA = (".safetensors", "__init__.py")  # the manifests of the first count, which hold their hashes


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
    path = root.parent.joinpath(*rest)
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


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
        content = seen[file] = hashlib.sha256(file.read_bytes()).hexdigest()
        for other in [*_manifests(file, content), *(_data_files(file, content) if data else ())]:
            if other.suffix == ".py":
                waiting.append((other, inside))
            else:
                seen[other] = hashlib.sha256(other.read_bytes()).hexdigest()
        waiting += _imported_files(file, inside, content)
    # Only content counts, so that moving a checkout changes nothing.
    digests = seen.values() if prose else [_meaning(file, content) for file, content in seen.items()]
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


@cache
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


def _data_files(file: Path, content: str) -> list[Path]:
    """The files that are there, of those that a source file names."""
    names, folders, packages = _named(file, content)
    if not names:
        return []
    places = [file.parent, *(file.parent / folder for folder in folders)]
    places += [init.parent for package in packages if (init := module_file(package)) is not None]
    real = (place for place in places if place.is_dir())
    there = (f"{place}{os.sep}{name}" for place in real for name in names)  # texts: nearly none is there
    found = {Path(path).resolve() for path in there if os.path.isfile(path)}  # noqa: PTH113
    return sorted(found - {file, INDEX.resolve()}) if found else []


# What a file says is kept by the hash of its content: in a notebook, or in a session of tests, it changes meanwhile.
@cache
def _named(file: Path, content: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What a source file has between quotes that can name data files, folders, and packages of ours."""
    text = file.read_text("utf-8", errors="replace")
    names = frozenset(name for name in _FILE_NAME.findall(text) if not name.endswith(_NO_DATA))
    words = frozenset(_FOLDER_NAME.findall(text)) if names else frozenset()
    return names, words, frozenset(word for word in words if word.split(".")[0] == _OWN)


@cache
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
    ours = package is not None and package.split(".")[0] == _OWN
    return (_files_of_ours if ours else _files_found)(file, package, content)


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


@cache
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
