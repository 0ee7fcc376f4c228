"""Many pictures at once: found by folders and patterns, or listed in a CSV file."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from cryptobench.images.errors import ImageError
from cryptobench.images.files import is_picture, picture_files
from cryptobench.reading import Source
from cryptobench.terminal import nearest

__all__ = ["ROLES", "Row", "from_patterns", "from_table"]

ROLES = ("plain", "cipher", "changed", "other_key", "wrong_key", "decrypted", "damaged")
Row = tuple[str, Mapping[str, Sequence[Any]]]  # a name, and pictures by role

_MOST = 3  # names in a message
_HEADER = "wanted a first line such as name,plain,cipher,changed,decrypted"


def from_patterns(pairs: tuple[str, str], others: Mapping[str, Any]) -> list[Row]:
    """One row for each text that ``*`` stands for, the same in every pattern; a folder is all pictures in it.

    ``pairs`` are the patterns of plaintexts and of cipher images, ``others`` those of further roles, one or several
    each. `ImageError` where a picture has no partner.
    """
    wanted = [("plain", str(pairs[0])), ("cipher", str(pairs[1]))]
    for role in ROLES[2:]:
        given = others.get(role) or ()
        wanted += [(role, _text(one, role)) for one in (given if isinstance(given, list | tuple) else (given,))]
    longest = sorted(dict.fromkeys(pattern for _, pattern in wanted), key=lambda pattern: (-len(pattern), pattern))
    taken: set[Path] = set()
    found: dict[str, dict[str, Path]] = {}
    for pattern in longest:  # a_enc.png is what *_enc.png names, though *.png would too
        matching = _matching(pattern)
        found[pattern] = {key: path for key, path in matching.items() if path not in taken}
        taken |= set(matching.values())
    plain, cipher = found[wanted[0][1]], found[wanted[1][1]]
    if wanted[0][1] == wanted[1][1]:
        raise ImageError(f"plaintexts and cipher images are both {wanted[0][1]}, wanted two patterns or folders")
    for role, pattern in wanted[1:]:
        _require_partners(found[pattern], plain, pattern, wanted[0][1], role)
    names = sorted(plain)
    return [
        (name, {role: [found[p][name] for r, p in wanted if r == role] for role in dict(wanted)})
        for name in names
        if name in cipher
    ]


def from_table(path: Path) -> list[Row]:
    """The rows of a CSV file: a column for each role and, if wanted, ``name``; paths start at the file's folder.

    Columns whose names begin with a role of several pictures, such as damaged_salt, are further pictures of it. The
    separator is a comma, or a semicolon where the first line has no comma. `ImageError` for what is no such table.
    """
    try:
        text = Source(path, ImageError, "give a CSV file in UTF-8").text().removeprefix("\ufeff")
    except FileNotFoundError:
        raise ImageError(f"{path} does not exist, wanted a CSV file that lists pictures") from None
    if "\0" in text:
        raise ImageError(f"{path} is no CSV file in UTF-8; save it as one")
    lines = text.splitlines()
    separator = ";" if lines and "," not in lines[0] and ";" in lines[0] else ","
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    except csv.Error as error:
        raise ImageError(f"{path} is no CSV file ({error}); save it as one") from None
    rows = [row for row in rows if any(row)]
    if not rows:
        raise ImageError(f"{path} is empty, {_HEADER}")
    header, *rest = rows
    roles = [_role(column, path) for column in header]
    if "cipher" not in roles:
        raise ImageError(f"{path} has no column cipher, {_HEADER}")
    if not rest:
        raise ImageError(f"{path} lists no pictures below its first line, wanted a line for each cipher image")
    return [_row(path, number, roles, row) for number, row in enumerate(rest, 2)]


def _row(path: Path, number: int, roles: Sequence[str], row: Sequence[str]) -> Row:
    if len(row) > len(roles):
        raise ImageError(f"{path}, row {number} has {len(row)} cells, its first line has {len(roles)}; wanted as many")
    pictures: dict[str, list[Path]] = {}
    name = ""
    for role, cell in zip(roles, row, strict=False):
        if role == "name":
            name = cell
        elif cell:
            pictures.setdefault(role, []).append(path.parent / cell)
    if "cipher" not in pictures:
        raise ImageError(f"{path}, row {number} names no cipher image, wanted one in column cipher")
    return name or pictures.get("plain", pictures["cipher"])[0].stem, pictures


def _role(column: str, path: Path) -> str:
    name = re.sub(r"[-\s]+", "_", column.lower())
    known = ("name", *ROLES)
    several = [role for role in ROLES[2:] if role != "decrypted" and re.match(rf"{role}[_\d]", name)]
    if name in known:
        return name
    if several:
        return several[0]
    raise ImageError(f"{path} has a column {column!r}{nearest(column, known)}")


def _text(given: Any, role: str) -> str:
    if not isinstance(given, str | PathLike):
        raise ImageError(f"{role} is {type(given).__name__} beside pairs, wanted a folder or a pattern with one *")
    return str(os.fspath(given))


def _matching(pattern: str) -> dict[str, Path]:
    """The pictures that a pattern or a folder names, by what ``*`` stands for or by their names without ending."""
    if Path(pattern).is_dir():
        files = picture_files(Path(pattern))
        if len({file.stem for file in files}) < len(files):
            twice = next(file for file in files if sum(other.stem == file.stem for other in files) > 1)
            raise ImageError(f"{pattern} holds several pictures called {twice.stem}; give a pattern: {pattern}/*.png")
        return {file.stem: file for file in files}
    if pattern.count("*") != 1:
        what = "is no folder and has no *" if "*" not in pattern else "has several *"
        raise ImageError(f'{pattern} {what}, wanted a folder or a pattern with one *, in quotes: "plain/*.png"')
    parts = Path(pattern).parts
    place = next(index for index, part in enumerate(parts) if "*" in part)
    before, after = parts[place].split("*")
    folder, found = Path(*parts[:place]), {}
    for name in sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else ():
        fits = len(name) > len(before + after) and name.startswith(before) and name.endswith(after)
        file = folder.joinpath(name, *parts[place + 1 :])
        if fits and name[:1] != "." and is_picture(file) and file.is_file():
            found[name[len(before) : len(name) - len(after)]] = file
    if not found:
        raise ImageError(f"no picture is called {pattern}; wanted at least one")
    return found


def _require_partners(
    some: Mapping[str, Path], plain: Mapping[str, Path], pattern: str, plain_pattern: str, role: str
) -> None:
    """`ImageError` unless the same texts stand for ``*`` in both."""
    for missing, given, where in (
        ([key for key in plain if key not in some], plain, pattern),
        ([key for key in some if key not in plain], some, plain_pattern),
    ):
        if missing:
            shown = ", ".join(str(given[key]) for key in missing[:_MOST])
            more = f" and {len(missing) - _MOST} more" if len(missing) > _MOST else ""
            raise ImageError(
                f"{shown}{more}: no partner in {where} ({len(missing)} of {len(given)} pictures, {role}); give "
                "partners the same text in place of *, or take these away"
            )
