"""A small table, and the cells of tables in LaTeX."""

from __future__ import annotations

import re

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.report.tabular import head

__all__ = ["rows_of", "toy_table"]


def toy_table(columns: tuple[Column, ...], **values: list[object]) -> Table:
    """A table of ciphers c0, c1, ... with these columns."""
    count = len(next(iter(values.values())))
    frame = pd.DataFrame({"cipher": [f"c{i}" for i in range(count)], "family": "chaotic", "fidelity": "A"} | values)
    return Table("toy", "Toy", "A toy.", frame, (*head(), *columns))


def rows_of(text: str) -> list[list[str]]:
    """The cells of every row between a table's rules."""
    bodies = re.findall(r"\\midrule\n(.*?)\\bottomrule", text, re.DOTALL)
    lines = [line.removesuffix(r" \\") for body in bodies for line in body.strip().split("\n")]
    return [line.split(" & ") for line in lines if "multicolumn" not in line]
