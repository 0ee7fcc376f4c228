"""How ciphers, analyses and attacks are referred to: by name, by a class in a file, by the file of a program."""

from __future__ import annotations

import inspect
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cryptobench.adapters.program_file import SUFFIX
from cryptobench.card import FAST, Card

if TYPE_CHECKING:
    from cryptobench.cipher import Cipher

__all__ = ["absolute", "is_path", "is_program", "library", "on_library", "reference_of"]


def is_path(reference: str) -> bool:
    """Whether a reference is of a file, not the name of something that is registered."""
    return ".py:" in reference or reference.endswith(".py") or is_program(reference)


def is_program(reference: str) -> bool:
    """Whether a reference is of a cipher that is a program, ``path/to/file.toml``."""
    return reference.endswith(SUFFIX)


def absolute(reference: str) -> str:
    """The reference of a class or a program, with the path of its file, if it has one, made absolute."""
    if is_program(reference):
        return str(Path(reference).expanduser().resolve())
    path, separator, name = reference.rpartition(".py:")
    return f"{Path(path + '.py').expanduser().resolve()}:{name}" if separator else reference


def reference_of(cipher: object) -> str | Cipher:
    """What `load_cipher` takes for a cipher in any process, or the instance itself where no other process can load it.

    ``cipher`` is an instance, a class, a name, ``path/to/file.py:ClassName`` or ``path/to/file.toml``. A class at the
    top level of a source file is its reference, and so is an instance of one that has neither a constructor of its own
    nor attributes, since a new instance is the same; a class of any other place is constructed. An instance of a
    program's class is that program. CipherError for anything that is no cipher.
    """
    from cryptobench.cipher import Cipher, CipherError

    if isinstance(cipher, str):
        return cipher
    cls = cipher if inspect.isclass(cipher) else type(cipher)
    if not issubclass(cls, Cipher):
        what = f"the class {cls.__name__}" if cls is cipher else cls.__name__
        raise CipherError(
            f"{what} is given, wanted a Cipher, a subclass of it, a name from `cryptobench list ciphers`, or "
            "path/to/file.py:ClassName"
        )
    if not isinstance(getattr(cls, "card", None), Card):
        raise CipherError(f"{cls.__qualname__} has no card = Card(...); `cryptobench new NAME` shows one")
    if program := getattr(cls, "reference", None) if cls.__module__.startswith("program ") else None:
        return cast(str, program)
    reference = _class_reference(cls)
    if cls is cipher:
        return reference or _constructed(cls)
    plain = cls.__init__ is object.__init__
    own = getattr(cipher, "__dict__", {})
    if reference and plain and own == {"fast": True, "card": cls.card.on_library()}:
        return reference + FAST
    return reference if reference and plain and not own else cast(Cipher, cipher)


def on_library(cipher: Cipher, error: type[Exception]) -> Cipher:
    """The same learned cipher, its networks run by a library: what `FAST` at the end of a reference asks for.

    ``error``, in one line, for a cipher without networks, and where the library is not installed.
    """
    from cryptobench.cipher import CipherError

    if not hasattr(cipher, "on_library"):
        raise error(f"{cipher.card.name}: it has no network that a library could run; leave out {FAST}")
    try:
        fast: Cipher = cipher.on_library()
    except CipherError as refused:
        raise error(str(refused)) from None
    return fast


def library() -> str:
    """The library that runs networks fast, and its version, on which their results depend."""
    try:
        return f"openvino {version('openvino')}"
    except PackageNotFoundError:
        return "none"


def _class_reference(cls: type) -> str | None:
    """``path/to/file.py:ClassName`` of a class at the top level of a source file; None for any other class."""
    module = sys.modules.get(cls.__module__)
    if module is None or module.__name__ == "__main__" or getattr(module, cls.__qualname__, None) is not cls:
        return None
    file = getattr(module, "__file__", None)
    return f"{Path(file).resolve()}:{cls.__qualname__}" if file and file.endswith(".py") else None


def _constructed(cls: type[Cipher]) -> Cipher:
    from cryptobench.cipher import CipherError

    try:
        return cls()
    except TypeError as error:
        raise CipherError(f"{cls.__qualname__} cannot be constructed: {error}; give an instance instead") from None
