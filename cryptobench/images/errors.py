"""The one error of the image sets, and how several of them become one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

__all__ = ["ImageError", "for_each"]

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")


class ImageError(ValueError):
    """A picture or image set cannot be had; the message names what was given, what is wanted and what to do."""


def for_each(items: Iterable[_Given], load: Callable[[_Given], _Found]) -> list[_Found]:
    """What ``load`` gives for each item; `ImageError` with a line for each that it refuses, not for the first alone."""
    found: list[_Found] = []
    refused: list[str] = []
    for item in items:
        try:
            found.append(load(item))
        except ImageError as error:
            refused.append(str(error))
    if len(refused) == 1:
        raise ImageError(refused[0])
    if refused:
        lines = "".join(f"\n  {line}" for line in refused)
        raise ImageError(f"{len(refused)} of {len(found) + len(refused)} pictures cannot be used:{lines}")
    return found
