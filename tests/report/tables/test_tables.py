"""All tables: their names, what they mark, how they are ordered, and one of them by itself."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from cryptobench.layout.markdown import markdown_document
from cryptobench.layout.tables import Table
from cryptobench.measurement import Measurement, frame
from cryptobench.report.html.content import table_content
from cryptobench.report.latex import latex_table
from cryptobench.report.tables import TABLES, make_table, make_tables
from cryptobench.results.run import RunData, run_in_memory
from tests.report.tables.test_learned import learned_rows
from tests.report.tables.test_randomness import randomness_rows
from tests.results.doubles import two_ciphers

OURS = "hua2021"


@pytest.fixture(scope="module")
def everything(full: RunData) -> list[Table]:
    """Every table of a report, some rows in each of them about a cipher of the proposed family."""
    kept = full.table[full.table["cipher"].isin([OURS, "caesar"])]
    kept = kept.assign(family=kept["family"].mask(kept["cipher"] == OURS, "proposed"))
    own = {"cipher": OURS, "family": "proposed", "fidelity": "B", "image": "astronaut"}
    rows = [
        *learned_rows(),
        *_proposed(randomness_rows(), "good"),
        *_proposed(two_ciphers(), "weak"),
        own | {"analysis": "key_sensitivity"} | Measurement("key_npcr_mean", 99.6, part="x0").row(),
        own | {"analysis": "generalisation"} | Measurement("generalisation_psnr", 30.0, condition="photograph").row(),
        own | {"analysis": "generalisation"} | Measurement("generalisation_ssim", 0.9, condition="photograph").row(),
    ]
    tables, skipped = make_tables(run_in_memory(pd.concat([kept, frame(rows)], ignore_index=True)))
    assert skipped == []
    return tables


def _proposed(rows: list[dict[str, Any]], cipher: str) -> list[dict[str, Any]]:
    return [row | ({"family": "proposed", "fidelity": "C"} if row["cipher"] == cipher else {}) for row in rows]


def test_each_table_is_made_or_skipped(full_made: tuple[list[Table], list[str]]) -> None:
    """Each table function gives a table of its own name, or a line that says why not."""
    made, skipped = full_made
    assert len(made) + len(skipped) == len(TABLES)
    named = [table.name for table in made] + [re.findall(r"table (\w+): ", line)[0] for line in skipped]
    assert sorted(named) == sorted(TABLES)


def test_every_table_marks_our_cipher_once(everything: list[Table]) -> None:
    """In Markdown, LaTeX, HTML and CSV, behind the name of each cipher of the proposed family and of no other."""
    for table in everything:
        names = table.display()["cipher"]
        for family, name, mark in zip(table.values["family"], names, table.values["ours"], strict=True):
            assert name.count("(ours)") == (family == "proposed"), table.name
            assert mark == ("ours" if family == "proposed" else ""), table.name
        assert table_content(table)["columns"][0]["texts"] == names.tolist()
        rows = markdown_document(table).split("\n\n")[1].splitlines()[2:]
        assert [row.count("(ours)") for row in rows] == [name.count("(ours)") for name in names], table.name


def test_every_mark_has_a_legend(everything: list[Table]) -> None:
    """The note of a table explains our mark where the table has one, in every format, and once."""
    for table in everything:
        has_mark = (table.values["ours"] == "ours").any() or "(ours)" in table.title
        wanted = 1 if has_mark else 0
        for text in (table.note, table_content(table)["caption"], latex_table(table), markdown_document(table)):
            assert text.count("(ours): the cipher proposed with this benchmark") == wanted, table.name
        if has_mark:
            assert "(ours)" in latex_table(table)


def test_every_table_has_a_row_of_ours(everything: list[Table]) -> None:
    """The tests above have something to look at; rivals of the proposed cipher are named in its title."""
    assert len(everything) == len(TABLES)
    without = [table.name for table in everything if not (table.values["ours"] == "ours").any()]
    assert without == ["relative_claims"]


def test_captions_are_sentences(everything: list[Table]) -> None:
    """Each begins with a capital letter, ends with a full stop, and has no leftover of a format."""
    for table in everything:
        assert re.match(r"[A-Z]", table.caption), table.name
        assert table.caption.endswith("."), table.name
        assert not re.search(r"[{}]|  |\.\.|nan", table.caption), table.name


def test_every_table_marks_fidelity(full_tables: dict[str, Table]) -> None:
    """Wherever a B or C cipher stands, its fidelity stands too, in Markdown and in CSV."""
    for table in full_tables.values():
        assert "fidelity" in table.values
        assert not {"hua2021", "zhang2015", "chen2004"} & set(table.display()["cipher"])
        assert "[B]: main steps from a source" in table.note


def test_the_own_cipher_is_first_and_marked(own_tables: dict[str, Table]) -> None:
    """--mine brings a cipher to the top of every table and marks it there."""
    for table in own_tables.values():
        assert table.display()["cipher"].iloc[0] == "hua2021 [B] (ours)", table.name
        assert "(ours): the authors' own cipher." in table.note


def test_rows_follow_the_ciphers_order(full: RunData) -> None:
    """References first, controls last, images in the run's order within a cipher."""
    values = make_table(full, "quality").values
    assert list(dict.fromkeys(values["cipher"])) == full.ciphers
    assert values["image"].tolist()[:2] == ["astronaut", "camera"]
