"""What --beside may name: the reference, ciphers of it, a run's folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cryptobench.beside import BesideError, source
from cryptobench.beside.summary import write_summary
from cryptobench.results.run import ReportError, RunData


@pytest.fixture(scope="module")
def summaries(others: RunData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two summaries of the same run, as of two profiles."""
    folder = tmp_path_factory.mktemp("summaries")
    run = replace(others, settings={**others.settings, "git_commit": "0123456789", "cpu": "AMD EPYC"})
    for profile in ("standard", "quick"):
        write_summary(run, folder / f"{profile}.json.xz", lambda *of, **prose: "")
    return folder


def test_the_reference_has_all_ciphers(summaries: Path) -> None:
    """Its name alone means all of them; captions say profile, commit, machine and date."""
    found = source(["reference"], "quick", summaries)
    assert found.chosen == ["aes-256-ctr", "caesar", "xor-pad"]
    assert found.name == "the reference run"
    date = found.run.settings["finished"][:10]
    assert found.origin == f"the reference run (profile quick, commit 0123456, AMD EPYC, {date})"


def test_names_of_ciphers_choose_from_the_reference(summaries: Path) -> None:
    """In the order of tables, each once."""
    assert source(["xor-pad", "caesar", "xor-pad"], "beside", summaries).chosen == ["caesar", "xor-pad"]
    assert source(["reference", "caesar"], "", summaries).chosen == ["caesar"]


def test_a_folder_is_a_run(own: Path, summaries: Path) -> None:
    """Of anyone's, whole or some of its ciphers."""
    assert source([str(own)], "", summaries).chosen == ["arnold-cat"]
    assert source([str(own), "arnold-cat"], "", summaries).name == f"the run in {own}"


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["ceasar"], r"--beside: ceasar is no folder of a run, and the reference run has no such cipher.*caesar"),
        (["reference", "results/x"], r"--beside: reference and results/x are 2 runs, wanted one"),
    ],
)
def test_what_is_unknown_gets_one_line(names: list[str], line: str, summaries: Path) -> None:
    """With the nearest name."""
    with pytest.raises(BesideError, match=line):
        source(names, "", summaries)


def test_folders_without_a_run_are_refused(tmp_path: Path) -> None:
    """Neither a folder without measurements nor a package without summaries is a run."""
    with pytest.raises(ReportError, match="holds no measurements"):
        source([str(tmp_path)])
    with pytest.raises(ReportError, match="no reference run comes with this cryptobench"):
        source(["reference"], "quick", tmp_path)
