"""A table as Markdown."""

from __future__ import annotations

import re

from cryptobench.layout.tables import Table, mostly_numbers
from cryptobench.terminal import one_line

__all__ = ["as_text", "markdown_document", "markdown_table"]

# A backslash escapes punctuation only, an entity ends in a semicolon, an underscore within a word is itself, and a link
# is text in brackets with something in brackets behind it.
_SPECIAL = re.compile(r"[<|*`~$]|\\(?=[!-/:-@[-`{-~]|$)|&(?=#?\w+;)|(?<=\])[\[(]|(?<![^\W_])_|_(?![^\W_])")
_SPECIAL_IN_LINKS = re.compile(rf"{_SPECIAL.pattern}|[\[\]]")


def markdown_table(table: Table) -> str:
    """The table as a Markdown pipe table with aligned columns; numbers stand to the right."""
    return table.once("markdown", _written)


def _written(table: Table) -> str:
    texts = [(column.title, table.texts(column)) for column in table.columns]
    columns = [[as_text(text) for text in (title, *cells)] for title, cells in texts]
    widths = [max(3, *map(len, column)) for column in columns]
    numeric = [mostly_numbers(cells) for _, cells in texts]
    lines = [
        "| "
        + " | ".join(_pad(cell, width, right) for cell, width, right in zip(row, widths, numeric, strict=True))
        + " |"
        for row in zip(*columns, strict=True)
    ]
    rule = "|" + "|".join(
        "-" * (w + 1) + ":" if right else "-" * (w + 2) for w, right in zip(widths, numeric, strict=True)
    )
    return "\n".join([lines[0], rule + "|", *lines[1:]]) + "\n"


def markdown_document(table: Table) -> str:
    """The table under its title, with its caption."""
    return f"# {as_text(table.title)}\n\n{markdown_table(table)}\n{as_text(table.note)}\n"


def as_text(text: str, *, linked: bool = False) -> str:
    """Text as Markdown shows it, on one line: no cell, emphasis, code, formula, link or tag begins in it.

    Where it is the text of a link or picture, which must be said as ``linked``, none ends in it either.
    """
    return (_SPECIAL_IN_LINKS if linked else _SPECIAL).sub(_escaped, one_line(text))


def _escaped(found: re.Match[str]) -> str:
    special = found.group()
    if special == "<":
        return "&lt;"
    return "&amp;" if special == "&" else special[:-1] + "\\" + special[-1]


def _pad(text: str, width: int, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)
