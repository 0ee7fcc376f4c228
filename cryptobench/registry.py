"""Finds ciphers, analyses and attacks: by registered name (entry points) or as ``path/to/file.py:ClassName``."""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, cast

from cryptobench.card import Card
from cryptobench.code_digest import code_digest, literal_card, module_file

if TYPE_CHECKING:
    from cryptobench.analyses.base import Analysis
    from cryptobench.attacks.base import Attack
    from cryptobench.cipher import Cipher

__all__ = [
    "Location",
    "RegistryError",
    "analysis_names",
    "attack_names",
    "cipher_names",
    "code_version",
    "load_analysis",
    "load_attack",
    "load_cipher",
    "locate",
    "read_card",
    "summary",
]

Kind = Literal["cipher", "analysis", "attack"]
_GROUPS: dict[Kind, str] = {
    "cipher": "cryptobench.ciphers",
    "analysis": "cryptobench.analyses",
    "attack": "cryptobench.attacks",
}

_PLURALS: dict[Kind, str] = {"cipher": "ciphers", "analysis": "analyses", "attack": "attacks"}
_LONGEST_NAME = 64


class RegistryError(ValueError):
    """A cipher, analysis or attack cannot be found or loaded; the message says which and what to do."""


@dataclass(frozen=True)
class Location:
    """Where a class is: its source file, its dotted module name (None for a file by path), its name."""

    file: Path
    module: str | None
    class_name: str

    @property
    def package(self) -> str | None:
        if self.module is None:
            return None
        return self.module if self.file.name == "__init__.py" else self.module.rpartition(".")[0] or None


def cipher_names() -> list[str]:
    """The registered ciphers' names, sorted."""
    return sorted(_registered("cipher"))


def analysis_names() -> list[str]:
    """The registered analyses' names, sorted."""
    return sorted(_registered("analysis"))


def attack_names() -> list[str]:
    """The registered attacks' names, sorted."""
    return sorted(_registered("attack"))


def load_cipher(reference: str, **options: Any) -> Cipher:
    """A cipher by name or ``path/to/file.py:ClassName``; ``options`` go to its constructor.

    Raises RegistryError, naming the nearest registered cipher when a name is unknown.
    """
    from cryptobench.cipher import Cipher

    cls = _load("cipher", reference)
    if not (inspect.isclass(cls) and issubclass(cls, Cipher)):
        raise RegistryError(f"{reference}: {cls!r} is no subclass of cryptobench.Cipher")
    if missing := sorted(getattr(cls, "__abstractmethods__", ())):
        raise RegistryError(f"{reference}: {cls.__name__} does not define {' and '.join(missing)}")
    if not isinstance(getattr(cls, "card", None), Card):
        raise RegistryError(f"{reference}: {cls.__name__} has no card = Card(...); `cryptobench new NAME` shows one")
    _require_name(reference, cls.card.name)
    try:
        return cls(**options)
    except TypeError as error:
        raise RegistryError(f"{reference}: cannot be constructed: {error}") from None


def read_card(reference: str) -> Card:
    """A cipher's card, from its source text where the card is written as a literal, else by loading the cipher."""
    location = locate("cipher", reference)
    try:
        card = literal_card(location.file, location.class_name)
    except SyntaxError:
        card = None
    if card is None:
        return load_cipher(reference).card
    _require_name(reference, card.name)
    return card


def load_analysis(reference: str, **parameters: Any) -> Analysis:
    """An analysis by name or ``path/to/file.py:ClassName``, with its parameters.

    Raises RegistryError for an unknown name or parameter.
    """
    from cryptobench.analyses.base import Analysis

    analysis: Analysis = _parametrised("analysis", reference, Analysis, parameters)
    return analysis


def load_attack(reference: str, **parameters: Any) -> Attack:
    """An attack by name or ``path/to/file.py:ClassName``, with its parameters.

    Raises RegistryError for an unknown name or parameter.
    """
    from cryptobench.attacks.base import Attack

    attack: Attack = _parametrised("attack", reference, Attack, parameters)
    return attack


def _parametrised(kind: Kind, reference: str, base: Any, parameters: Mapping[str, Any]) -> Any:
    cls = _load(kind, reference)
    if not (inspect.isclass(cls) and issubclass(cls, base)):
        raise RegistryError(f"{reference}: {cls!r} is no subclass of {base.__module__}.{base.__qualname__}")
    known = [field.name for field in fields(cast(Any, cls))]
    for name in parameters:
        if name not in known:
            raise RegistryError(f"{kind} {reference} has no parameter {name!r}{_suggest(name, known)}")
    return cls(**parameters)


def summary(kind: Kind, reference: str) -> str:
    """The first line of the docstring of an analysis's or attack's module, without importing it."""
    import ast

    location = locate(kind, reference)
    documentation = ast.get_docstring(ast.parse(location.file.read_bytes())) or ""
    return documentation.partition("\n")[0]


def _require_name(reference: str, name: str) -> None:
    """A card's name is a folder's name in every run."""
    plain = isinstance(name, str) and name.isprintable() and not set(name) & set("/\\")
    if not plain or not 1 <= len(name) <= _LONGEST_NAME or name != name.strip() or name.startswith("."):
        raise RegistryError(
            f"{reference}: the card's name is {name!r}, wanted up to {_LONGEST_NAME} printable characters without "
            "slashes, and no dot or space in front"
        )


def code_version(kind: Kind, reference: str) -> str:
    """A digest of the source code that the cipher, analysis or attack depends on; it changes when that code does.

    An attack's includes that of the code which counts its queries and scores its guess.
    """
    location = locate(kind, reference)
    own = code_digest(location.file, location.package)
    if kind != "attack":
        return own
    measuring = module_file("cryptobench.attacks.runner")
    assert measuring is not None
    return hashlib.sha256((own + code_digest(measuring, "cryptobench.attacks")).encode()).hexdigest()


@cache
def _registered(kind: Kind) -> dict[str, str]:
    return {point.name: point.value for point in importlib.metadata.entry_points(group=_GROUPS[kind])}


def locate(kind: Kind, reference: str) -> Location:
    """Where the class behind a name or path is; RegistryError if there is none."""
    if _is_path(reference):
        return _locate_path(kind, reference)
    registered = _registered(kind)
    if reference not in registered:
        raise RegistryError(f"unknown {kind} {reference!r}{_suggest(reference, list(registered), kind)}")
    module, _, class_name = registered[reference].partition(":")
    file = module_file(module)
    if file is None:
        raise RegistryError(f"{kind} {reference}: module {module} has no source file; reinstall the package it is from")
    return Location(file, module, class_name)


def _is_path(reference: str) -> bool:
    return ".py:" in reference or reference.endswith(".py")


def _locate_path(kind: Kind, reference: str) -> Location:
    path, _, class_name = reference.rpartition(":") if ".py:" in reference else (reference, "", "")
    file = Path(path).expanduser()
    if not file.is_file():
        raise RegistryError(f"{reference}: there is no file {path}")
    if not class_name:
        raise RegistryError(f"{reference}: name the class too: {path}:ClassName")
    return Location(file.resolve(), None, class_name)


def _load(kind: Kind, reference: str) -> Any:
    location = locate(kind, reference)
    module = _import(reference, location)
    wanted = location.class_name
    if hasattr(module, wanted):
        return getattr(module, wanted)
    here = [name for name, cls in inspect.getmembers(module, inspect.isclass) if cls.__module__ == module.__name__]
    raise RegistryError(f"{reference}: {location.file.name} has no class {wanted}{_suggest(wanted, here)}")


def _import(reference: str, location: Location) -> ModuleType:
    try:
        if location.module is not None:
            return importlib.import_module(location.module)
        return _import_file(location.file)
    except ModuleNotFoundError as error:
        raise RegistryError(f"{reference}: needs the module {error.name!r}, which is not installed") from error
    except SyntaxError as error:
        line = "" if error.lineno is None else f", line {error.lineno}"
        raise RegistryError(f"{reference}: {location.file.name}{line}: {error.msg}") from None
    except (Exception, SystemExit) as error:
        raise RegistryError(
            f"{reference}: importing {location.file.name} failed: {type(error).__name__}: {error}"
        ) from error


def _import_file(file: Path) -> ModuleType:
    """The module of a source file, under the name that an ordinary import would give it wherever there is one.

    numba's cache on disk keeps the name that a module was first compiled under, so two names for one file break it.
    """
    package_name = _importable_name(file)
    if package_name is not None:
        return importlib.import_module(package_name)
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.append(folder)  # so that it can import the files beside it
    name = file.stem
    if not _is_module(name, file):
        name = f"{file.stem}_{hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"
    if _is_module(name, file) and name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RegistryError(f"{file.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba and pickle look a class's module up here
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _importable_name(file: Path) -> str | None:
    """The dotted name of a file that lies in a package that Python finds; None for a file of its own."""
    parts, folder = [file.stem], file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    found = module_file(".".join(parts)) if len(parts) > 1 else None
    return ".".join(parts) if found is not None and found.resolve() == file else None


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


def _suggest(name: str, known: list[str], kind: Kind | None = None) -> str:
    """What to say after an unknown name: the nearest one, or all of a few, or where those of a kind are listed."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    if 0 < len(known) <= 12:
        return f"; there is {', '.join(known)}"
    return f"; `cryptobench list {_PLURALS[kind]}` shows them" if kind else ""
