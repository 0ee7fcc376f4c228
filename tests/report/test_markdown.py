"""Markdown shows names and messages as they are."""

from __future__ import annotations

import pandas as pd
import pytest

from cryptobench.layout.markdown import as_text, markdown_table
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


NASTY = (
    "a$^$b", "[l](javascript:x)", "[l][r]", "![i](http://x)", "<script>", "<!-- x", "a_b%c#d&e{f}", "_x_ __y__ a_b_c",
    "|", "`code` ``", "a*b*c", "~~gone~~", "&amp; &#60; & &b", "\\| \\_ \\", "C:\\dir", "=1+1",
    "W" * 64, "日本 e\u0301 👨‍👩‍👧",
)  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_markdown_shows_any_name(name: str) -> None:
    """A reader of Markdown shows the name itself in a cell, without link, code or emphasis."""
    reader = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False})
    table = Table("t", "", "", pd.DataFrame({"cipher": [name], "n": [1]}), (Column("cipher", "cipher"),) * 2)
    shown = [token for token in reader.parse(markdown_table(table)) if token.type == "inline"][2:]
    assert [{part.type for part in cell.children} <= {"text", "text_special"} for cell in shown] == [True, True]
    assert ["".join(part.content for part in cell.children) for cell in shown] == [name, name]


@pytest.mark.parametrize("name", [*NASTY, "a]b", "[", "](x)", "\\]"])
def test_markdown_links_take_any_name(name: str) -> None:
    """The text of a picture is the name, whatever brackets are in it."""
    reader = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False})
    (picture,) = reader.parseInline(f"![{as_text(name, linked=True)}](x.png)")[0].children
    assert (picture.type, picture.attrs["src"]) == ("image", "x.png")
    assert "".join(part.content for part in picture.children) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a\nb\r\nc\u2028d", "a b c d"), ("\u202egnp\u200f", "\\u202egnp\\u200f"), ("\x1b[1m", "\\x1b[1m")],
)
def test_markdown_names_stay_on_one_line(name: str, shown: str) -> None:
    """A line end is a space; marks that turn the direction of writing, and control characters, are visible."""
    assert as_text(name) == shown


def test_tiny_p_values_stand_to_the_right() -> None:
    """The sign of a p-value below all floats is no tag, and the column stays one of numbers."""
    values = pd.DataFrame({"p": [0.0, 1e-20, 0.0]})
    table = Table("name", "Title", "Caption.", values, (Column("p", "p", p_text),))
    assert markdown_table(table).splitlines()[1:3] == [f"|{'-' * 11}:|", "| &lt;1e-300 |"]
