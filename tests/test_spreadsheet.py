"""Tables as CSV that a spreadsheet shows and does not run."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

import cryptobench
from cryptobench.spreadsheet import as_cell, csv_text, text_of

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "'=1", "\t=1", "\r=1", "\n=1", " =1", "＝1", '=a,b\n"c"')
PLAIN = ("aes-256-ctr", "", "-1.5", "+3", "1e-300", "-inf", "-12 %", "'quoted", "-", "a=b", "–")


def read(text):
    """As a program reads it, every cell a text."""
    return pd.read_csv(io.StringIO(text), keep_default_na=False, dtype=str)


def test_formulas_are_texts_to_spreadsheets():
    """A "'" in front is what a spreadsheet takes for text; all else is as it was."""
    assert [as_cell(text) for text in FORMULAS] == [f"'{text}" for text in FORMULAS]
    assert [as_cell(text) for text in PLAIN if text != "-12 %"] == [text for text in PLAIN if text != "-12 %"]
    assert as_cell("-12%") == "-12%"
    assert [as_cell(-1.5), as_cell(None)] == [-1.5, None]


def test_tables_give_names_and_numbers_back():
    """In cells and titles, beside columns of numbers whose digits do not change."""
    names = [*FORMULAS, *PLAIN]
    table = pd.DataFrame({"cipher": names, "=title": [-1.5, 1e-300] * (len(names) // 2) + [0.0] * (len(names) % 2)})
    back = read(csv_text(table))
    assert list(back) == ["cipher", "'=title"]
    assert [text_of(cell) for cell in back["cipher"]] == names
    assert back["'=title"].astype(float).tolist() == table["=title"].tolist()
    assert not any(cell.lstrip()[:1] in tuple("=@") for cell in back["cipher"])


def test_ordinary_tables_stay_byte_for_byte():
    """Mixed columns too: missing values, numbers among words, and numbers as text."""
    table = pd.DataFrame({"a": ["x", None, -1.5], "b": ["-1", "+2", "inf"], "c": [1, -2, 3]})
    assert csv_text(table) == table.to_csv(index=False, lineterminator="\n")


@seed(1)
@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="'=+-@1e.% \t\n,\"x＝", max_size=8))
def test_every_text_comes_back(text):
    """`text_of` undoes `as_cell`, whatever quotes a text begins with."""
    assert text_of(as_cell(text)) == text


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_the_page_reads_cells_alike():
    """The report's own reader of CSV gives the texts that Python's does."""
    names = [*FORMULAS, *PLAIN, *(f"'{one}" for one in PLAIN)]
    source = (Path(cryptobench.__file__).parent / "report" / "html" / "assets" / "core.js").read_text()
    reader = source[source.index("// The text that a cell") :].partition("\n}\n")[0] + "\n}\n"
    script = f"{reader}console.log(JSON.stringify(parseCsv({json.dumps(csv_text(pd.DataFrame({'cipher': names})))})))"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    assert [row[0] for row in json.loads(done.stdout)[1:]] == names
