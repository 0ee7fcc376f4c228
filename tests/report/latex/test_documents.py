"""Files that include every table and figure."""

from __future__ import annotations

import re
from pathlib import Path

from cryptobench.layout.tables import Table
from cryptobench.report.latex import write_latex
from cryptobench.report.latex.documents import figures_document, tables_document
from cryptobench.report.markdown import Picture
from cryptobench.results.run import RunData


def test_the_documents_include_everything_once(full: RunData, full_tables: dict[str, Table], tmp_path: Path) -> None:
    """tables.tex inputs each table, figures.tex includes each figure at the page's width, each file exists."""
    paths = write_latex(
        tmp_path, full.only(mine="hua2021"), list(full_tables.values()), [Picture("map_a", "A_b", "50 %")], narrow=True
    )
    assert all(path.is_file() for path in paths)
    inputs = re.findall(r"\\input\{(.*?)\}", (tmp_path / "tables.tex").read_text("utf-8"))
    assert sorted(inputs) == sorted(f"tables/{name}" for name in full_tables)
    assert all((tmp_path / f"{name}.tex").is_file() for name in inputs)
    figures = (tmp_path / "figures.tex").read_text("utf-8")
    assert r"width=\textwidth" in figures
    assert r"\caption{A\_b. 50 \%}" in figures
    assert "includegraphics" not in (tmp_path / "figures_one_column.tex").read_text("utf-8")  # no twin was drawn
    assert (tmp_path / "paragraph.tex").is_file()


def test_narrow_figures_are_as_wide_as_a_column() -> None:
    """The twins have their own labels and stay in the column."""
    text = figures_document([Picture("map", "Map", "")], narrow=True)
    assert r"width=\columnwidth" in text
    assert "{figures/map_one_column}" in text
    assert r"\begin{figure}" in text


def test_tables_of_many_pages_come_last() -> None:
    """Short tables are not pushed behind long ones, and LaTeX never holds many floats."""
    text = tables_document([("long", 30), ("a", 1), ("b", 1)])
    assert re.findall(r"tables/(\w+)", text) == ["a", "b", "long"]
    assert text.index(r"\clearpage") < text.index("long")
