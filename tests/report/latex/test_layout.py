"""Tables that do not fit a page are cut and lose nothing."""

from __future__ import annotations

from cryptobench.layout.tables import Column
from cryptobench.report.latex import latex_table
from tests.report.latex.toys import rows_of, toy_table


def test_a_long_table_loses_no_row() -> None:
    """150 rows give several floats that hold each row once, each under its family."""
    table = toy_table((Column("x", "x", "{:.1f}"),), x=[float(i) for i in range(150)])
    table.values["family"] = ["chaotic"] * 40 + ["optical"] * 50 + ["control"] * 60
    text = latex_table(table)
    floats = text.split(r"\begin{table}")[1:]
    assert len(floats) > 2
    assert [row[1] for row in rows_of(text)] == [f"{i}.0" for i in range(150)]
    assert r"\textit{chaotic}" in floats[0]
    assert r"\textit{optical}" not in floats[0]
    assert all(len(rows_of(one)) <= 55 for one in floats)


def test_panels_of_a_wide_table_repeat_the_cipher() -> None:
    """40 columns become panels under one caption, each of them starting with the names."""
    columns = tuple(Column(f"x{i}", f"x{i}", "{:.4f}") for i in range(40))
    text = latex_table(toy_table(columns, **{f"x{i}": [0.5, 0.25] for i in range(40)}))
    panels = text.split(r"\toprule")[1:]
    assert len(panels) > 2
    assert all("c0 & " in panel and "c1 & " in panel for panel in panels)
    assert text.count(r"\caption{") == 1
    assert text.count("0.5000") == 40


def test_panels_leave_out_empty_rows() -> None:
    """Columns that few rows fill stand apart with those rows; a cipher without any value keeps its line of dashes."""
    columns = tuple(Column(f"x{i}", f"x{i}", "{:.6f}") for i in range(20))
    full: dict[str, list[object]] = {f"x{i}": [0.5, *[None] * 9] if i > 9 else [0.5] * 9 + [None] for i in range(20)}
    rows = [row[0] for row in rows_of(latex_table(toy_table(columns, **full)))]
    assert rows.count("c0") > 1
    assert rows.count("c5") < rows.count("c0")
    assert "c9" in rows
