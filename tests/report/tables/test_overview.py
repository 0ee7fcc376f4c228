"""The overview's words."""

from __future__ import annotations

from cryptobench.layout.tables import Table
from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables import make_table
from cryptobench.results.run import RunData, run_in_memory
from tests.report.tables.rows import row_of
from tests.results.doubles import judged_ciphers


def test_a_weak_cipher_fails(full_tables: dict[str, Table]) -> None:
    """The Caesar control fails the entropy test, a reference passes it, a crash is no pass."""
    assert row_of(full_tables["overview"], cipher="caesar")["global entropy"] == "FAIL"
    assert row_of(full_tables["overview"], cipher="aes-256-ctr")["round trip"] == "pass"
    assert row_of(full_tables["overview"], cipher="chen2004 [B+]")["avalanche, fixed nonce"] == "error"


def test_verdicts_are_the_run_s(full: RunData, full_tables: dict[str, Table]) -> None:
    """The table's values are those of the run's own verdicts."""
    values = full_tables["verdicts"].values
    assert values.drop(columns="ours").equals(full.verdicts())


def test_judgements_stand_before_the_tests() -> None:
    """Four of them after the family, none of them overall; weak keys where a cipher has some; attacks in no test."""
    rows = judged_ciphers()
    entropy = {"analysis": "entropy"} | Measurement("global_entropy", 7.9, part="cipher", p_value=0.5).row()
    rows += [rows[0] | entropy | {"cipher": cipher} for cipher in ("ctr", "broken", "bare")]
    run = run_in_memory(frame(rows), cards={"ctr": {"claims": "misuse=4"}})
    shown = make_table(run, "overview").display()
    judgements = ["statistics", "confidentiality", "misuse", "integrity", "weak keys"]
    assert list(shown) == ["cipher", "family", *judgements, "global entropy"]
    by_cipher = shown.set_index("cipher")[judgements]
    assert by_cipher.loc["ctr [B]"].tolist() == ["pass", "5", "0†", "malleable", "–"]
    assert by_cipher.loc["broken [B]"].tolist() == ["pass", "2", "2", "rejects", "weak"]
    assert by_cipher.loc["bare [B]"].tolist() == ["pass", "–", "–", "–", "–"]


def test_failed_attacks_by_chosen_ciphertexts_are_malleable() -> None:
    """In the table of verdicts, which has the p-values of attacks, with the word explained in its caption."""
    table = make_table(run_in_memory(frame(judged_ciphers())), "verdicts")
    shown = table.display().set_index(["cipher", "test"])["state"]
    assert shown["ctr [B]", "attacks (CCA)"] == "malleable"
    assert shown["ctr [B]", "attacks (CPA), fixed nonce"] == "FAIL"
    assert "where a failure reads malleable" in table.caption
