"""Functions of Python and its libraries that a cipher's code has replaced: a line for them, and they are put back."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path

from cryptobench import libraries
from cryptobench.blame import is_installed, line_in_file
from cryptobench.cipher import Cipher

__all__ = ["examine_replacements", "replacements"]


def examine_replacements(
    cipher: Cipher, since: libraries.Functions | None = None, is_own: Callable[[str], bool] | None = None
) -> list[str]:
    """One line for the functions that the cipher's code has replaced, none if it has not; they are put back.

    If ``since`` is given, see `replacements`; if not, only functions that the cipher's own files define are looked for.
    """
    found = libraries.replaced(since)
    libraries.restore(found)  # before anything else is done, which may need it
    mine = [one for one in found if (_may_be_from(cipher, one.new) if since is None else not _is_a_librarys(one))]
    for one in found:
        if one not in mine:
            setattr(one.owner, one.name, one.new)
    file = _source(cipher)
    lines = _put_back(mine, file) if since is None else replacements(file, mine, is_own)
    return [f"{cipher.card.name}: the cipher's code {line}" for line in lines]


def replacements(
    file: Path | None, found: list[libraries.Replaced], is_own: Callable[[str], bool] | None = None
) -> list[str]:
    """What the code in ``file`` has replaced, in a line, if it has; what can be is put back.

    All that was ``found`` is its doing, but for what other installed libraries have set. ``is_own`` tells files of the
    user's own code: then functions of theirs are looked for in the libraries that measuring uses, too.
    """
    found = [one for one in found if not _is_a_librarys(one)]
    if not found and is_own is not None:
        found = list(libraries.put_in_place(is_own))
    return _put_back(found, file)


def _is_a_librarys(one: libraries.Replaced) -> bool:
    return is_installed(_file_of(one.new))


def _put_back(found: list[libraries.Replaced], file: Path | None) -> list[str]:
    libraries.restore(found)
    if not found:
        return []
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return [
        f"replaces {found[0]}{more}, which changes what is measured of others; give the function another name"
        f"{_place(file, found[0])}"
    ]


def _place(file: Path | None, one: libraries.Replaced) -> str:
    """ " (my_cipher.py, line 12)": where the function is put in its place, or where it is defined, or ""."""
    if file is None:
        return ""
    name = re.escape(one.name.rpartition(".")[2])
    return line_in_file(file, rf"\b{name}\s*=(?!=)|setattr\(.*['\"]{name}['\"]") or line_in_file(
        file, rf"(?:def|class)\s+{re.escape(getattr(one.new, '__name__', '') or name)}\b", file.name
    )


def _source(cipher: Cipher) -> Path | None:
    try:
        return Path(inspect.getfile(type(cipher)))
    except (OSError, TypeError):
        return None


def _may_be_from(cipher: Cipher, function: object) -> bool:
    """Whether the function that stands in the place of another may be from the cipher's own folder."""
    home, origin = type(cipher).__module__, getattr(function, "__module__", None) or ""
    file, own = _file_of(function), getattr(sys.modules.get(home), "__file__", None)
    if own is None:  # a notebook's cipher: the notebook itself replaces functions, such as input
        return origin in ("", home)
    return file is None or Path(own).parent in Path(file).parents


def _file_of(function: object) -> str | None:
    """The file of the module that a function says it is from."""
    origin = getattr(function, "__module__", None)
    file = getattr(sys.modules.get(origin), "__file__", None) if isinstance(origin, str) else None
    return file if isinstance(file, str) else None
