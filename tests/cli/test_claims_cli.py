"""What papers claim, and what an ideal cipher gives, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cryptobench as cb
from cryptobench import api
from cryptobench.cli import main
from cryptobench.measurement import SCHEMA, Measurement, frame, write_measurements
from cryptobench.registry import RegistryError
from cryptobench.results.folder import ReportError

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run cryptobench with these arguments in an empty folder, without a reference run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "reference_folder", lambda: None)
    return lambda *arguments: CliRunner().invoke(main, arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of one cipher that has claims: its NPCR alone."""
    card = {"cipher": "wang2022-dnn", "family": "learned", "fidelity": "B+", "analysis": "differential"}
    place = {"image": "camera", "height": 64, "width": 64, "channels": 1}
    write_measurements(
        frame([card | place | Measurement("npcr_mean", 99.5, nonce="fresh").row()]), tmp_path / "measurements.csv.gz"
    )
    (tmp_path / "run.json").write_text(json.dumps({"schema": SCHEMA}))
    return tmp_path


def test_claims_are_listed_beside_measured_values(run: Run, folder: Path) -> None:
    """Claimed as printed, measured, plausible, and where it was read; then what can be behind it."""
    done = run("claims", "wang2022-dnn", "--run", str(folder))
    assert done.exit_code == 0
    assert done.stderr == ""
    line = next(line for line in done.output.splitlines() if "99.9800" in line)
    assert [part.strip() for part in line.split("  ") if part] == [
        "wang2022-dnn", "npcr", "Bridge, 128x128 (cipher 200x200)", "99.9800 %", "99.5 %",
        "implausible (too good), z +11.9", "Wang and Zhang, Signal Processing 196 (2022) 108536, table 2",
    ]  # fmt: skip
    assert "z -0.0" not in done.output
    assert "Measured on camera, 64x64x1." in done.output
    assert "a bijective chain can" in done.output
    assert "wang2022-dnn: not reported (the whole paper" in done.output


def test_all_claims_are_listed_without_run(run: Run) -> None:
    """Cited numbers are marked; what is missing for measured values is said on standard error."""
    done = run("claims")
    assert done.exit_code == 0
    assert "0.273 s (cited)" in done.stdout
    assert "> 2.7 %" in done.stdout
    assert "than other learned ciphers" in done.stdout
    assert done.stderr == "nothing measured is shown: there is no results/reference here; give --run FOLDER\n"
    assert "nothing is recorded about caesar" in run("claims", "caesar").output


def test_claims_are_also_json(run: Run, folder: Path) -> None:
    """Gaps are null, and an infinite number a word."""
    rows = json.loads(run("claims", "wang2022-dnn", "--run", str(folder), "--json").stdout)
    first = next(row for row in rows if row["printed"] == "99.9875")
    assert (first["claimed"], first["measured"], first["plausible"]) == (99.9875, 99.5, "implausible (too good)")
    assert rows[0]["measured"] is None
    assert any(row["claimed"] == "Infinity" for row in json.loads(run("claims", "maniyath2020", "--json").stdout))


def test_claims_come_from_python_too(folder: Path) -> None:
    """A run, its folder, or the reference."""
    table = cb.list_claims("wang2022-dnn", folder)
    assert table.equals(cb.list_claims("wang2022-dnn", cb.open_run(folder)))
    assert table["measured"].tolist().count(99.5) == 3
    with pytest.raises(RegistryError, match="did you mean 'hua2021'"):
        cb.list_claims("hua2012")
    with pytest.raises(ReportError, match="holds no measurements"):
        cb.list_claims("hua2021", folder / "..")


def test_the_reference_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the checkout, then in the folder one is in; nowhere is None."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "__file__", str(tmp_path / "checkout" / "cryptobench" / "api.py"))
    assert api.reference_folder() is None
    for place in (tmp_path, tmp_path / "checkout"):
        (place / "results" / "reference").mkdir(parents=True)
        (place / "results" / "reference" / "measurements.csv.gz").touch()
        assert api.reference_folder() is not None
    assert api.reference_folder() == tmp_path / "checkout" / "results" / "reference"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--npcr", "99.98", "--size", "200x200x1"), 1, "NPCR 99.98 % at 200x200x1: implausible (too good), z +11.7"),
        (("--npcr", "99.6", "--uaci", "33.46", "--size", "64x64"), 0, "UACI 33.46 % at 64x64x1: plausible, z +0.0"),
        (("--uaci", "13.84"), 1, "UACI 13.84 % at 256x256x1, since no size is given: not ideal, z -212.2"),
        (("--entropy", "7.9"), 0, "entropy 7.9 bit at 256x256x1, since no size is given: not judged"),
        (
            ("--npcr", "99.67", "--mean-of", "25", "--size", "200x200"),
            1,
            "too good), z +8.9 (ideal: 99.60938 ± 0.00624",
        ),
    ],
)
def test_reviewers_get_an_answer(arguments: tuple[str, ...], code: int, said: str, run: Run) -> None:
    """A line a number, and exit code 1 where an ideal cipher gives no such number."""
    done = run("plausible", *arguments)
    assert (done.exit_code, done.stderr) == (code, "")
    assert said in done.output
    assert ("a question to ask, not a verdict" in done.output) == ("too good" in said)


def test_answers_are_also_json(run: Run) -> None:
    """One object, NPCR first and entropy last; what is not judged has no z."""
    done = run("plausible", "--entropy", "7.5", "--npcr", "99.980", "--npcr", "99.6", "--json")
    answers = json.loads(done.stdout)["answers"]
    assert [(one["metric"], one["printed"], one["size"]) for one in answers] == [
        ("npcr", "99.980", None), ("npcr", "99.6", None), ("entropy", "7.5", None),
    ]  # fmt: skip
    assert [one["answer"] for one in answers] == ["implausible (too good)", "plausible", "not judged"]
    assert answers[0]["z"] == pytest.approx(15.19, abs=0.01)
    assert answers[2]["z"] is None
    assert done.exit_code == 1
    assert [str(one) for one in cb.plausible("99.980")] == ["implausible (too good), z +15.2"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plausible",), "there is no number to judge; give --npcr, --uaci or --entropy"),
        (("plausible", "--npcr", "99,98"), "NPCR '99,98' is none that can be printed, wanted percent from 0 to 100"),
        (("plausible", "--npcr", "99.98", "--size", "200"), "'200' is no size, wanted HEIGHTxWIDTHxCHANNELS"),
        (("plausible", "--npcr", "99.98", "--mean-of", "0"), "Invalid value for '--mean-of'"),
        (("claims", "hua2012"), "unknown cipher 'hua2012'; did you mean 'hua2021'?"),
        (("claims", "hua2021", "--run", "gone"), "gone is no folder; wanted the folder of a finished run"),
    ],
)
def test_mistakes_get_one_line(arguments: tuple[str, ...], said: str, run: Run) -> None:
    """What was given and what is wanted; the exit code is 2."""
    done = run(*arguments)
    assert (done.exit_code, done.output.count("\n")) == (2, 1 + done.output.startswith("nothing measured"))
    assert said in done.output
