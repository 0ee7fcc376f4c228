"""Loads ciphers, analyses and attacks: by name (see ``catalogue``) or as ``path/to/file.py:ClassName``.

A cipher may be a program too: ``path/to/file.toml`` (see `adapters.program`).
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from cryptobench.adapters.digest import program_digest
from cryptobench.adapters.program_file import ProgramFile, ProgramFileError, read_program_file
from cryptobench.card import FAST, Card
from cryptobench.catalogue import PLURALS, Kind, is_built_in, plugins, renamed, unreadable
from cryptobench.code_digest import code_digest, module_file
from cryptobench.fresh_code import compile_own_code
from cryptobench.importing import at_home, import_file
from cryptobench.references import is_path, is_program, library, on_library, reference_of
from cryptobench.source_index import PACKAGE, facts
from cryptobench.terminal import nearest

if TYPE_CHECKING:
    from cryptobench.analyses.base import Analysis
    from cryptobench.attacks.base import Attack
    from cryptobench.cipher import Cipher

__all__ = [
    "Location",
    "RegistryError",
    "analysis_names",
    "at_home_of",
    "attack_names",
    "cipher_names",
    "code_version",
    "literal_card",
    "load_analysis",
    "load_attack",
    "load_cipher",
    "locate",
    "read_card",
    "reference_of",
    "summary",
]

_LONGEST_NAME, _MOST_BYTES = 64, 192  # file systems take names of 255 bytes, and endings come to these


class RegistryError(ValueError):
    """A cipher, analysis or attack cannot be found or loaded; the message says which and what to do."""


@dataclass(frozen=True)
class Location:
    """Where a class is: its source file, its dotted module name (None for a file by path), its name."""

    file: Path
    module: str | None
    class_name: str

    @property
    def is_ours(self) -> bool:
        """Whether the class is this package's own, by its module's name."""
        return self.module is not None and self.module.partition(".")[0] == PACKAGE.name

    @property
    def package(self) -> str | None:
        if self.module is None:
            return None
        return self.module if self.file.name == "__init__.py" else self.module.rpartition(".")[0] or None


def cipher_names() -> list[str]:
    """The names of the ciphers that are built in or registered by another package, sorted."""
    return list(plugins("cipher"))


def analysis_names() -> list[str]:
    """The names of the analyses that are built in or registered by another package, sorted."""
    return list(plugins("analysis"))


def attack_names() -> list[str]:
    """The names of the attacks that are built in or registered by another package, sorted."""
    return list(plugins("attack"))


def load_cipher(reference: str, **options: Any) -> Cipher:
    """A cipher by name, ``path/to/file.py:ClassName`` or ``path/to/file.toml``; ``options`` go to its constructor.

    ``inference="fast"``, or ``+fast`` behind the reference, has a learned cipher's networks run by a library, and
    "portable" by this package's own kernels, as without it.

    Raises RegistryError, naming the nearest registered cipher when a name is unknown.
    """
    from cryptobench.cipher import Cipher

    if (inference := options.pop("inference", "portable")) not in ("fast", "portable"):
        raise RegistryError(f"{reference}: inference is {inference!r}, wanted 'fast' or 'portable'")
    if inference == "fast" or reference.endswith(FAST):
        return on_library(load_cipher(reference.removesuffix(FAST), **options), RegistryError)
    cls = _program(reference) if is_program(reference) else _load("cipher", reference)
    if not (inspect.isclass(cls) and issubclass(cls, Cipher)):
        raise RegistryError(f"{reference}: {cls!r} is no subclass of cryptobench.Cipher")
    if missing := sorted(getattr(cls, "__abstractmethods__", ())):
        raise RegistryError(f"{reference}: {cls.__name__} does not define {' and '.join(missing)}")
    if not isinstance(getattr(cls, "card", None), Card):
        raise RegistryError(f"{reference}: {cls.__name__} has no card = Card(...); `cryptobench new NAME` shows one")
    _require_name(reference, cls.card.name)
    try:
        return cls(**options)
    except ProgramFileError as error:
        raise RegistryError(f"{reference}: {error}") from None
    except TypeError as error:
        raise RegistryError(f"{reference}: cannot be constructed: {error}") from error
    except (Exception, SystemExit) as error:
        raise RegistryError(f"{reference}: cannot be constructed: {type(error).__name__}: {error}") from error


def read_card(reference: str) -> Card:
    """A cipher's card, from its source text where the card is written as a literal, else by loading the cipher."""
    return literal_card(reference) or load_cipher(reference).card


def literal_card(reference: str) -> Card | None:
    """A cipher's card from its source text; None where it is not written there as a literal."""
    if reference.endswith(FAST):
        return None
    location = locate("cipher", reference)
    if is_program(reference):
        card = _program_file(reference, location.file).card
        _require_name(reference, card.name)
        return card
    try:
        found = facts(location.file).find(location.class_name)
    except SyntaxError:
        found = None
    if found is None or found.card is None:
        return None
    _require_name(reference, found.card.name)
    return found.card


def at_home_of(reference: str) -> None:
    """Let what a cipher imports from now on come from its own folders; see `importing`."""
    location = locate("cipher", reference)
    if location.module is None and not is_program(reference):
        at_home(location.file)


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
    _require_name(reference, getattr(cls, "name", None), kind)
    known = [field.name for field in fields(cast(Any, cls))]
    for name in parameters:
        if name not in known:
            raise RegistryError(f"{kind} {reference} has no parameter {name!r}{nearest(name, known)}")
    return cls(**parameters)


def summary(kind: Kind, reference: str) -> str:
    """The first paragraph of the docstring of an analysis's or attack's module, without importing it."""
    file = locate(kind, reference).file
    try:
        return facts(file).summary
    except SyntaxError as error:
        raise RegistryError(f"{reference}: {file.name}, line {error.lineno}: {error.msg}") from None


def _require_name(reference: str, name: object, what: str = "card") -> None:
    """The name of a card, and that of an analysis or attack, is a part of files' names in every run."""
    if isinstance(name, str) and name.isprintable() and not set(name) & set("/\\"):
        fits = 1 <= len(name) <= _LONGEST_NAME and len(name.encode()) <= _MOST_BYTES
        if fits and name == name.strip() and not name.startswith("."):
            return
    raise RegistryError(
        f"{reference}: the {what}'s name is {name!r}, wanted up to {_LONGEST_NAME} printable characters without "
        f"slashes ({_MOST_BYTES} bytes of UTF-8), and no dot or space in front"
    )


def code_version(kind: Kind, reference: str, *, prose: bool = True) -> str:
    """A digest of the source code that the cipher, analysis or attack depends on; it changes when that code does.

    Without ``prose`` comments, docstrings and layout do not count.
    An attack's includes that of the code which runs it, counts its queries and scores its guess. Data files that the
    source names count (`code_digest`), except of ciphers that are not built in: `preflight` sees what those open.
    """
    location = locate(kind, reference)
    if is_program(reference):
        return program_digest(location.file, _program_file(reference, location.file).card.files)
    data = kind != "cipher" or is_built_in(location.file)
    own = code_digest(location.file, location.package, data=data, prose=prose)
    if kind == "cipher" and reference.endswith(FAST):
        return hashlib.sha256(f"{own} run by {library()}".encode()).hexdigest()
    if kind != "attack":
        return own
    measuring = module_file("cryptobench.task")
    assert measuring is not None
    return hashlib.sha256((own + code_digest(measuring, "cryptobench", prose=prose)).encode()).hexdigest()


def locate(kind: Kind, reference: str) -> Location:
    """Where the class behind a name or path is; RegistryError if there is none, or more than one."""
    reference = reference.removesuffix(FAST) if kind == "cipher" else reference
    if is_path(reference):
        return _locate_path(kind, reference)
    known = plugins(kind)
    if reference not in known:
        raise RegistryError(_unknown(kind, reference, list(known)))
    if len(known[reference]) > 1:
        places = " and ".join(map(_place, known[reference]))
        raise RegistryError(f"{kind} {reference!r} is defined more than once: in {places}")
    module, _, class_name = known[reference][0].partition(":")
    file = module_file(module)
    if file is None:
        raise RegistryError(f"{kind} {reference}: module {module} has no source file; reinstall the package it is from")
    return Location(file, module, class_name)


def _unknown(kind: Kind, name: str, known: list[str]) -> str:
    if kind == "cipher" and FAST[0] in name:
        places = plugins("cipher")
        with_networks = [one for one in known if any(part in places[one][0] for part in (".learned.", ".proposed."))]
        known = known + [one + FAST for one in with_networks]
    hint = renamed(name) or nearest(name, known, f"`cryptobench list {PLURALS[kind]}` lists them")
    return f"unknown {kind} {name!r}{hint}" + "".join(f"; not readable: {problem}" for problem in unreadable(kind))


def _place(place: str) -> str:
    module, _, class_name = place.partition(":")
    file = module_file(module)
    return f"{module if file is None else file} ({class_name})"


def _locate_path(kind: Kind, reference: str) -> Location:
    path, _, class_name = reference.rpartition(":") if ".py:" in reference else (reference, "", "")
    file = Path(path).expanduser()
    if not file.is_file():
        raise RegistryError(f"{reference}: there is no file {path}")
    if is_program(reference):
        if kind != "cipher":
            raise RegistryError(f"{reference}: a program may be a cipher, wanted path/to/file.py:ClassName")
        return Location(file.resolve(), None, "")
    if not class_name:
        raise RegistryError(f"{reference}: name the class too: {path}:ClassName")
    return Location(file.resolve(), None, class_name)


def _program(reference: str) -> type[Cipher]:
    """The class of a cipher that is a program; its ``.toml`` is read, and nothing is run."""
    from cryptobench.adapters.program import program_class

    try:
        return program_class(locate("cipher", reference).file)
    except ProgramFileError as error:
        raise RegistryError(f"{reference}: {error}") from None


def _program_file(reference: str, file: Path) -> ProgramFile:
    try:
        return read_program_file(file)
    except ProgramFileError as error:
        raise RegistryError(f"{reference}: {error}") from None


def _load(kind: Kind, reference: str) -> Any:
    location = locate(kind, reference)
    if not location.is_ours:
        compile_own_code()
    module = _import(reference, location)
    wanted = location.class_name
    if hasattr(module, wanted):
        return getattr(module, wanted)
    here = [name for name, cls in inspect.getmembers(module, inspect.isclass) if cls.__module__ == module.__name__]
    none = "" if here else "it defines no class"
    raise RegistryError(f"{reference}: {location.file.name} has no class {wanted}{nearest(wanted, here, none)}")


def _import(reference: str, location: Location) -> ModuleType:
    try:
        if location.module is not None:
            return importlib.import_module(location.module)
        return import_file(location.file)
    except ModuleNotFoundError as error:
        raise RegistryError(f"{reference}: needs the module {error.name!r}, which is not installed") from error
    except SyntaxError as error:
        line = "" if error.lineno is None else f", line {error.lineno}"
        raise RegistryError(f"{reference}: {location.file.name}{line}: {error.msg}") from None
    except (Exception, SystemExit) as error:
        raise RegistryError(
            f"{reference}: importing {location.file.name} failed: {type(error).__name__}: {error}"
        ) from error
