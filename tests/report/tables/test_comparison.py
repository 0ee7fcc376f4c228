"""Claimed beside measured, with a mark where they disagree."""

from __future__ import annotations

from collections.abc import Sequence
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
    _claims(monkeypatch, [seen])


def _claims(monkeypatch: pytest.MonkeyPatch, seen: list[dict[str, Any]], cited: Sequence[dict[str, Any]] = ()) -> None:
    monkeypatch.setattr(module, "claims_of", lambda cipher: seen if cipher == "toy" else [])
    monkeypatch.setattr(module, "cited_of", lambda cipher: list(cited) if cipher == "toy" else [])


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
    assert row["NPCR %: claimed"].partition(" (")[0] == f"{claimed:.3f}"


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


def _claim(metric: str, printed: str, **more: Any) -> dict[str, Any]:
    about = {"cipher": "toy", "status": "seen", "unit": "%", "image": "x", "size": "64x64x3"}
    return about | {"metric": metric, "value": float(printed), "printed": printed} | more


@pytest.mark.parametrize(
    ("claim", "shown"),
    [
        # 12288 samples: the deviation of NPCR is 0.05627, of UACI 0.2135
        (_claim("npcr", "99.98"), "99.980 (too good, z +6.5)"),
        (_claim("npcr", "99.98", size="128x128 (cipher 200x200)"), "99.980 (too good, z +11.7)"),
        (_claim("npcr", "99.98", size="not stated"), "99.980 (too good, z +15.0)"),
        (_claim("npcr", "99.28"), "99.280 (not ideal, z -5.8)"),
        (_claim("npcr", "99.61"), "99.610"),
        (_claim("npcr", "99.98", bound="above"), "> 99.980"),
    ],
)
def test_a_claim_far_off_ideal_has_its_z(claim: dict[str, Any], shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too good or not ideal, at the size of the cipher image; the caption says what that is."""
    _claims(monkeypatch, [claim])
    table = module.comparison(_run(*NPCR))
    assert table.display()["NPCR %: claimed"].tolist() == [shown]
    assert ("that is a question, not a verdict" in table.caption) == ("z" in shown)
    assert table.values.get("NPCR % claimed z", [None])[0] == pytest.approx(float(shown[-5:-1]), abs=0.05) or (
        "z" not in shown
    )


def test_claims_of_several_pictures_are_a_range(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the lowest to the highest, with the largest z; of correlations the largest without its sign."""
    _claims(monkeypatch, [_claim("npcr", "99.60"), _claim("npcr", "99.98"), _claim("npcr", "99.62")])
    row = _shown(_run(*NPCR))
    assert (row["NPCR %: measured"], row["NPCR %: claimed"]) == ("99.610", "99.600 to 99.980 (too good, z +6.5)")
    _claims(monkeypatch, [_claim("npcr", "99.7000"), _claim("npcr", "99.8000")])
    assert _shown(_run(*NPCR))["NPCR %: measured"] == "99.610*"
    signed = [_claim("correlation", value, unit="", direction="H") for value in ("0.0010", "-0.0052", "0.0031")]
    _claims(monkeypatch, signed)
    rows = _run(Measurement("correlation", -0.0053, part="cipher", direction="H"), analysis="correlation")
    row = {key: text for key, text in _shown(rows).items() if key.startswith("largest")}
    assert list(row.values()) == ["0.0053*", "0.0052"]


def test_cited_numbers_stand_apart_unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a column of their own, whose source the caption names; no star follows from them."""
    cited = _claim("npcr", "99.98", status="cited", by="A. Reviewer, Journal 1 (2025) 2, table 3; B prints 99.9")
    _claims(monkeypatch, [], [cited])
    table = module.comparison(_run(*NPCR))
    row = {str(k): str(v) for k, v in table.display().iloc[0].items()}
    assert (row["NPCR %: measured"], row["NPCR %: cited"]) == ("99.610", "99.980 (too good, z +6.5)")
    assert "NPCR %: claimed" not in row
    assert "NPCR % verdict" not in table.values
    assert "(A. Reviewer, Journal 1 (2025) 2, table 3: toy)" in table.caption
    _claims(monkeypatch, [_claim("npcr", "99.61")])
    assert "Cited" not in module.comparison(_run(*NPCR)).caption
