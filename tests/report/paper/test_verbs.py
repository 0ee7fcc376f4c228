"""`cryptobench report --paper` and `Run.paper`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import cryptobench as cb
from cryptobench.cli import main


def test_the_command_writes_a_paper_and_no_report(small_folder: Path, tmp_path: Path) -> None:
    """It says what to compile, and what is missing on standard error."""
    done = CliRunner().invoke(main, ["report", str(small_folder), "--paper=hua2021", f"--out={tmp_path}"])
    assert done.exit_code == 0, done.output
    source = tmp_path / "paper" / "paper.tex"
    assert f"compile {source}" in done.stdout
    assert "skipped table comparison" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["paper"]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--paper=nobody",), "has no cipher nobody; known: hua2021"),
        (("--paper=hua2021", "--mine=other"), "--paper hua2021 is about hua2021, and --mine says other"),
        (("--paper=hua2021", "--rows=nobody"), "--rows: "),
    ],
)
def test_what_cannot_be_is_one_line(options: tuple[str, ...], line: str, small_folder: Path) -> None:
    """An unknown cipher, two own ciphers, an unknown row."""
    done = CliRunner().invoke(main, ["report", str(small_folder), *options])
    assert done.exit_code != 0
    assert line in done.output
    assert "Traceback" not in done.output


def test_the_same_from_python(small_folder: Path, tmp_path: Path) -> None:
    """The paths that were written are those of the folder paper."""
    paths = cb.open_run(small_folder).paper("hua2021", tmp_path)
    assert {path.name for path in paths} >= {
        "paper.tex",
        "paragraph.tex",
        "references.bib",
        "statistics.tex",
        "keys.tex",
    }
    assert all(path.is_relative_to(tmp_path / "paper") for path in paths)
