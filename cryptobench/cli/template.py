"""Writes the example cipher that a newcomer starts from."""

from __future__ import annotations

import keyword
import sys
from importlib.resources import files
from pathlib import Path

from cryptobench.files import write_text

__all__ = ["class_name", "write_template"]

_IMPORTED = ("Card", "Cipher", "CipherError", "Encrypted", "Image", "KeyField")


def class_name(name: str) -> str:
    """The class that the template of this name defines: MyCipher for my_cipher or my-cipher."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", "_").split("_"))


def write_template(name: str, folder: Path) -> Path:
    """Write the template as ``folder/name.py`` with a class named after it; return the file's path.

    ``my_cipher`` and ``my-cipher`` become my_cipher.py with class MyCipher. Raises ValueError for a name that
    cannot be a module or that hides one, FileExistsError if the file is there already, NotADirectoryError if the
    folder is not, and another OSError, with nothing written, if the disk is full or the folder cannot be written.
    """
    stem = name.replace("-", "_")
    cls = class_name(name)
    if not (stem.isidentifier() and cls.isidentifier()) or keyword.iskeyword(stem):
        raise ValueError(f"{name!r} cannot name a cipher; wanted letters, digits and underscores, such as my_cipher")
    if cls in _IMPORTED or stem in sys.stdlib_module_names or stem in ("cryptobench", "numpy"):
        raise ValueError(f"{name!r} is taken by Python or by cryptobench; choose another, such as my_{stem}")
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder; make it first")
    text = files("cryptobench").joinpath("template.py.txt").read_text(encoding="utf-8")
    path = folder / f"{stem}.py"
    if path.exists() or path.is_symlink():
        raise FileExistsError(f"{path} exists already; choose another name or remove it first")
    return write_text(path, text.replace("my_cipher", stem).replace("MyCipher", cls))
