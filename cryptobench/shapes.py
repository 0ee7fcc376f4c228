"""Shapes of values that a file holds: what JSON and SQLite can give, checked before anybody computes with it.

A shape is a function of a value and of its place in the file; it raises `Misfit` where the value is another.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import PurePath
from typing import Any

__all__ = [
    "DEEPEST", "Misfit", "Shape", "anything", "array", "data", "either", "flag", "hexadecimal", "inner_path", "mapping",
    "nothing", "number", "one_of", "record", "string", "text", "whole",
]  # fmt: skip

Shape = Callable[[Any, str], None]

DEEPEST = 32  # levels of lists and objects in one another
_SHOWN = 60  # characters of a value in an error
_LARGEST = 2**63 - 1
_LONGEST_NAME = 255  # bytes, of a file's or a folder's name


class Misfit(ValueError):
    """A value has another shape than wanted; the message says where, what it is and what is wanted."""

    def __init__(self, place: str, value: object, wanted: str) -> None:
        shown = repr(value)
        shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
        super().__init__(f"{place or 'it'} is {shown}, wanted {wanted}")


def text(value: Any, place: str) -> None:
    """Unicode text, without half surrogates, which no file can be written with."""
    if not isinstance(value, str):
        raise Misfit(place, value, "text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Misfit(place, value, "Unicode text") from None


def string(value: Any, place: str) -> None:
    """Any text of Python, as paths of files are: half surrogates stand for bytes that are no UTF-8."""
    if not isinstance(value, str):
        raise Misfit(place, value, "text")


def flag(value: Any, place: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise Misfit(place, value, "true or false")


def nothing(value: Any, place: str) -> None:
    """No value."""
    if value is not None:
        raise Misfit(place, value, "nothing")


def data(value: Any, place: str) -> None:
    """Bytes, as in a BLOB of SQLite."""
    if not isinstance(value, bytes):
        raise Misfit(place, value, "bytes")


def whole(low: int = 0, high: int = _LARGEST) -> Shape:
    """A whole number within limits, both included."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Misfit(place, value, f"a whole number from {low}" + (f" to {high}" if high < _LARGEST else ""))

    return check


def number(low: float = -math.inf, high: float = math.inf, *, finite: bool = True) -> Shape:
    """A number within limits, both included; unless ``finite`` it may be infinite, but never NaN."""

    def check(value: Any, place: str) -> None:
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not low <= value <= high
            or (finite and not math.isfinite(value))
        ):
            limits = "" if (low, high) == (-math.inf, math.inf) else f" from {low:g} to {high:g}"
            raise Misfit(place, value, f"a number{limits}")

    return check


def one_of(values: Collection[str]) -> Shape:
    """One of some words."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, str) or value not in values:
            raise Misfit(place, value, f"one of {', '.join(word or 'nothing' for word in values)}")

    return check


def hexadecimal(count: int | None = None) -> Shape:
    """Pairs of hexadecimal digits, ``count`` of them where that is given."""

    def check(value: Any, place: str) -> None:
        text(value, place)
        digits = set(value) <= set("0123456789abcdefABCDEF")
        if not digits or len(value) % 2 or (count is not None and len(value) != 2 * count):
            raise Misfit(place, value, "pairs of hexadecimal digits" if count is None else f"{2 * count} hex digits")

    return check


def inner_path(parts: int = 1) -> Shape:
    """A name that is a folder's or a file's too, of at most so many parts: no path that leads out of its folder."""

    def check(value: Any, place: str) -> None:
        text(value, place)
        path = PurePath(value)
        if not 1 <= len(path.parts) <= parts or path.anchor or ".." in path.parts or "\0" in value:
            raise Misfit(place, value, "a name, not a path")
        if max(len(os.fsencode(part)) for part in path.parts) > _LONGEST_NAME:
            raise Misfit(place, value, f"a name of at most {_LONGEST_NAME} bytes")

    return check


def array(values: Shape, least: int = 0, most: int | None = None) -> Shape:
    """A list of ``least`` to ``most`` values."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, list) or len(value) < least or (most is not None and len(value) > most):
            count = f" of {least}" + ("" if most == least else f" to {most}" if most else " or more")
            raise Misfit(place, value, f"a list{count if least or most else ''}")
        for number_, one in enumerate(value):
            values(one, f"{place}[{number_}]")

    return check


def mapping(values: Shape, keys: Shape = text) -> Shape:
    """An object with any number of values of one shape by name."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise Misfit(place, value, "an object of values by name")
        for key, one in value.items():
            keys(key, f"a name in {place}" if place else "a name in it")
            values(one, _inside(place, key))

    return check


def record(
    required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None, *, others: Shape | None = None
) -> Shape:
    """An object with these values by name; others are allowed where they have a shape."""
    known = {**required, **(optional or {})}

    def check(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise Misfit(place, value, f"an object with {', '.join(required) or 'values by name'}")
        for key in required:
            if key not in value:
                raise Misfit(_inside(place, key), None, "a value")
        for key, one in value.items():
            text(key, f"a name in {place}" if place else "a name in it")
            shape = known.get(key, others)
            if shape is None:
                raise Misfit(_inside(place, key), one, f"only {', '.join(known)}")
            shape(one, _inside(place, key))

    return check


def either(*shapes: Shape) -> Shape:
    """A value of one of these shapes."""

    def check(value: Any, place: str) -> None:
        wanted = []
        for shape in shapes:
            try:
                return shape(value, place)
            except Misfit as misfit:
                wanted.append(str(misfit).rpartition(", wanted ")[2])
        raise Misfit(place, value, " or ".join(dict.fromkeys(wanted)))

    return check


def anything(value: Any, place: str, depth: int = 0) -> None:
    """Any value of JSON that can be written again: finite numbers, Unicode text, not nested too deeply."""
    if depth > DEEPEST:
        raise Misfit(place[:_SHOWN], "...", f"at most {DEEPEST} levels")
    if isinstance(value, str):
        text(value, place)
    elif isinstance(value, dict):
        for key, one in value.items():
            text(key, f"a name in {place}" if place else "a name in it")
            anything(one, _inside(place, key), depth + 1)
    elif isinstance(value, list):
        for number_, one in enumerate(value):
            anything(one, f"{place}[{number_}]", depth + 1)
    elif value is not None and not isinstance(value, bool):
        number()(value, place)


def _inside(place: str, key: str) -> str:
    return f"{place}.{key}" if place else str(key)
