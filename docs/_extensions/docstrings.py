"""Docstrings of this project for autodoc: names in single backticks, and bars and stars that are meant as such."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["to_rst"]

_LITERAL = re.compile(r"(``[^`]+``|`[^`]+`)")


def to_rst(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Handler of ``autodoc-process-docstring``; examples stay as they are."""
    example = False
    for index, line in enumerate(lines):
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if not example:
            lines[index] = "".join(map(_part, _LITERAL.split(line)))


def _part(text: str) -> str:
    if text.startswith("`"):
        return f"``{text.strip('`')}``"
    return re.sub(r"([|*\\])", r"\\\1", re.sub(r"(?<=\w)_(?!\w)", r"\\_", text))
