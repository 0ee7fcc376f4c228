"""The measurement rows that the page carries."""

from __future__ import annotations

from cryptobench.report.html.rows import measurement_rows
from cryptobench.results.run import RunData
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
