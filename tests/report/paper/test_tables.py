"""The four tables show the run's numbers: each in its place, with the interval and the mark that the run gave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report.paper.attacks import attacks_sheet
from cryptobench.report.paper.chosen import Subject, subject
from cryptobench.report.paper.comparison import comparison_sheet
from cryptobench.report.paper.keys import keys_sheet
from cryptobench.report.paper.sheet import GROUP, Sheet
from cryptobench.report.paper.statistics import statistics_sheet
from cryptobench.report.tables import comparison as tables
from cryptobench.results.run import NothingToShow, ReportError, RunData, run_in_memory
from cryptobench.results.taken_over import TakenOver
from tests.report.paper.conftest import HOSTILE
from tests.results.doubles import attack_rows, minimum_rows

About = Callable[..., Subject]


def _rows(sheet: Sheet) -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in sheet.rows if row[0] != GROUP}


def _run(*measurements: tuple[str, Measurement], cipher: str = "toy", **where: Any) -> list[dict[str, Any]]:
    card = {"cipher": cipher, "family": "chaotic", "fidelity": "A", "image": "coffee", "height": 64, "width": 96}
    card |= {"channels": 3, "status": "ok", "seed": 1, "seconds": 0.1} | where
    return [card | {"analysis": analysis} | one.row() for analysis, one in measurements]


def _tested(metric: str, value: float, low: float, high: float, **columns: Any) -> Measurement:
    verdict = "pass" if low <= value <= high else "fail"
    return Measurement(metric, value, low=low, high=high, p_value=0.5, verdict=verdict, **columns)


def test_statistics_stand_beside_the_ideal_interval() -> None:
    """Plaintext, ciphertext with a star outside the interval, the interval, and of correlations the largest in size."""
    rows = _run(
        ("entropy", Measurement("global_entropy", 7.25, channel="all", part="plain")),
        ("entropy", _tested("global_entropy", 7.9, 7.98, 7.99, channel="all", part="cipher")),
        *(
            ("correlation", _tested("correlation", value, -0.02, 0.02, part="cipher", direction="H", channel=channel))
            for channel, value in (("R", 0.001), ("G", -0.03), ("B", 0.02))
        ),
        ("differential", _tested("npcr_mean", 99.61, 99.6, 99.7, nonce="fresh")),
        ("differential", _tested("npcr_mean", 50.5, 99.6, 99.7, nonce="fixed", place="first")),
        ("differential", Measurement("npcr_mean", 12.5, low=99.6, verdict="fail", p_value=0.0, nonce="fixed")),
    )  # fmt: skip
    sheet = statistics_sheet(subject(run_in_memory(frame(rows)), "toy"))
    found = _rows(sheet)
    assert found["Global entropy"][:3] == ("7.2500", "7.9000*", "7.9800 to 7.9900")
    assert found["Correlation, horizontal"][:3] == ("–", "-0.0300*", "±0.0200")
    assert found["NPCR, fresh nonce"][:3] == ("–", "99.6100", "99.6000 to 99.7000")
    assert found["NPCR, one nonce"][:3] == ("–", "12.5000*", "≥ 99.6000")
    assert "On coffee, 64×96×3." in sheet.note
    assert "*: outside the interval" in sheet.note
    assert not sheet.wide


def test_two_images_stand_side_by_side(about: About) -> None:
    """A colour image and a grey one, each under its size; a test's p once."""
    sheet = statistics_sheet(about())
    assert sheet.wide
    assert sheet.above == (("astronaut, 64×64×3", 3), ("camera, 48×57×1", 3))
    assert {len(row) for row in sheet.rows if row[0] != GROUP} == {8}
    p = [row[-1] for row in sheet.rows if row[0].startswith("Correlation")]
    assert p[0] != ""
    assert set(p[1:]) == {""}


def test_key_damage_and_cost_are_the_runs_own(full: RunData, about: About) -> None:
    """Mean and worst of a changed key bit, PSNR and SSIM of each damage, time beside AES."""
    found = _rows(keys_sheet(about()))
    own = full.numbers[(full.numbers["cipher"] == "hua2021") & (full.numbers["image"] == "astronaut")]

    def value(metric: str, **where: str) -> float:
        rows = own[own["metric"] == metric]
        for column, wanted in ({"part": ""} | where).items():
            rows = rows[rows[column] == wanted]
        return float(rows["value"].iloc[0])

    assert found["bits with an effect"][0] == "256"
    assert found["NPCR (%)"][0].rstrip("*") == f"{value('key_npcr_mean'):.4f}"
    assert found["NPCR (%)"][1].rstrip("*") == f"{value('key_npcr_worst'):.4f}"
    quarter = {"condition": "occlusion", "place": "corner", "parameter": "0.25"}
    assert found["corner lost, 1/4"][:2] == (
        f"{value('damaged_psnr', **quarter):.2f}", f"{value('damaged_ssim', **quarter):.3f}",
    )  # fmt: skip
    assert found["time to encrypt"][0] == f"{value('encrypt_time', statistic='median', parameter='') * 1e3:.3g} ms"
    assert found["time to encrypt"][2] == f"{value('encrypt_ratio'):.3g}× AES"


def test_an_exponent_that_was_not_fitted_is_left_out() -> None:
    """Where the sizes do not allow a fit there is no number, and no row."""
    rows = _run(("timing", Measurement("encrypt_ratio", 2.0)), ("timing", Measurement("encrypt_exponent", None)))
    found = _rows(keys_sheet(subject(run_in_memory(frame(rows)), "toy")))
    assert found["time to encrypt"] == ("–", "", "2× AES")
    assert "time grows as pixels to the" not in found


def test_rejected_damage_is_said(about: About) -> None:
    """An authenticated cipher has no PSNR there, and the note says why."""
    sheet = keys_sheet(about(HOSTILE["aes-256-siv"]))
    assert _rows(sheet)["corner lost, 1/4"][:2] == ("rejected", "–")
    assert "Rejected: an authenticated cipher refuses damage" in sheet.note


def test_attacks_that_found_something_come_cheapest_first(about: About) -> None:
    """Recovered before malleable; queries at the reference size; those that found nothing are named."""
    sheet = attacks_sheet(about())
    found = [row for row in sheet.rows if len(row) == 4]
    assert found == [
        ("permutation", "CPA", "recovered", "786,453"),
        ("keystream_reuse", "KPA", "leak", "786,453"),
        ("hua2021_cca", "CCA", "malleable", "786,453"),
    ]
    assert "determinism" in sheet.note
    assert any(row[0].startswith("Confidentiality: level 2 of 5. Falls to more queries") for row in sheet.rows)


def test_many_attacks_are_counted_not_shown() -> None:
    """Fourteen rows; the note counts the others."""
    rows = minimum_rows("toy", "fresh", "fixed")
    for number in range(20):
        rows += attack_rows("toy", f"break_{number:02}", "recovered", "fixed", "KPA", queries=number + 1)
    sheet = attacks_sheet(subject(run_in_memory(frame(rows)), "toy"))
    shown = [row for row in sheet.rows if row[0].startswith("break_")]
    assert [row[0] for row in shown] == [f"break_{number:02}" for number in range(14)]
    assert shown[0] == ("break_00", "KPA", "one", "recovered", "(1)")
    assert "6 more found something" in sheet.note


def test_claims_stand_below_what_was_measured(about: About, monkeypatch: pytest.MonkeyPatch) -> None:
    """The own cipher first and bold, claims of papers in a row of their own, schemes cited."""
    claim = {"cipher": "hua2021", "status": "seen", "unit": "%", "image": "", "size": "64x64x3", "seen": "p. 1"}
    claims = [claim | {"metric": "npcr", "value": value, "printed": str(value)} for value in (99.6, 99.98)]
    monkeypatch.setattr(tables, "claims_of", lambda cipher: claims if cipher == "hua2021" else [])
    sheet = comparison_sheet(about("chen2004"), {"chen2004": "chen2004"})
    assert sheet.rows[0][0] == "**chen2004 [B+] [@chen2004]"
    names = [row[0] for row in sheet.rows]
    assert names.index(" claimed") == names.index("hua2021 [B]") + 1
    assert sheet.rows[names.index(" claimed")][sheet.titles.index("NPCR")] == "99.600–99.980!"
    assert "!: more than 5 standard deviations" in sheet.note
    assert "Claimed: as read in the paper" in sheet.note
    assert "[B]: main steps from a source" in sheet.note


def test_ten_others_at_most(full: RunData) -> None:
    """Standard ciphers first, then published schemes; the note counts the rest. Named ones are taken as named."""
    copies = [full.table.assign(cipher=full.table["cipher"] + f"-{number}") for number in range(3)]
    run = replace(full, table=pd.concat([full.table, *copies]))
    sheet = comparison_sheet(subject(run, "caesar"), {})
    shown = [row[0] for row in sheet.rows if row[0] != " claimed"]
    assert len(shown) == 11
    assert shown[0] == "**caesar"
    assert {"aes-256-ctr", "aes-256-siv", "hua2021 [B]", "chen2004-2 [B+]"} <= set(shown)
    assert "10 of 31 other ciphers (standard ciphers, then published schemes by fidelity and name)" in sheet.note
    named = subject(run, "caesar", ["arnold-cat-1"])
    assert [row[0] for row in comparison_sheet(named, {}).rows if row[0] != " claimed"] == ["**caesar", "arnold-cat-1"]


def test_time_measured_on_another_image_counts() -> None:
    """A grey cipher stands beside the others on the image that all took, and time was measured on the first."""
    rows: list[dict[str, Any]] = []
    for cipher, first, ratio in (("grey", "coffee grey", 7.5), ("other", "coffee", 2.5)):
        for image in (first, "camera"):
            measured = ("entropy", _tested("global_entropy", 7.99, 7.9, 8.0, channel="all", part="cipher"))
            rows += _run(measured, cipher=cipher, image=image)
        rows += _run(("timing", Measurement("encrypt_ratio", ratio)), cipher=cipher, image=first)
    sheet = comparison_sheet(subject(run_in_memory(frame(rows)), "grey"), {})
    assert {row[0]: row[2] for row in sheet.rows} == {"**grey": "7.5", "other": "2.5"}
    assert "Measured on camera" in sheet.note


def test_a_run_of_other_analyses_has_no_such_table() -> None:
    """Each table says what it lacks."""
    of = subject(run_in_memory(frame(_run(("quality", Measurement("exact", 1.0))))), "toy")
    for make in (statistics_sheet, attacks_sheet, lambda one: comparison_sheet(one, {})):
        with pytest.raises(NothingToShow):
            make(of)
    assert _rows(keys_sheet(of))["decryption is exact"][0] == "yes"


def test_only_what_was_measured_here_has_a_paper() -> None:
    """A cipher whose cells all failed has none, and neither has one that another run measured."""
    rows = _run(("entropy", Measurement("", None, status="failed", message="no")))
    with pytest.raises(ReportError, match="no finished measurement of toy"):
        subject(run_in_memory(frame(rows)), "toy")
    rows = [row for name in ("toy", "other") for row in _run(("quality", Measurement("exact", 1.0)), cipher=name)]
    run = replace(run_in_memory(frame(rows)), taken=TakenOver("the run in /home/x (profile quick)", ("other",)))
    with pytest.raises(ReportError, match="other was not measured in this run"):
        subject(run, "other")


def test_no_path_of_a_machine_is_printed() -> None:
    """What is taken over from a folder is from another run, with its profile."""
    rows = [
        row for name in ("toy", "other") for row in _run(("timing", Measurement("encrypt_ratio", 2.0)), cipher=name)
    ]
    run = replace(run_in_memory(frame(rows)), taken=TakenOver("the run in /home/x (profile quick)", ("other",)))
    sheet = comparison_sheet(subject(run, "toy"), {})
    assert "‡: taken over from another run (profile quick)" in sheet.note
    assert [row[0] for row in sheet.rows] == ["**toy", "other ‡"]
