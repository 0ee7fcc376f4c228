"""What did not finish stands in a table, with the reason."""

from __future__ import annotations

from cryptobench.layout.markdown import markdown_table
from cryptobench.layout.tables import Table
from tests.report.tables.rows import row_of


def test_a_failed_cell_is_missing_with_its_reason(full_tables: dict[str, Table]) -> None:
    """An unsupported image is a row of dashes, and the errors table says why."""
    assert row_of(full_tables["entropy_global"], cipher="arnold-cat", image="camera")["grey"] == "–"
    errors = full_tables["errors"].values
    reasons = errors[(errors["cipher"] == "arnold-cat") & (errors["analysis"] == "entropy")]["message"]
    assert reasons.tolist() == ["arnold-cat: image is 48x57x1, wanted a square image"]
    assert set(errors["status"]) == {"unsupported", "failed", "crashed", "timeout"}


def test_pipes_in_messages_are_escaped(full_tables: dict[str, Table]) -> None:
    """Every line of a table has the same number of unescaped pipes, whatever a message holds."""
    lines = markdown_table(full_tables["errors"]).splitlines()
    assert any(r"with a pipe" in line and r"\|" in line for line in lines)
    assert len({line.replace(r"\|", "").count("|") for line in lines}) == 1
