"""A table is written once in each form, whoever asks for it."""

from __future__ import annotations

import pandas as pd
import pytest

from cryptobench.layout import markdown, tables
from cryptobench.layout.markdown import markdown_table
from cryptobench.layout.tables import Column, Table


def test_each_form_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """CSV and Markdown are made at the first question and given again; another table has its own."""
    made: list[str] = []

    def noted(name, write):
        return lambda *given: (made.append(name), write(*given))[1]

    monkeypatch.setattr(tables, "csv_text", noted("csv", tables.csv_text))
    monkeypatch.setattr(markdown, "_written", noted("markdown", markdown._written))
    one, other = (Table("a", "A", "", pd.DataFrame({"x": [n]}), (Column("x", "x"),)) for n in (1, 2))
    assert [one.csv, markdown_table(one), one.csv, markdown_table(one)] == ["x\n1\n", markdown_table(one)] * 2
    assert made == ["csv", "markdown"]
    assert other.csv == "x\n2\n"
    assert markdown_table(other) != markdown_table(one)
