"""`run --beside`, `report --beside` and the same from Python, on runs that are measured already."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import cryptobench as cb
from cryptobench.beside import BesideError
from cryptobench.cli import main
from cryptobench.results.run import RunData
from tests.beside.conftest import wanted


def options(own: Path, *more: str) -> list[str]:
    """The command line of the run in this folder, which runs no cell again."""
    return ["run", f"--profile={own / 'settings.toml'}", f"--out={own}", *more]


def test_run_reports_all_and_measures_own(own: Path, others: RunData, tmp_path: Path) -> None:
    """Tables have four ciphers, three of them marked; the folder's measurements stay one's own."""
    folder = shutil.copytree(own, tmp_path / "own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cryptobench.report.write.FIGURES", ("timing",))
        patch.setattr("cryptobench.bench.settings.Settings.workers", 1)
        done = CliRunner().invoke(main, options(folder, f"--beside={others.folder}", "--json"))
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["executed"] == 0
    table = pd.read_csv(folder / "tables" / "entropy_global.csv", keep_default_na=False)
    marks = dict(zip(table["cipher"], table["taken_over"], strict=True))
    assert marks == {"arnold-cat": "", **dict.fromkeys(("aes-256-ctr", "caesar", "xor-pad"), "taken over")}
    page = (folder / "report.md").read_text("utf-8")
    assert "caesar ‡" in page
    assert "‡: taken over from the run in" in page
    assert "arnold-cat (ours)" in page
    assert (folder / "figures" / "timing.pdf").is_file()
    assert "caesar ‡" in (folder / "report.html").read_text("utf-8")
    assert (folder / "measurements.csv.gz").read_bytes() == (own / "measurements.csv.gz").read_bytes()


def test_run_refuses_before_it_measures(others: RunData, tmp_path: Path) -> None:
    """Another size: exit code 2, one line with the command, and no folder."""
    line = ["run", "--profile=quick", "--ciphers=arnold-cat", f"--out={tmp_path / 'x'}", f"--beside={others.folder}"]
    done = CliRunner().invoke(main, [*line, "--images=astronaut,camera", "--analyses=entropy"])
    assert done.exit_code == 2
    assert "the image astronaut is 128x128x3 here and 16x16x3 there" in done.stderr
    assert (
        "cryptobench run --profile quick --images astronaut,camera --analyses entropy --ciphers arnold-cat,"
        in done.stderr
    )
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_run_without_own_ciphers_is_refused(others: RunData) -> None:
    """Whoever measures all has nothing to take over."""
    done = CliRunner().invoke(main, ["run", "--profile=quick", f"--beside={others.folder}", "--dry-run"])
    assert done.exit_code == 2
    assert "say which ones to measure here, with --ciphers" in done.stderr


def test_judgements_of_others_are_not_required(own: Path, others: RunData) -> None:
    """--require is about what is measured here: caesar, which is worse, is not named."""
    line = options(own, f"--beside={others.folder}", "--no-report", "--require=confidentiality=5")
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 1
    assert "required: arnold-cat" in done.stdout
    assert "required: caesar" not in done.stdout


def test_report_sets_rows_beside(own: Path, others: RunData, tmp_path: Path) -> None:
    """A report of a finished run with one of the others, in another folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cryptobench.report.write.FIGURES", ())
        line = ["report", str(own), f"--out={tmp_path}", f"--beside={others.folder},xor-pad"]
        done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    assert set(pd.read_csv(tmp_path / "tables" / "entropy_global.csv")["cipher"]) == {"arnold-cat", "xor-pad"}


def test_the_same_from_python(own: Path, others: RunData) -> None:
    """`evaluate` and `open_run` give one run with all rows, which says whose are taken over."""
    run = cb.evaluate(profile=wanted("arnold-cat"), out=own, beside=str(others.folder), quiet=True)
    assert run.ciphers == ["arnold-cat", "aes-256-ctr", "caesar", "xor-pad"]
    assert run.taken_over == ["aes-256-ctr", "caesar", "xor-pad"]
    assert run.withheld == []
    again = cb.open_run(own, beside=[str(others.folder), "caesar"])
    assert again.ciphers == ["arnold-cat", "caesar"]
    assert set(again.measurements["cipher"]) == {"arnold-cat", "caesar"}
    with pytest.raises(BesideError, match="the reference run cannot stand beside"):
        cb.open_run(own, beside="reference")
