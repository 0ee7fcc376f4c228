"""``my_cipher.toml``: a cipher's card, and the commands of the program that encrypts and decrypts.

Reading it runs nothing. Imports nothing heavy, so that lists of cards are instant.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from cryptobench.card import Card, KeyField
from cryptobench.terminal import nearest

__all__ = ["SUFFIX", "ProgramFile", "ProgramFileError", "read_program_file"]

SUFFIX = ".toml"
_COMMANDS = ("encrypt", "decrypt", "serve")
_KNOWN = (*_COMMANDS, "seconds", "pictures", "changes_size", "header_bytes", "card")
_PLACES = ("plain", "cipher", "key", "nonce", "header", "secret")
_FUNCTIONS = re.compile(r"(?i)\.m$|^(octave|matlab)[\w.-]*$")  # who reads a function from whatever file has its name
_HELP = "`cryptobench new NAME --language c` writes one that works"
_KINDS: Mapping[str, tuple[type, str]] = {
    "str": (str, "text"), "bool": (bool, "true or false"), "int": (int, "a whole number"),
    "int | None": (int, "a whole number"),
}  # fmt: skip


class ProgramFileError(ValueError):
    """The file describes no program that can be run; the message says what is wrong and what is wanted."""


@dataclass(frozen=True, kw_only=True)
class ProgramFile:
    """What a ``.toml`` says: ``path`` is absolute, ``card.files`` has the files that the commands name too.

    Either ``serve`` is there, or ``encrypt`` and ``decrypt``. A call may take so many ``seconds``. ``pictures`` is
    "png" or "npy". Cipher images have the sides of the plaintext, unless it ``changes_size``; a header of the program's
    own has ``header_bytes`` bytes, None for any number.
    """

    path: Path
    card: Card
    encrypt: tuple[str, ...] = ()
    decrypt: tuple[str, ...] = ()
    serve: tuple[str, ...] = ()
    seconds: float = 60.0
    pictures: str = "png"
    changes_size: bool = False
    header_bytes: int | None = 0

    def runnable(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """A command with the place of its program; ProgramFileError if that is not there, or cannot be run."""
        program, *arguments = command
        if "/" not in program and os.sep not in program:
            found = shutil.which(program)
            if found is not None:
                return found, *arguments
            beside = (self.path.parent / program).is_file()
            raise ProgramFileError(
                f'"{program}" is no program on the PATH; '
                + (f'write "./{program}" for the file beside {self.path.name}' if beside else "install it")
            )
        place = self.path.parent / Path(program).expanduser()
        if not place.is_file():
            raise ProgramFileError(f'"{program}" is not there; build it first, or correct its path')
        if not os.access(place, os.X_OK):
            raise ProgramFileError(f'"{program}" is no program that may be run; chmod +x {program}')
        return str(place), *arguments


def read_program_file(path: Path) -> ProgramFile:
    """What a ``.toml`` says; ProgramFileError, in one line, for one that describes no cipher."""
    from cryptobench.reading import MEBIBYTE, Source

    path = path.resolve()
    try:
        table = Source(path, ProgramFileError, _HELP).toml(MEBIBYTE)
    except FileNotFoundError:
        raise ProgramFileError("there is no such file") from None
    except ProgramFileError as error:
        raise ProgramFileError(str(error).replace(str(path), "the file", 1)) from None
    return _program_file(path, table)


def _program_file(path: Path, table: Mapping[str, Any]) -> ProgramFile:
    for name in table:
        if name not in _KNOWN:
            where = "; it belongs below [card]" if name in {field.name for field in fields(Card)} else ""
            raise ProgramFileError(f"{name} is not known there{where or nearest(name, _KNOWN)}")
    commands: dict[str, Any] = {name: _command(name, table[name]) for name in _COMMANDS if name in table}
    if set(commands) not in ({"serve"}, {"encrypt", "decrypt"}):
        given = " and ".join(commands) or "no command"
        raise ProgramFileError(
            f'there is {given}, wanted serve = ["./my_cipher"], or both encrypt = [...] and decrypt = [...]; {_HELP}'
        )
    if not isinstance(table.get("card"), dict):
        raise ProgramFileError(f"there is no [card], wanted one with name, title, family, fidelity and key; {_HELP}")
    for name, command in commands.items():
        _require_places(name, command)
    card = _card(table["card"])
    named = tuple(sorted({one for command in commands.values() for one in _named_files(path.parent, command)}))
    card = replace(card, files=tuple(dict.fromkeys((*card.files, *named))))
    return ProgramFile(path=path, card=card, **commands, **_settings(table))


def _command(name: str, value: Any) -> tuple[str, ...]:
    if (
        isinstance(value, list)
        and value
        and all(isinstance(one, str) and "\0" not in one for one in value)
        and value[0]
    ):
        return tuple(value)
    example = '["./my_cipher", "{plain}", "{cipher}", "{key}", "{nonce}"]' if name != "serve" else '["./my_cipher"]'
    raise ProgramFileError(f"{name} is {str(value)[:60]!r}, wanted a list of texts such as {name} = {example}")


def _require_places(name: str, command: tuple[str, ...]) -> None:
    """A process a call is told its files by arguments; what serves is told by lines."""
    used = {place for one in command for place in re.findall(r"\{(\w+)\}", one) if place in _PLACES}
    if name == "serve" and used:
        raise ProgramFileError(f"serve has {{{min(used)}}}: requests come by standard input, a line each")
    if name != "serve" and (lacking := [place for place in ("plain", "cipher") if place not in used]):
        raise ProgramFileError(f"{name} has no argument {{{lacking[0]}}}: the program cannot know its files")


def _settings(table: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "seconds" in table:
        value = table["seconds"]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 86400:
            raise ProgramFileError(f"seconds is {value!r}, wanted a number from 0 to 86400")
        found["seconds"] = float(value)
    if "pictures" in table:
        if table["pictures"] not in ("png", "npy"):
            raise ProgramFileError(f'pictures is {table["pictures"]!r}, wanted "png" or "npy"')
        found["pictures"] = table["pictures"]
    if "changes_size" in table:
        if not isinstance(table["changes_size"], bool):
            raise ProgramFileError(f"changes_size is {table['changes_size']!r}, wanted true or false")
        found["changes_size"] = table["changes_size"]
    if "header_bytes" in table:
        value = table["header_bytes"]
        if value != "any" and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1 << 20):
            raise ProgramFileError(f'header_bytes is {value!r}, wanted a number of bytes, or "any"')
        found["header_bytes"] = None if value == "any" else value
    return found


def _card(table: Mapping[str, Any]) -> Card:
    known = {field.name: str(field.type) for field in fields(Card)}
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            raise ProgramFileError(f"the card has no {name!r}{nearest(name, known)}")
        kind, wanted = _KINDS.get(known[name], (list, "a list"))
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ProgramFileError(f"the card's {name} is {str(value)[:60]!r}, wanted {wanted}")
        values[name] = tuple(table[name]) if kind is list else value
    if lacking := [name for name in ("name", "title", "family", "fidelity", "key") if name not in values]:
        raise ProgramFileError(f"the card has no {' and no '.join(lacking)}; {_HELP}")
    values["key"] = tuple(_key_field(one) for one in values["key"])
    try:
        return Card(**values)
    except ValueError as error:
        raise ProgramFileError(str(error)) from None


def _key_field(value: object) -> KeyField:
    wanted = 'wanted key = [{ name = "key", bits = 256, meaning = "what it is" }]'
    if not isinstance(value, dict) or set(value) - {"name", "bits", "meaning"} or not {"name", "bits"} <= set(value):
        raise ProgramFileError(f"the card's key has {str(value)[:60]!r}, {wanted}")
    name, bits, meaning = value["name"], value["bits"], value.get("meaning", "")
    if not isinstance(name, str) or not isinstance(meaning, str) or type(bits) is not int:
        raise ProgramFileError(f"the card's key has {str(value)[:60]!r}, {wanted}")
    return KeyField(name, bits, meaning)


def _named_files(folder: Path, command: tuple[str, ...]) -> Iterator[str]:
    """The files in a folder, relative to it, that a command names; of MATLAB and Octave all functions there."""
    for one in command:
        path = folder / one
        if _FUNCTIONS.search(Path(one).name):
            yield from (other.name for other in folder.glob("*.m"))
        with suppress(OSError, ValueError):  # too long a name, a null character
            if one and path.is_file() and path.resolve().is_relative_to(folder):
                yield Path(os.path.normpath(one)).as_posix()
