"""A table as Markdown."""

from __future__ import annotations

from cryptobench.layout.tables import Table, mostly_numbers

__all__ = ["as_text", "markdown_document", "markdown_table"]


def markdown_table(table: Table) -> str:
    """The table as a Markdown pipe table with aligned columns; numbers stand to the right."""
    texts = [(column.title, column.texts(table.values)) for column in table.columns]
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


def as_text(text: str) -> str:
    """Text as Markdown shows it unchanged: no cell, emphasis or tag begins in it."""
    return text.replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*").replace("\r", "").replace("\n", " ")


def _pad(text: str, width: int, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)
