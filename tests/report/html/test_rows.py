"""The measurement rows that the page carries."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cryptobench.report.html import rows as rows_of_the_page
from cryptobench.report.html.rows import measurement_rows
from cryptobench.results.run import RunData
from cryptobench.spreadsheet import csv_text
from tests.report.html_run import unpacked


def test_rows_are_those_of_the_measurement_table(attacked: RunData, page: str) -> None:
    """What a cipher's section offers to download is its part of measurements.csv, byte for byte."""
    for place, cipher in enumerate(attacked.ciphers):
        own = attacked.table[attacked.table["cipher"] == cipher]
        assert unpacked(page, f"rows-{place}") == own.to_csv(index=False, lineterminator="\n")


def test_rows_left_out_are_named(attacked: RunData) -> None:
    """Single trials go first, then all images but one; the page says so."""
    assert measurement_rows(attacked).note == ""
    summaries = measurement_rows(attacked, budget=sum(map(len, measurement_rows(attacked).chunks.values())) - 1)
    assert "single trials are left out" in summaries.note
    least = measurement_rows(attacked, budget=10)
    assert "Summaries of astronaut only" in least.note
    assert sum(map(len, least.chunks.values())) < sum(map(len, summaries.chunks.values()))


_ODD = {
    "numbers": [0.0, -0.0, np.nan, 1e300, -np.inf, 0.1 + 0.2],
    "whole": pd.array([1, None, -3, 2**60, 0, 1], dtype="Int64"),
    "texts": ["a,b", 'say "no"', "", "two\nlines", "=1+1", "-1"],
    "gaps": [None, "x", np.nan, "x", "", "-"],
    "rows": ["a,0\nb", "a", ",0\n", "0", "a", "a,0\nb"],
    "returns": ["a\rb", "a", "b", "c", "d", "e"],
    "mixed": [1, True, "1", 1.0, None, "x"],
    "flags": [True, False, True, True, False, False],
}


@pytest.mark.parametrize("names", [*([name] for name in _ODD), ["numbers", "whole", "texts", "gaps", "flags"], [*_ODD]])
def test_rows_written_by_column_are_those_written_by_row(names: list[str]) -> None:
    """Gaps, signs of zero, quotes, line ends, formulas, numbers beside texts: byte for byte what `csv_text` writes."""
    table = pd.DataFrame({"cipher": ["b", "a", "b", "b", "a", "c"]} | {name: _ODD[name] for name in names})
    table.index = pd.Index([5, 5, 3, 1, 0, 9])  # as a part of another table has it
    written = dict(rows_of_the_page._by_cipher(table))
    assert list(written) == ["b", "a", "c"]
    assert written == {cipher: csv_text(rows) for cipher, rows in table.groupby("cipher")}
