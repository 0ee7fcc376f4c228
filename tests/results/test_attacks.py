"""Attacks in the report: tables, the ladder, figures of breaks, and the overall verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cryptobench.measurement import Measurement, frame, write_measurements
from cryptobench.report.figures import breaks
from cryptobench.report.table import Table
from cryptobench.report.tables import errors, make_tables
from cryptobench.results.attacks import by_mode, ladder, played, worst
from cryptobench.results.run import NothingToShow, Run, load_run
from cryptobench.results.verdicts import OVERALL, Pooled, overall, pool_all, titles_in

_OUTCOMES: dict[str, tuple[float | None, str]] = {
    "broken": (2.0, "fail"), "leak": (1.0, "fail"), "holds": (0.0, "pass"), "none": (None, "none")
}  # fmt: skip


def _attack(
    cipher: str, attack: str, outcome: str, nonce: str = "none", model: str = "CPA", side: int = 32, queries: int = 4,
    p: float = 0.5, claims: tuple[str, ...] = (),
) -> list[dict[str, Any]]:  # fmt: skip
    value, verdict = _OUTCOMES[outcome]
    place: dict[str, Any] = {"variant": model, "nonce": nonce}
    rows = [
        Measurement("outcome", value, verdict=verdict, message="a note", **place),
        Measurement("queries", queries, **place),
        Measurement("queries", queries, direction="encryptions", **place),
        Measurement("attack_time", 0.0125, **place),
    ]
    if outcome != "none":
        rows.append(Measurement("statistic", 0.25, p_value=p, verdict="fail" if p < 1e-6 else "pass", **place))
    if outcome == "broken":
        rows.append(Measurement("recovered", 0.98765, p_value=1e-30, verdict="fail", **place))
        rows.append(Measurement("recovered_excess", 0.98, verdict="fail", **place))
        rows.append(Measurement("recovered_psnr", 31.25, **place))
    rows += [Measurement("claim", 1.0, direction=claim, **place) for claim in claims]
    card = {"cipher": cipher, "family": "chaotic", "fidelity": "B", "image": "astronaut", "seed": 1, "seconds": 1.0}
    card |= {"height": side, "width": side, "channels": 3, "analysis": f"attack:{attack}"}
    return [card | row.row() for row in rows]


def _rows() -> list[dict[str, Any]]:
    failed = _attack("weak", "crashing", "holds")[0] | Measurement("", None, status="crashed", message="signal 9").row()
    return [
        *_attack("weak", "reuse", "holds", side=32, model="KPA"),
        *_attack("weak", "reuse", "broken", side=64, model="KPA", queries=2, p=0.0),
        *_attack("weak", "reuse", "broken", side=48, model="KPA", queries=2, p=0.0),
        *_attack("weak", "chain", "leak", p=1e-9, claims=("affine",)),
        *_attack("weak", "odd", "none"),
        failed,
        *_attack("sound", "reuse", "holds", nonce="fresh", model="KPA"),
        *_attack("sound", "reuse", "broken", nonce="fixed", model="KPA", queries=2, p=0.0),
        *_attack("sound", "flip", "holds", nonce="fresh", model="CCA", claims=("rejects",)),
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder: Path = tmp_path_factory.mktemp("attacked")
    write_measurements(frame(_rows()), folder / "measurements.csv.gz")
    for cipher, nonce, side in (("weak", "none", 64), ("weak", "none", 48), ("sound", "fixed", 32)):
        pictures = folder / "pictures" / cipher / "astronaut"
        pictures.mkdir(parents=True, exist_ok=True)
        for name in ("original", "cipher", "recovered"):
            pixels = np.full((side, side, 3), 90, np.uint8)
            Image.fromarray(pixels).save(pictures / f"attack reuse {side} {nonce} {name}.png")
    return load_run(folder)


def _shown(run: Run, name: str) -> Table:
    return next(table for table in make_tables(run)[0] if table.name == name)


def test_each_attack_is_one_row_for_each_size_and_mode(run: Run) -> None:
    """Queries are the total, times and shares those of the row's own size; p is the smaller of the two."""
    found = played(run.numbers).set_index(["cipher", "attack", "nonce", "height"])
    assert len(found) == 9
    row = found.loc[("weak", "reuse", "none", 64)]
    assert (row["verdict"], row["queries"], row["time"], row["recovered"], row["psnr"], row["p"]) == (
        "broken", 2, 0.0125, 0.98765, 31.25, 0.0
    )  # fmt: skip
    assert found.loc[("weak", "chain", "none", 32)]["claims"] == ("affine",)
    assert found.loc[("weak", "odd", "none", 32)]["verdict"] == "none"
    assert found.loc[("weak", "crashing", "", 32)]["verdict"] == "failed"


def test_the_worst_size_counts_and_of_several_the_largest(run: Run) -> None:
    """A break at one size is a break, shown at the largest size that broke."""
    found = worst(played(run.numbers)).set_index(["cipher", "attack", "nonce"])
    assert found.loc[("weak", "reuse", "none")]["height"] == 64
    assert found.index.is_unique


def test_the_ladder_stands_by_nonce_mode(run: Run) -> None:
    """A cipher that falls under misuse only keeps its rung with fresh nonces."""
    found = ladder(played(run.numbers)).set_index(["cipher", "nonce"])
    assert tuple(found.loc[("weak", "none"), ["cpa", "broken", "leak"]]) == (0, "reuse", "chain")
    assert tuple(found.loc[("sound", "fresh"), ["cpa", "cca", "broken"]]) == (5, 5, "")
    assert found.loc[("sound", "fixed"), "cpa"] == 0
    assert set(found["fidelity"]) == {"B"}


def test_tables_show_verdict_queries_time_and_share(run: Run) -> None:
    """What the tables of attacks show, to a reader."""
    matrix = _shown(run, "attacks").display().set_index(["cipher", "nonce"])
    assert tuple(matrix.loc[("weak [B]", "none")]) == ("BROKEN", "leak", "n/a", "failed", "–")
    assert tuple(matrix.loc[("sound [B]", "fresh")]) == ("holds", "–", "–", "–", "holds")
    costs = _shown(run, "attack_costs").display()
    row = costs[(costs["cipher"] == "weak [B]") & (costs["attack"] == "reuse")].iloc[0]
    shown = ["size", "verdict", "queries", "time (ms)", "recovered", "PSNR (dB)"]
    assert list(row[shown]) == ["64x64", "broken", "2", "12.5", "98.77%", "31.2"]
    assert list(_shown(run, "ladder").display()["CPA"]) == ["5", "0", "0"]


def test_an_attack_that_failed_shows_in_every_mode_of_its_cipher_and_outranks_holding() -> None:
    """One size crashed, another held: failed. A cipher that nothing else attacked keeps a row of its own."""
    crash = Measurement("", None, status="crashed", message="signal 9").row()
    rows = [
        *_attack("sound", "reuse", "holds", nonce="fresh"), *_attack("sound", "reuse", "holds", nonce="fixed"),
        _attack("sound", "reuse", "holds", side=64)[0] | crash, _attack("alone", "reuse", "holds")[0] | crash,
    ]  # fmt: skip
    found = worst(by_mode(played(frame(rows))))
    shown = zip(found["cipher"], found["nonce"], found["verdict"], strict=True)
    assert list(shown) == [("sound", "fresh", "failed"), ("sound", "fixed", "failed"), ("alone", "", "failed")]


def test_an_attack_that_does_not_apply_is_no_error(run: Run) -> None:
    """Only the one that crashed is listed among what has no value."""
    listed = errors.errors(run).values
    assert list(listed["analysis"]) == ["attack:crashing"]


def test_every_break_is_drawn_and_all_on_one_page(run: Run) -> None:
    """A gallery first, then a figure for each cipher and nonce mode that was broken."""
    drawings = list(breaks.draw(run))
    assert [drawing.name for drawing in drawings] == ["breaks", "break_sound_fixed", "break_weak_none"]
    assert all(drawing.figure() is not None for drawing in drawings)
    assert "fixed nonce" in drawings[1].title


def test_a_run_without_attacks_says_so(run_folder: Path) -> None:
    """Tables and figures are skipped with a reason."""
    plain = load_run(run_folder)
    skipped = make_tables(plain)[1]
    assert {"table ladder: the run holds no attacks", "table attacks: the run holds no attacks"} <= set(skipped)
    with pytest.raises(NothingToShow, match="no attack of this run recovered an image"):
        list(breaks.draw(plain))


def test_attacks_enter_the_overview_by_model_and_mode(run: Run) -> None:
    """Chosen ciphertexts and fixed nonces stand apart, and one crash makes no pass."""
    pooled = run.pooled
    assert pooled["weak", "attacks (CPA)"].state == "fail"
    assert pooled["sound", "attacks (CPA)"].state == "pass"
    assert pooled["sound", "attacks (CCA)"].state == "pass"
    assert pooled["sound", "attacks (CPA), fixed nonce"].state == "fail"
    assert titles_in(pooled)[0] == OVERALL
    crashed = frame([*_attack("x", "a", "holds"), *(row for row in _rows() if row["status"] == "crashed")])
    crashed["cipher"] = "x"
    assert pool_all(crashed)["x", "attacks (CPA)"].state == "error"


def test_the_overall_verdict_leaves_misuse_out(run: Run) -> None:
    """A cipher that only falls with its nonce held still passes overall; one without nonce answers for itself."""
    assert run.pooled["sound", OVERALL].state == "pass"
    assert run.pooled["weak", OVERALL].state == "fail"


@pytest.mark.parametrize(
    ("smallest", "state"),
    [([0.5], "pass"), ([0.02, 0.5], "borderline"), ([0.03, 0.5, 0.9], "pass"), ([0.0004, 0.9], "fail"),
     ([0.0006, 0.9], "borderline")],
)  # fmt: skip
def test_overall_is_holm_over_the_tests(smallest: list[float], state: str) -> None:
    """The smallest adjusted p of T tests is judged T times as strictly."""
    tests = [Pooled("pass", 3, p, p) for p in smallest]
    assert overall(tests).state == state
    assert overall(tests).adjusted == pytest.approx(min(1, len(smallest) * min(smallest)))


def test_overall_counts_exact_rules_and_errors() -> None:
    """A broken rule fails, a test that did not finish is no pass, and no test is no answer."""
    good = Pooled("pass", 2, 0.5, 0.9)
    assert overall([good, Pooled("fail", 1, exact=True)]).state == "fail"
    assert overall([good, Pooled("error")]).state == "error"
    assert overall([Pooled("none")]).state == "none"
    assert overall([good]).tests == 1
