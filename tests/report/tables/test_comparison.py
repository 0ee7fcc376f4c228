"""Claimed beside measured, with a mark where they disagree."""

from __future__ import annotations

from typing import Any

import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables import comparison as module
from cryptobench.report.tables import make_table
from cryptobench.results.run import RunData, run_in_memory

CARD = {"family": "chaotic", "fidelity": "B", "image": "x", "height": 64, "width": 64, "channels": 3}


def _run(*rows: Measurement, cipher: str = "toy", analysis: str = "differential") -> RunData:
    return run_in_memory(frame({**CARD, "cipher": cipher, "analysis": analysis} | row.row() for row in rows))


def _claiming(monkeypatch: pytest.MonkeyPatch, **claim: Any) -> None:
    seen = {"cipher": "toy", "status": "seen", "image": "x", "size": "64x64x3", "unit": "%"} | claim
    monkeypatch.setattr(module, "claims_of", lambda cipher: [seen] if cipher == "toy" else [])


def _shown(run: RunData) -> dict[str, str]:
    table = module.comparison(run)
    return {str(k): str(v) for k, v in table.display().iloc[0].items()}


NPCR = (
    Measurement("npcr_mean", 99.61, nonce="fresh"),
    Measurement("npcr_ci_low", 99.60, nonce="fresh"),
    Measurement("npcr_ci_high", 99.62, nonce="fresh"),
    Measurement("npcr_mean", 1.0, nonce="fixed"),
)


@pytest.mark.parametrize(
    ("claimed", "marked"),
    [(99.61, False), (99.62, False), (99.6201, True), (99.6, False), (99.7, True), (99.65, True), (50.0, True)],
)
def test_a_claim_outside_the_interval_is_marked(claimed: float, marked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The measured mean gets a star when the claim, rounded as printed, is off by more than the interval."""
    _claiming(monkeypatch, metric="npcr", value=claimed)
    row = _shown(_run(*NPCR))
    assert row["NPCR %: measured"] == "99.610" + "*" * marked
    assert row["NPCR %: claimed"] == f"{claimed:.3f}"


def test_numbers_of_keys_are_compared_as_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """2^128 keys claimed are more than 100 effective bits; a claim of fewer than measured is off as well."""
    rows = _run(Measurement("effective_key_bits", 100.0), analysis="keyspace")
    _claiming(monkeypatch, metric="key_space", value=2.0**128, unit="keys", bound="above")
    assert (_shown(rows)["key bits: measured"], _shown(rows)["key bits: claimed"]) == ("100*", "> 128")
    _claiming(monkeypatch, metric="key_space", value=100, unit="bit")
    assert _shown(rows)["key bits: measured"] == "100"


def test_claims_about_other_sizes_are_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entropy depends on the number of pixels, so 7.9997 at 512x512 says nothing about 64x64."""
    measured = Measurement("global_entropy", 7.98, part="cipher", low=7.97, high=7.99)
    rows = _run(measured, analysis="entropy")
    _claiming(monkeypatch, metric="global_entropy", value=7.9997, unit="bit", size="512x512x1")
    assert _shown(rows)["entropy (bit): measured"] == "7.9800"
    _claiming(monkeypatch, metric="global_entropy", value=7.9997, unit="bit")
    assert _shown(rows)["entropy (bit): measured"] == "7.9800*"


def test_throughput_in_bits_is_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    """80 Mbit/s are 10 MB/s."""
    rows = _run(Measurement("encrypt_throughput", 20.0), analysis="timing")
    _claiming(monkeypatch, metric="encrypt_throughput", value=80, unit="Mbit/s", bound="above")
    row = _shown(rows)
    assert (row["encrypt (MB/s): measured"], row["encrypt (MB/s): claimed"]) == ("20", "> 10")


def test_rows_choose_the_ciphers(full: RunData) -> None:
    """--rows chooses, and the reader's own cipher stays and comes first; other tables have all ciphers."""
    run = full.only(mine="hua2021", rows=["caesar", "aes-256-ctr"])
    assert make_table(run, "comparison").values["cipher"].tolist() == ["hua2021", "aes-256-ctr", "caesar"]
    assert "zhang2015" in set(make_table(run, "npcr").values["cipher"])


def test_without_claims_there_are_no_claimed_columns(full: RunData) -> None:
    """Only metrics that some row has a claim about have a column for it."""
    table = make_table(full.only(["aes-256-ctr", "caesar"]), "comparison")
    assert not [column.title for column in table.columns if "claimed" in column.title]
