"""What a test hands over: an instance, a class, a registered name or ``path/to/file.py:ClassName``."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from cryptobench.cipher import Card, Cipher, CipherError

__all__ = ["subject_of"]


def subject_of(cipher: object, folder: Path) -> str | Cipher:
    """A reference that other processes can load, or the instance itself where there is none.

    An instance stays what it is, since nothing tells whether a new one would be the same. A class at the top level of a
    source file is its reference; any other class is constructed without arguments. A relative path is taken from the
    working directory, then from ``folder``. CipherError for anything that is no cipher.
    """
    if isinstance(cipher, str):
        return _path(cipher, folder)
    if inspect.isclass(cipher) and issubclass(cipher, Cipher):
        return _reference(cipher) or _constructed(cipher)
    if isinstance(cipher, Cipher):
        return _described(cipher)
    raise CipherError(
        f"security() was given {type(cipher).__name__}, wanted a Cipher, a subclass of it, a name from "
        "`cryptobench list ciphers`, or path/to/file.py:ClassName"
    )


def _path(reference: str, folder: Path) -> str:
    name, separator, class_name = reference.rpartition(".py:")
    path = Path(f"{name}.py").expanduser()
    if separator and not path.is_file() and (folder / path).is_file():
        return f"{folder / path}:{class_name}"
    return reference


def _reference(cls: type[Cipher]) -> str | None:
    module = sys.modules.get(cls.__module__)
    if getattr(module, cls.__qualname__, None) is not cls:
        return None
    file = inspect.getsourcefile(cls)
    return f"{Path(file).resolve()}:{cls.__qualname__}" if file and file.endswith(".py") else None


def _constructed(cls: type[Cipher]) -> Cipher:
    try:
        return _described(cls())
    except TypeError as error:
        raise CipherError(f"{cls.__qualname__} cannot be constructed: {error}; pass an instance instead") from None


def _described(cipher: Cipher) -> Cipher:
    if not isinstance(getattr(cipher, "card", None), Card):
        raise CipherError(f"{type(cipher).__qualname__} has no card = Card(...); `cryptobench new NAME` shows one")
    return cipher
