"""Functions of Python and its libraries that a cipher's code has replaced: a line for them, and they are put back."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path

from cryptobench import libraries
from cryptobench.blame import is_installed, line_of
from cryptobench.cipher import Cipher

__all__ = ["examine_replacements"]


def examine_replacements(
    cipher: Cipher, since: libraries.Functions | None = None, is_own: Callable[[str], bool] | None = None
) -> list[str]:
    """One line for the functions that the cipher's code has replaced, none if it has not; they are put back.

    If ``since`` is given, whatever differs now is the cipher's doing, but for what other installed libraries have set;
    if not, only functions that the cipher's own files define are. ``is_own`` tells files of the user's own code: then
    functions of theirs are looked for in the libraries that measuring uses, too.
    """
    found = [
        one
        for one in libraries.replaced(since)
        if (_may_be_from(cipher, one.new) if since is None else not is_installed(_file_of(one.new)))
    ]
    libraries.restore(found)
    if is_own is not None and not found:
        found = list(libraries.put_in_place(is_own))
    if not found:
        return []
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return [
        f"{cipher.card.name}: the cipher's code replaces {found[0]}{more}, which changes what is measured of others; "
        f"give the function another name{_place(cipher, found[0])}"
    ]


def _place(cipher: Cipher, one: libraries.Replaced) -> str:
    """ " (my_cipher.py, line 12)": where the function is put in its place, or where it is defined, or ""."""
    name = re.escape(one.name.rpartition(".")[2])
    setting = re.compile(rf"\b{name}\s*=(?!=)|setattr\(.*['\"]{name}['\"]")
    try:
        file = inspect.getfile(type(cipher))
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, TypeError, ValueError):
        return ""
    number = next((number for number, line in enumerate(lines, 1) if setting.search(line)), None)
    if number is not None:
        return f" ({Path(file).name}, line {number})"
    return line_of(one.new, cipher)


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
