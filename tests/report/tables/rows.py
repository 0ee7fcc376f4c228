"""One row of a table as a reader finds it."""

from __future__ import annotations

from cryptobench.layout.tables import Table

__all__ = ["row_of"]


def row_of(table: Table, **where: str) -> dict[str, str]:
    """The text of each column in the one row whose columns read as asked."""
    shown = table.display()
    for column, value in where.items():
        shown = shown[shown[column] == value]
    assert len(shown) == 1
    return {str(k): str(v) for k, v in shown.iloc[0].items()}
