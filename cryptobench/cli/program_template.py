"""Writes an example cipher in MATLAB, C or C++, with its ``.toml``."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path

from cryptobench.files import write_text

__all__ = ["LANGUAGES", "build_command", "write_program"]

LANGUAGES = ("matlab", "c", "cpp")
_FILES = {
    "matlab": (".toml", "_encrypt.m", "_decrypt.m", "_keystream.m", "_serve.m"), "c": (".toml", ".c"),
    "cpp": (".toml", ".cpp"),
}  # fmt: skip
_BUILDS = {"c": "cc -O2 -o {0} {0}.c", "cpp": "c++ -std=c++17 -O2 -o {0} {0}.cpp"}


def write_program(name: str, language: str, folder: Path) -> list[Path]:
    """Write the example in a language of `LANGUAGES`, its files named after ``name``; their paths, the .toml's first.

    Raises ValueError for a name that cannot be a function's, FileExistsError if one of the files is there already,
    NotADirectoryError if the folder is not, and another OSError if the disk is full or the folder cannot be written.
    """
    stem = name.replace("-", "_")
    if not (stem.isascii() and stem.isidentifier() and stem[0].isalpha() and len(stem) <= 48):
        raise ValueError(f"{name!r} cannot name a cipher; wanted letters, digits and underscores, such as my_cipher")
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder; make it first")
    paths = [folder / f"{stem}{ending}" for ending in _FILES[language]]
    for path in [*paths, folder / stem]:
        if path.exists() or path.is_symlink():
            raise FileExistsError(f"{path} exists already; choose another name or remove it first")
    source = files("cryptobench").joinpath("templates")
    written: list[Path] = []
    try:
        for path, ending in zip(paths, _FILES[language], strict=True):
            text = source.joinpath(language, f"my_cipher{ending}.txt").read_text(encoding="utf-8")
            if ending == ".toml":
                text += source.joinpath("card.toml.txt").read_text(encoding="utf-8")
            written.append(write_text(path, text.replace("my_cipher", stem)))
    except OSError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return written


def build_command(language: str, toml: Path) -> str:
    """The shell's line that builds the example, "" for a language that needs none."""
    return _BUILDS[language].format(shlex.quote(str(toml.with_suffix("")))) if language in _BUILDS else ""
