"""Tables as LaTeX: marks, notes, as many cells as columns, labels."""

from __future__ import annotations

import re
from dataclasses import replace

from cryptobench.layout.tables import Table
from cryptobench.report.latex import latex_table
from cryptobench.report.tables import make_table
from cryptobench.results.run import RunData
from tests.report.latex.toys import rows_of


def test_fidelity_and_own_cipher_are_marked(own_tables: dict[str, Table]) -> None:
    """B and C are raised behind the name and explained; the reader's own cipher is bold, and first."""
    text = latex_table(own_tables["npcr"], "hua2021")
    assert rows_of(text)[0][0] == r"\textbf{hua2021}\textsuperscript{B} (ours)"
    assert r"zhang2015\textsuperscript{C+}" in text
    assert "B: main steps from a source" in text
    assert "C: reconstructed from title or abstract" in text
    alone = replace(own_tables["npcr"], values=own_tables["npcr"].values.query("cipher == 'aes-256-ctr'"))
    assert "reconstructed" not in latex_table(alone)
    assert "(ours): the authors' own cipher." in text


def test_intervals_and_trials_stand_in_the_notes(full: RunData) -> None:
    """On one image the interval is a note, not a column; so are the number of trials and the image's size."""
    grey = replace(full, table=full.table[full.table["image"] == "camera"])
    table = make_table(grey, "uaci")
    text = latex_table(table, sizes={"camera": "48×57×1"})
    note = text[text.index(r"\parbox") :]
    assert re.search(r"critical interval: \[\d\d\.\d{4}, \d\d\.\d{4}\]", note)
    assert "n = 12 trials each." in note
    assert r"Image: camera (48$\times$57$\times$1)" in note
    assert "interval" not in text[: text.index(r"\parbox")]


def test_every_row_has_a_cell_per_column(own_tables: dict[str, Table]) -> None:
    """In every table of a run, cells, titles and column types agree."""
    for table in own_tables.values():
        text = latex_table(table, "hua2021")
        for tabular in re.findall(r"\\sbox0\{(.*?)\\end\{tabular\}\}%", text, re.DOTALL):
            body = tabular[tabular.index(r"\midrule") :]
            counts = {len(row) for row in rows_of(body + r"\bottomrule")}
            title = tabular[: tabular.index(r"\midrule")].strip().split("\n")[-1]
            assert counts == {title.count(" & ") + 1}, table.name


def test_labels_are_unique_and_complete(own_tables: dict[str, Table]) -> None:
    """All tables together have no label twice and refer to none that is missing."""
    whole = "\n".join(latex_table(table) for table in own_tables.values())
    labels = re.findall(r"\\label\{(.*?)\}", whole)
    assert len(labels) == len(set(labels)) == whole.count(r"\caption{")
    assert set(re.findall(r"\\ref\{(.*?)\}", whole)) <= set(labels)
