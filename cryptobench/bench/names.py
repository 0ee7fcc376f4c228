"""Names that every part of a run's folder can hold."""

from __future__ import annotations

import os
import sys

from cryptobench.bench.errors import BenchError
from cryptobench.terminal import printable

__all__ = ["require_file_name", "require_utf8"]


def require_utf8(what: str, reference: str) -> None:
    """BenchError for the name of a file that is not UTF-8, as it is in tables and settings."""
    if printable(reference) != reference:
        encoding = sys.getfilesystemencoding()
        more = "" if encoding == "utf-8" else f", or set PYTHONUTF8=1 (this locale has {encoding})"
        raise BenchError(f"{what}: the name of {printable(reference)} is not UTF-8; rename it{more}")


def require_file_name(name: str) -> None:
    """BenchError for a cipher's name that this locale has no bytes for: its pictures lie in a folder of that name."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError as error:
        raise BenchError(
            f"the card's name {name!a} cannot be a folder's name in this locale, which has {error.encoding}; set "
            "PYTHONUTF8=1"
        ) from None
