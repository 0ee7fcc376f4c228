"""Markdown shows names and messages as they are."""

from __future__ import annotations

import pandas as pd

from cryptobench.layout.markdown import markdown_table
from cryptobench.layout.tables import Column, Table
from cryptobench.measurement import Measurement, frame
from cryptobench.report.markdown import Picture, report_page
from cryptobench.report.tables import make_tables
from cryptobench.results.rounding import p_text
from cryptobench.results.run import RunData, run_in_memory


def test_the_page_shows_odd_names() -> None:
    """A cipher's name that looks like a tag or a table's edge is neither."""
    odd = {"cipher": "<b>|*", "family": "control", "fidelity": "A", "image": "x", "analysis": "quality"}
    run = run_in_memory(frame([odd | Measurement("exact", 1.0, verdict="pass").row()]))
    tables, skipped = make_tables(run)
    page = report_page(run, tables, [Picture("recovered", "Images of <b>|*", "Of <b>|*.")], skipped)
    assert r"- ciphers: &lt;b>\|\*" in page
    assert "<b>" not in page


def test_the_page_explains_marks(full: RunData) -> None:
    """The head of the page says what [B], [C] and (ours) mean."""
    page = report_page(full.only(mine="hua2021"), [], [], [])
    for mark in ("[B]: main steps", "[C]: reconstructed", "(ours): the authors' own cipher"):
        assert page.count(mark) == 1


def test_a_tag_in_a_message_stays_text() -> None:
    """A reason such as "<class 'int'>" is no HTML."""
    table = Table("name", "", "", pd.DataFrame({"why": ["<class 'int'> & <b>"]}), (Column("why", "why"),))
    assert "&lt;class 'int'> & &lt;b>" in markdown_table(table)


def test_tiny_p_values_stand_to_the_right() -> None:
    """The sign of a p-value below all floats is no tag, and the column stays one of numbers."""
    values = pd.DataFrame({"p": [0.0, 1e-20, 0.0]})
    table = Table("name", "Title", "Caption.", values, (Column("p", "p", p_text),))
    assert markdown_table(table).splitlines()[1:3] == [f"|{'-' * 11}:|", "| &lt;1e-300 |"]
