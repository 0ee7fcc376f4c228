"""Claimed beside measured, with a mark where they disagree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report.tables import comparison as module
from cryptobench.report.tables import make_tables
from cryptobench.results.run import ReportError, Run, load_run

CARD = {"family": "chaotic", "fidelity": "B", "image": "x", "height": 64, "width": 64, "channels": 3}


def _run(*rows: Measurement, cipher: str = "toy", analysis: str = "differential") -> Run:
    return Run(Path(), frame({**CARD, "cipher": cipher, "analysis": analysis} | row.row() for row in rows))


def _claiming(monkeypatch: pytest.MonkeyPatch, **claim: Any) -> None:
    seen = {"cipher": "toy", "status": "seen", "image": "x", "size": "64x64x3", "unit": "%"} | claim
    monkeypatch.setattr(module, "claims_of", lambda cipher: [seen] if cipher == "toy" else [])


def _shown(run: Run) -> dict[str, str]:
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
def test_a_claim_outside_the_confidence_interval_is_marked(
    claimed: float, marked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_a_claim_about_another_size_is_shown_but_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entropy depends on the number of pixels, so 7.9997 at 512x512 says nothing about 64x64."""
    measured = Measurement("global_entropy", 7.98, variant="cipher", low=7.97, high=7.99)
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


def test_rows_are_those_asked_for_and_the_own_cipher_is_first(run_folder: Path) -> None:
    """--rows chooses; --mine is kept, comes first and is marked in every table."""
    run = load_run(run_folder).only(mine="hua2021", rows=["caesar", "aes-256-ctr"])
    tables = {table.name: table for table in make_tables(run)[0]}
    assert tables["comparison"].values["cipher"].tolist() == ["hua2021", "caesar", "aes-256-ctr"] or set(
        tables["comparison"].values["cipher"]
    ) == {"hua2021", "caesar", "aes-256-ctr"}
    for table in tables.values():
        assert table.display()["cipher"].iloc[0] == "hua2021 [B] (ours)", table.name
    assert "zhang2015" in set(tables["npcr"].values["cipher"])


def test_without_claims_there_are_no_claimed_columns(run_folder: Path) -> None:
    """Only metrics that some row has a claim about show the claim."""
    run = load_run(run_folder).only(["aes-256-ctr", "caesar"])
    assert not [column.title for column in module.comparison(run).columns if "claimed" in column.title]


@pytest.mark.parametrize("option", ["mine", "rows"])
def test_an_unknown_name_is_one_line_with_the_nearest(option: str, run_folder: Path) -> None:
    """A misspelt cipher is named, with the one that was probably meant."""
    wanted: Any = {"mine": "hua2012"} if option == "mine" else {"rows": ["hua2012"]}
    with pytest.raises(ReportError, match=rf"--{option}: .* has no cipher hua2012; did you mean 'hua2021'\?"):
        load_run(run_folder).only(**wanted)


def test_the_own_cipher_stays_when_others_are_chosen(run_folder: Path) -> None:
    """--ciphers restricts the report, but never to a report without the reader's own."""
    run = load_run(run_folder).only(["aes-256-ctr"], mine="hua2021")
    assert run.ciphers == ["hua2021", "aes-256-ctr"]
    assert run.label("hua2021") == "hua2021 [B] (ours)"
