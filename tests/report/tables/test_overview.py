"""The overview's words."""

from __future__ import annotations

from cryptobench.layout.tables import Table
from cryptobench.results.run import RunData
from tests.report.tables.rows import row_of


def test_a_weak_cipher_fails(full_tables: dict[str, Table]) -> None:
    """The Caesar control fails the entropy test, a reference passes it, a crash is no pass."""
    assert row_of(full_tables["overview"], cipher="caesar")["global entropy"] == "FAIL"
    assert row_of(full_tables["overview"], cipher="aes-256-ctr")["round trip"] == "pass"
    assert row_of(full_tables["overview"], cipher="chen2004 [B+]")["avalanche, fixed nonce"] == "error"


def test_verdicts_are_the_run_s(full: RunData, full_tables: dict[str, Table]) -> None:
    """The table's values are those of the run's own verdicts."""
    values = full_tables["verdicts"].values
    assert values.drop(columns="ours").equals(full.verdicts())
