"""What verbs show on the terminal: plain-text tables, and what is running."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

__all__ = ["columns", "show_progress"]


def columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The rows under their header, in left-aligned columns."""
    table = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(header))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in table)


def show_progress(text: str) -> None:
    """Put ``text`` in place of the last one on standard error, if that is a terminal; "" takes it away."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)
