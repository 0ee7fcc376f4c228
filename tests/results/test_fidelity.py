"""How many published schemes of each fidelity a run has, and the comparison limited to some of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from cryptobench.cli.report import command
from cryptobench.measurement import Measurement, frame
from cryptobench.report.figures.drawing import Drawing
from cryptobench.report.kept import Written
from cryptobench.report.tables import make_table
from cryptobench.results.run import ReportError, RunData, run_in_memory

CIPHERS = {
    "aes-256-ctr": ("reference", "A"), "caesar": ("control", "A"), "drpe": ("optical", "A"),
    "zhang2015": ("chaotic", "B-"),
    "hua2021": ("chaotic", "C+"), "deepedn": ("learned", "B"), "deepedn-lite": ("learned", "C"), "mine": ("mine", "C"),
}  # fmt: skip
VARIANT = "deepedn-lite"


@pytest.fixture(scope="module")
def run() -> RunData:
    """One entropy of each of eight ciphers; four are published schemes, and one is a variant, without authors."""
    about: dict[str, Any] = {"image": "x", "height": 8, "width": 8, "channels": 1, "analysis": "entropy"}
    rows = [
        about | {"cipher": name, "family": family, "fidelity": fidelity} | _entropy().row()
        for name, (family, fidelity) in CIPHERS.items()
    ]
    cards = {name: {"name": name, "authors": "" if name == VARIANT else "A. Author"} for name in CIPHERS}
    return run_in_memory(frame(rows), cards=cards)


def _entropy() -> Measurement:
    return Measurement("global_entropy", 7.0, part="cipher", channel="all")


def test_published_schemes_are_counted(run: RunData) -> None:
    """Standards, controls, the reader's own cipher and variants are no published schemes."""
    assert run.graded(run.ciphers) == {"A": 1, "B": 2, "C": 1}
    assert run.graded(["hua2021", VARIANT]) == {"A": 0, "B": 0, "C": 1}
    assert run.graded(["aes-256-ctr", "mine"]) == {"A": 0, "B": 0, "C": 0}


def test_captions_say_how_many_schemes(run: RunData) -> None:
    """Of tables those in the table, of figures those in the figure; nothing where there is none."""
    counted = "Published schemes here: 1 A (full algorithm from a source), 2 B, 1 C."
    assert counted in make_table(run, "comparison").note
    drawing = Drawing("f", "F", "A figure.", lambda: None, ["drpe", "hua2021"])  # type: ignore[arg-type,return-value]
    assert drawing.note(run).startswith(
        "A figure. Published schemes here: 1 A (full algorithm from a source), 0 B, 1 C. [C]: "
    )
    assert "Published" not in make_table(run.only(["aes-256-ctr", "caesar"]), "comparison").note


def test_the_comparison_is_limited_by_fidelity(run: RunData) -> None:
    """A and B stay, with or without steps, and so does the reader's own cipher; other tables have every cipher."""
    limited = run.only(grades=["A", "B"], mine="mine")
    table = make_table(limited, "comparison")
    assert set(table.values["cipher"]) == set(CIPHERS) - {"hua2021", VARIANT}
    assert "Limited to ciphers of fidelity A and B. Published schemes here: 1 A" in table.note
    assert set(limited.ciphers) == set(CIPHERS)
    rows = run.only(rows=["drpe", "hua2021"], grades=["C"])
    assert list(make_table(rows, "comparison").values["cipher"]) == ["hua2021"]


@pytest.mark.parametrize(
    ("grades", "message"),
    [
        (["A", "D"], "fidelity 'D', wanted A, B or C, or several, such as A,B"), (["b"], "fidelity 'b', wanted"),
        (["B"], "this run has no cipher of fidelity B"),
    ],
)  # fmt: skip
def test_unknown_fidelities_are_one_clear_line(run: RunData, grades: list[str], message: str) -> None:
    """Neither another letter nor one that no cipher has gives an empty table."""
    with pytest.raises(ReportError) as caught:
        run.only(["drpe", "hua2021"]).only(grades=grades)
    assert str(caught.value).startswith(message)


def test_the_command_line_hands_fidelities_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`report RUN --fidelity A,B`."""
    given: dict[str, Any] = {}

    def report(out: Path, **options: Any) -> Written:
        given.update(options)
        return Written([out / "report.html"], [])

    monkeypatch.setattr(
        "cryptobench.api.open_run", lambda folder, **beside: SimpleNamespace(report=report, withheld=[])
    )
    done = CliRunner().invoke(command, [str(tmp_path), "--fidelity", "A,B"])
    assert done.exit_code == 0, done.output
    assert given["fidelity"] == ("A", "B")
