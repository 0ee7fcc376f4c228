"""Rounding never says what is not so: p-values of 0, shares of 100 %, a minus before 0."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report.latex import latex_table
from cryptobench.report.markdown import markdown_table
from cryptobench.report.table import Column, Table
from cryptobench.report.tables import make_tables
from cryptobench.results.rounding import p_text, percentage
from cryptobench.results.run import Run


@pytest.mark.parametrize(("p_value", "text"), [(0.0, "<1e-300"), (5e-324, "4.9e-324"), (0.031415, "0.031"), (1.0, "1")])
def test_a_p_value_is_never_0(p_value: float, text: str) -> None:
    """What a float cannot hold is below what it can."""
    assert p_text(p_value) == text


@pytest.mark.parametrize(
    ("share", "text"), [(1.0, "100.00%"), (0.99999, "99.99%"), (0.98765, "98.77%"), (0.0, "0.00%")]
)
def test_only_all_of_it_is_100_percent(share: float, text: str) -> None:
    """The one sample that an attack missed is seen."""
    assert percentage(2)(share) == text


def test_a_correlation_that_rounds_to_0_has_no_minus() -> None:
    """-0.00001 reads +0.0000."""
    card = {"cipher": "toy", "family": "control", "fidelity": "A", "image": "x", "analysis": "correlation"}
    row = Measurement("correlation", -1e-5, channel="R", direction="horizontal", variant="cipher", low=-0.1, high=0.1)
    made, _ = make_tables(Run(Path(), frame([card | row.row()])))
    shown = next(table for table in made if table.name == "correlation").display()
    assert shown["horizontal cipher"].item() == "+0.0000"


def test_a_p_value_below_all_floats_is_set_in_latex_and_markdown() -> None:
    """The sign survives both, and numbers still stand to the right."""
    values = pd.DataFrame({"p": [0.0, 1e-20, 0.0]})
    table = Table("name", "Title", "Caption.", values, (Column("p", "p", p_text),))
    assert r"\num[group-digits=none]{<1e-300} \\" in latex_table(table)
    assert markdown_table(table).splitlines()[1:3] == [f"|{'-' * 11}:|", "| &lt;1e-300 |"]


def test_a_tag_in_a_message_stays_text_in_markdown() -> None:
    """A reason such as "<class 'int'>" is no HTML."""
    table = Table("name", "", "", pd.DataFrame({"why": ["<class 'int'> & <b>"]}), (Column("why", "why"),))
    assert "&lt;class 'int'> & &lt;b>" in markdown_table(table)
