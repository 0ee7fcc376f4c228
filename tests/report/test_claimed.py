"""What papers claim beside what a run measured, a row an entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report import claimed
from cryptobench.report.claimed import COLUMNS, claimed_and_measured
from cryptobench.report.html.content import cipher_content
from cryptobench.report.html.pictures import EmbeddedPictures
from cryptobench.report.html.plain import json_text
from cryptobench.results.claims import all_claims
from cryptobench.results.run import RunData, run_in_memory

CARD = {"family": "learned", "fidelity": "B", "image": "x", "height": 64, "width": 64, "channels": 1}
CLAIM = {"cipher": "toy", "status": "seen", "unit": "%", "image": "House", "size": "200x200", "seen": "table 1"}


def _run(**rows: Measurement | list[Measurement]) -> RunData:
    """A run of the cipher toy, rows by analysis."""
    table = [
        {**CARD, "cipher": "toy", "analysis": analysis} | row.row()
        for analysis, some in rows.items()
        for row in (some if isinstance(some, list) else [some])
    ]
    return run_in_memory(frame(table))


def _rows(monkeypatch: pytest.MonkeyPatch, run: RunData | None, *claims: dict[str, Any]) -> list[dict[str, Any]]:
    monkeypatch.setattr(claimed, "all_claims", lambda: tuple(CLAIM | one for one in claims))
    return [{str(k): v for k, v in row.items()} for row in claimed_and_measured(None, run).to_dict("records")]


def test_every_entry_has_a_row() -> None:
    """Of all ciphers, or of some; without a run nothing is measured."""
    table = claimed_and_measured(None, None)
    assert tuple(table.columns) == COLUMNS
    assert len(table) == len(all_claims())
    assert table["measured"].isna().all()
    some = claimed_and_measured(["wang2022-dnn"], None)
    assert set(some["status"]) == {"seen", "not reported"}
    assert some.iloc[-1]["source"].startswith("the whole paper")
    assert claimed_and_measured(["caesar"], None).empty


def test_measured_values_have_their_own_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the comparison table takes, where it was measured, and the answer about the claim."""
    run = _run(
        differential=Measurement("npcr_mean", 99.5, nonce="fresh"),
        timing=[Measurement(f"{way}crypt_time", 0.25, statistic="median") for way in ("en", "de")],
    )
    npcr, faster, slower, other = _rows(
        monkeypatch, run, {"metric": "npcr", "value": 99.98, "printed": "99.9800"},
        {"metric": "encrypt_time", "value": 0.42, "unit": "s", "status": "cited", "by": "a review"},
        {"metric": "decrypt_time", "value": 2.0, "relative": "other learned ciphers"},
        {"metric": "npcr", "value": 99.6, "cipher": "unmeasured"},
    )  # fmt: skip
    assert (npcr["measured"], npcr["measured unit"], npcr["measured on"]) == (99.5, "%", "x, 64x64x1")
    assert (npcr["claimed"], npcr["printed"], npcr["source"]) == (99.98, "99.9800", "table 1")
    assert (npcr["plausible"], round(npcr["z"], 2)) == ("implausible (too good)", 11.88)
    assert (faster["measured"], faster["measured unit"], faster["plausible"]) == (250.0, "ms", "")
    assert slower["measured"] != slower["measured"]  # relative to other ciphers
    assert other["measured"] != other["measured"]


def test_correlations_are_of_their_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest of the channels, without its sign; the plain image's is another."""
    run = _run(correlation=[
        Measurement("correlation", value, part=part, direction=direction, channel=channel)
        for value, part, direction, channel in (
            (0.9, "plain", "V", "R"), (0.3, "cipher", "H", "R"), (0.1, "cipher", "V", "R"), (-0.2, "cipher", "V", "G"),
        )
    ])  # fmt: skip
    (row,) = _rows(monkeypatch, run, {"metric": "correlation", "value": 0.01, "unit": "", "direction": "V"})
    assert row["measured"] == 0.2


def test_pages_show_cited_and_implausible_claims(tmp_path: Path) -> None:
    """With the review, the printed digits and z; an infinite PSNR is no hindrance."""
    run = _run(differential=Measurement("npcr_mean", 99.5, nonce="fresh"))
    run = run_in_memory(run.table.assign(cipher="maniyath2020"))
    content = cipher_content(run, "maniyath2020", None, run.attacks, EmbeddedPictures())
    claims = {claim["metric"]: claim for claim in content["claims"]}
    assert claims["npcr"]["by"].startswith("Singh et al.")
    assert (claims["npcr"]["off"], claims["uaci"]["off"]) == ("implausible (too good), z +10.5", "")
    assert claims["encrypt_time"]["printed"] == "0.420"
    assert claims["decrypted_psnr"]["value"] == "Infinity"
    assert json_text(content["claims"])
