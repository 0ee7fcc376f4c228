"""Tables as LaTeX: what they show is what the CSV holds, names are safe, and nothing is wider than a page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cryptobench.report.latex import escape, latex_table, write_latex
from cryptobench.report.latex.documents import figures_document, tables_document
from cryptobench.report.latex.titles import split_title, wrapped
from cryptobench.report.markdown import Picture
from cryptobench.report.table import Column, Table, head
from cryptobench.report.tables import make_tables
from cryptobench.results.run import Run, load_run


@pytest.fixture(scope="module")
def run(run_folder: Path) -> Run:
    return load_run(run_folder).only(mine="hua2021")


@pytest.fixture(scope="module")
def tables(run: Run) -> dict[str, Table]:
    return {table.name: table for table in make_tables(run)[0]}


def _table(columns: tuple[Column, ...], **values: list[object]) -> Table:
    count = len(next(iter(values.values())))
    frame = pd.DataFrame({"cipher": [f"c{i}" for i in range(count)], "family": "chaotic", "fidelity": "A"} | values)
    return Table("toy", "Toy", "A toy.", frame, (*head(), *columns))


def _rows(text: str) -> list[list[str]]:
    """The cells of every row between a table's rules."""
    bodies = re.findall(r"\\midrule\n(.*?)\\bottomrule", text, re.DOTALL)
    lines = [line.removesuffix(r" \\") for body in bodies for line in body.strip().split("\n")]
    return [line.split(" & ") for line in lines if "multicolumn" not in line]


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("50% of_it #1 & more", r"50\% of\_it \#1 \& more"),
        (r"a\b{c}~^", r"a\textbackslash{}b\{c\}\textasciitilde{}\textasciicircum{}"),
        ("≤ 10⁻⁶ × √30", r"$\le$ 10$^{-6}$ $\times$ $\surd$30"),
        ("<a|b>", "$<$a$|$b$>$"),
        ("été", "été"),
        ("中", "U+4E2D"),
        ("a--b", "a-{}-b"),
        ("$5", r"\$5"),
    ],
)
def test_text_is_escaped(text: str, latex: str) -> None:
    """What LaTeX would take as a command is set as it reads; a letter without a glyph shows its code point."""
    assert escape(text) == latex


def test_numbers_are_those_of_the_display(tables: dict[str, Table]) -> None:
    """Each number in a siunitx column is the displayed text, star and all, and none is lost."""
    table = tables["entropy_global"]
    shown = table.display()
    found = {cell for row in _rows(latex_table(table)) for cell in row}
    for text in [*shown["R"], *shown["grey"]]:
        wanted = text.rstrip("*") + "{$^{*}$}" * text.endswith("*") if text != "–" else "{--}"
        assert wanted in found


def test_the_best_value_is_bold_and_controls_are_no_rivals() -> None:
    """Larger and smaller are told apart, a control's better value is not marked, and an interval's never is."""
    columns = (
        Column("speed", "speed", "{:.1f}", better="larger"),
        Column("time", "time", "{:.1f}", better="smaller"),
        Column("entropy", "entropy", "{:.1f}"),
    )
    table = _table(columns, speed=[1.0, 3.0, 9.0], time=[5.0, 7.0, 0.1], entropy=[1.0, 2.0, 3.0])
    table.values["family"] = ["chaotic", "chaotic", "control"]
    rows = _rows(latex_table(table))
    bold = [[cell.startswith(r"\fontseries{b}") for cell in row] for row in rows]
    assert bold == [[False, False, True, False], [False, True, False, False], [False, False, False, False]]


def test_equal_values_are_bold_alike_with_and_without_star() -> None:
    """A star says that a claim is missed, not that another number is better."""
    column = Column("bits", "bits", "{:.0f}", "verdict", better="larger")
    table = _table((column,), bits=[256.0, 256.0, 8.0])
    table.values["verdict"] = ["pass", "fail", "pass"]
    assert [row[1].startswith(r"\fontseries{b}") for row in _rows(latex_table(table))] == [True, True, False]


def test_what_everybody_has_is_not_bold() -> None:
    """A best value that four rows share distinguishes none."""
    table = _table((Column("bits", "bits", "{:.0f}", better="larger"),), bits=[256.0, 256.0, 256.0, 256.0, 8.0])
    assert "fontseries{b}" not in latex_table(table)


@pytest.mark.parametrize(
    ("values", "form", "type_"),
    [
        ([1.5, -22.25, 3.0], "{:.2f}", "S[table-format=-2.2,"),
        ([0.5, 0.25, 0.125], "{:.0%}", "S[table-format=2,"),
        ([1e-20, 0.5, 0.25], "{:.3g}", "r"),
        ([float("inf"), 30.0, None], "{:.1f}", "S[table-format=2.1,"),
    ],
)
def test_column_types_fit_their_numbers(values: list[object], form: str, type_: str) -> None:
    """Digits, sign and decimals are counted; powers of ten are set by siunitx one by one."""
    text = latex_table(_table((Column("x", "x", form),), x=values))
    assert r"\begin{tabular}{@{}l" + type_ in text
    assert ("{$\\infty$}" in text) == (values[0] == float("inf"))
    assert (r"\num[group-digits=none]{1e-20}" in text) == (values[0] == 1e-20)


def test_fidelity_and_the_own_cipher_are_marked(tables: dict[str, Table]) -> None:
    """B and C are raised behind the name and explained; the reader's own cipher is bold, and first."""
    text = latex_table(tables["npcr"], "hua2021")
    assert _rows(text)[0][0] == r"\textbf{hua2021}\textsuperscript{B} (ours)"
    assert r"zhang2015\textsuperscript{C+}" in text
    assert "B: main steps from a source" in text
    assert "C: reconstructed from title or abstract" in text
    alone = replace(tables["npcr"], values=tables["npcr"].values.query("cipher == 'aes-256-ctr'"))
    assert "reconstructed" not in latex_table(alone)


def test_intervals_and_trials_stand_in_the_notes(run_folder: Path) -> None:
    """On one image the interval is a note, not a column; so are the number of trials and the image's size."""
    run = load_run(run_folder)
    grey = replace(run, table=run.table[run.table["image"] == "camera"])
    table = next(table for table in make_tables(grey)[0] if table.name == "uaci")
    text = latex_table(table, sizes={"camera": "48×57×1"})
    note = text[text.index(r"\parbox") :]
    assert re.search(r"critical interval: \[\d\d\.\d{4}, \d\d\.\d{4}\]", note)
    assert "n = 12 trials each." in note
    assert r"Image: camera (48$\times$57$\times$1)" in note
    assert "interval" not in text[: text.index(r"\parbox")]


def test_every_row_has_as_many_cells_as_the_table_columns(tables: dict[str, Table]) -> None:
    """In every table of a run, cells, titles and column types agree."""
    for table in tables.values():
        text = latex_table(table, "hua2021")
        for tabular in re.findall(r"\\sbox0\{(.*?)\\end\{tabular\}\}%", text, re.DOTALL):
            body = tabular[tabular.index(r"\midrule") :]
            counts = {len(row) for row in _rows(body + r"\bottomrule")}
            title = tabular[: tabular.index(r"\midrule")].strip().split("\n")[-1]
            assert counts == {title.count(" & ") + 1}, table.name


def test_labels_are_unique_and_every_reference_has_one(tables: dict[str, Table]) -> None:
    """All tables together have no label twice and refer to none that is missing."""
    whole = "\n".join(latex_table(table) for table in tables.values())
    labels = re.findall(r"\\label\{(.*?)\}", whole)
    assert len(labels) == len(set(labels)) == whole.count(r"\caption{")
    assert set(re.findall(r"\\ref\{(.*?)\}", whole)) <= set(labels)


def test_a_long_table_is_cut_between_families_and_loses_no_row() -> None:
    """150 rows give several floats that hold each row once, each under its family."""
    table = _table((Column("x", "x", "{:.1f}"),), x=[float(i) for i in range(150)])
    table.values["family"] = ["chaotic"] * 40 + ["optical"] * 50 + ["control"] * 60
    text = latex_table(table)
    floats = text.split(r"\begin{table}")[1:]
    assert len(floats) > 2
    assert [row[1] for row in _rows(text)] == [f"{i}.0" for i in range(150)]
    assert r"\textit{chaotic}" in floats[0]
    assert r"\textit{optical}" not in floats[0]
    assert all(len(_rows(one)) <= 55 for one in floats)


def test_a_wide_table_is_cut_into_panels_that_repeat_the_cipher() -> None:
    """40 columns become panels under one caption, each of them starting with the names."""
    columns = tuple(Column(f"x{i}", f"x{i}", "{:.4f}") for i in range(40))
    text = latex_table(_table(columns, **{f"x{i}": [0.5, 0.25] for i in range(40)}))
    panels = text.split(r"\toprule")[1:]
    assert len(panels) > 2
    assert all("c0 & " in panel and "c1 & " in panel for panel in panels)
    assert text.count(r"\caption{") == 1
    assert text.count("0.5000") == 40


def test_panels_leave_out_rows_that_are_empty_there_but_no_cipher_is_lost() -> None:
    """Columns that few rows fill stand apart with those rows; a cipher without any value keeps its line of dashes."""
    columns = tuple(Column(f"x{i}", f"x{i}", "{:.6f}") for i in range(20))
    full: dict[str, list[object]] = {f"x{i}": [0.5, *[None] * 9] if i > 9 else [0.5] * 9 + [None] for i in range(20)}
    rows = [row[0] for row in _rows(latex_table(_table(columns, **full)))]
    assert rows.count("c0") > 1
    assert rows.count("c5") < rows.count("c0")
    assert "c9" in rows


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("fresh: strict: largest", ("fresh", "strict: largest")),
        ("NPCR %, mean", ("NPCR %", "mean")),
        ("horizontal plain", ("horizontal", "plain")),
        ("Gaussian 10", ("Gaussian", "10")),
        ("mean", ("", "mean")),
    ],
)
def test_titles_are_split_where_neighbours_share_them(title: str, parts: tuple[str, str]) -> None:
    """A mode, a metric or a kind is shared; the rest is the column's own."""
    assert split_title(title) == parts


def test_titles_are_wrapped_at_words() -> None:
    """No word is cut."""
    assert wrapped("largest abs. correlation", 5) == ["largest", "abs.", "correlation"]


def test_the_documents_include_everything_once(run: Run, tables: dict[str, Table], tmp_path: Path) -> None:
    """tables.tex inputs each table, figures.tex includes each figure at the page's width, each file exists."""
    paths = write_latex(tmp_path, run, list(tables.values()), [Picture("map_a", "A_b", "50 %")], narrow=True)
    assert all(path.is_file() for path in paths)
    inputs = re.findall(r"\\input\{(.*?)\}", (tmp_path / "tables.tex").read_text("utf-8"))
    assert sorted(inputs) == sorted(f"tables/{name}" for name in tables)
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
