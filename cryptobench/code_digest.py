"""What source text tells without being run: a cipher's card, and a digest of the code that a class depends on."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from cryptobench.card import Card, KeyField

__all__ = ["code_digest", "literal_card", "module_file", "weight_files"]


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


def literal_card(path: Path, class_name: str) -> Card | None:
    """The card that a class writes out as a literal ``card = Card(...)``; None if it is not a literal."""
    for node in _tree(path).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            for statement in node.body:
                target, value = _assignment(statement)
                if target == "card" and isinstance(value, ast.Call):
                    try:
                        card = _evaluate(value)
                    except ValueError:
                        return None
                    return card if isinstance(card, Card) else None
    return None


def weight_files(path: Path, class_name: str, package: str | None = None) -> tuple[Path, ...] | None:
    """The trained weights that a class names, itself or through a base class, in ``weights = ("name", ...)``.

    None if it names none. A name is of ``weights/name.safetensors`` beside the source file that says so, or of a
    file there if it ends in .safetensors. ``package`` is the dotted name of the package the file belongs to.
    """
    for node in _tree(path).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            if (names := _weight_names(node)) is not None:
                return tuple(_weight_file(path, name) for name in names)
            for base in node.bases:
                place = _class_place(path, package, base.id) if isinstance(base, ast.Name) else None
                if place is not None and (found := weight_files(*place)) is not None:
                    return found
    return None


def code_digest(path: Path, package: str | None = None) -> str:
    """A sha256 over a source file and every file of ours, or of its own package or folder, that it imports.

    ``package`` is the dotted name of the package the file belongs to; None for a file outside any package.
    Where a class in one of these files names trained weights, their manifests, which hold their hashes, count too;
    where it does so by anything but a literal, every manifest in the folder ``weights`` beside that file.
    """
    seen: dict[Path, str] = {}
    waiting = [(path.resolve(), package)]
    while waiting:
        file, inside = waiting.pop()
        if file in seen:
            continue
        seen[file] = hashlib.sha256(file.read_bytes()).hexdigest()
        for manifest in _manifests(file):
            seen[manifest] = hashlib.sha256(manifest.read_bytes()).hexdigest()
        waiting += _imported_files(file, inside)
    # Only content counts, so that moving a checkout changes nothing.
    return hashlib.sha256("".join(sorted(seen.values())).encode()).hexdigest()


def _manifests(file: Path) -> list[Path]:
    """The manifests that are there, of the weights that the classes in a source file name."""
    classes = [node for node in _tree(file).body if isinstance(node, ast.ClassDef)]
    found: set[Path] = set()
    for node in classes:
        names = _weight_names(node)
        if names is not None:
            found |= {_weight_file(file, name).with_suffix(".json") for name in names}
        elif any(target == "weights" and value for target, value in map(_assignment, node.body)):
            found |= set((file.parent / "weights").glob("*.json"))
    return sorted(manifest for manifest in found if manifest.is_file())


def _weight_names(node: ast.ClassDef) -> tuple[str, ...] | None:
    """The literal that a class body assigns to ``weights``; None if there is none."""
    for statement in node.body:
        target, value = _assignment(statement)
        if target == "weights" and value is not None:
            try:
                names = ast.literal_eval(value)
            except ValueError:
                return None
            return names if isinstance(names, tuple) and all(isinstance(name, str) for name in names) else None
    return None


def _weight_file(source: Path, name: str) -> Path:
    folder = source.parent
    return folder / name if name.endswith(".safetensors") else folder / "weights" / f"{name}.safetensors"


def _class_place(path: Path, package: str | None, name: str) -> tuple[Path, str, str | None] | None:
    """(source file, class name, package) of a class that a source file defines or imports by ``from ... import``."""
    tree = _tree(path)
    if any(isinstance(node, ast.ClassDef) and node.name == name for node in tree.body):
        return path, name, package
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            if (alias.asname or alias.name) == name:
                module = _absolute(node, package)
                file = None if module is None else module_file(module, None if package else path.parent)
                file = file or (None if module is None else module_file(module))
                if file is None or module is None:
                    return None
                return file, alias.name, module if file.name == "__init__.py" else module.rpartition(".")[0] or None
    return None


@cache
def _imported_files(file: Path, package: str | None) -> tuple[tuple[Path, str | None], ...]:
    tops = {"cryptobench"} | ({package.split(".")[0]} if package else set())
    folder = None if package else file.parent
    found: list[tuple[Path, str | None]] = []
    for module in _imported_modules(_tree(file), package):
        top = module.split(".")[0]
        if top in tops:
            imported = module_file(module)
            if imported is not None:
                is_package = imported.name == "__init__.py"
                found.append((imported.resolve(), module if is_package else module.rpartition(".")[0]))
        elif folder is not None and (imported := module_file(module, folder)) and folder in imported.parents:
            found.append((imported.resolve(), None))
    return tuple(found)


def _imported_modules(tree: ast.Module, package: str | None) -> list[str]:
    modules: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            if base is not None:
                modules += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return modules


def _absolute(node: ast.ImportFrom, package: str | None) -> str | None:
    """The dotted name of the module that is imported from; None if it is relative to no package."""
    base = node.module or ""
    if not node.level:
        return base
    if package is None:
        return None
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, base] if base else parents)


@cache
def _top_level(name: str, folder: Path | None) -> Path | None:
    if folder is not None:
        for candidate in (folder / f"{name}.py", folder / name / "__init__.py"):
            if candidate.is_file():
                return candidate
        return None
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=path.name)


def _assignment(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id, statement.value
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id, statement.value
    return None, None


_CONSTRUCTORS = {"Card": Card, "KeyField": KeyField}


def _evaluate(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in _CONSTRUCTORS:
            raise ValueError("not a literal")
        arguments = [_evaluate(argument) for argument in node.args]
        keywords = {keyword.arg: _evaluate(keyword.value) for keyword in node.keywords if keyword.arg}
        return _CONSTRUCTORS[node.func.id](*arguments, **keywords)
    if isinstance(node, ast.Tuple):
        return tuple(_evaluate(element) for element in node.elts)
    return ast.literal_eval(node)
