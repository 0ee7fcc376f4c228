"""Tables as Markdown."""

from __future__ import annotations

from cryptobench.report.table import Table

__all__ = ["markdown_document", "markdown_table"]


def markdown_table(table: Table) -> str:
    """The table as a Markdown pipe table with aligned columns; numbers stand to the right."""
    shown = table.display().map(_escape)
    titles = [_escape(str(title)) for title in shown.columns]
    columns = [[title, *shown.iloc[:, i]] for i, title in enumerate(titles)]
    widths = [max(3, *map(len, column)) for column in columns]
    numeric = [_mostly_numbers(column[1:]) for column in columns]
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
    return f"# {table.title}\n\n{markdown_table(table)}\n{table.caption}\n"


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("\r", "").replace("\n", " ")


def _pad(text: str, width: int, right: bool) -> str:
    return text.rjust(width) if right else text.ljust(width)


def _mostly_numbers(cells: list[str]) -> bool:
    return sum(cell[:1].isdigit() or cell[:1] in "+-≥≤[" for cell in cells) * 2 > len(cells)
