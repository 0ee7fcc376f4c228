"""A whole report: files, fonts, bytes, and what is left out."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from cryptobench.cli import main
from cryptobench.cli.report import command
from cryptobench.report import NothingToShow, ReportError, write, write_report
from cryptobench.report.figures import FIGURES, drawings
from cryptobench.results.run import RunData, run_in_memory
from tests.report.conftest import SOME
from tests.report.synthetic import synthetic_run

CHOSEN = ("aes-256-siv", "caesar", "hua2021", "chen2004")


@pytest.fixture(scope="module")
def report(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of half of the shared run's ciphers, one of each kind, with all tables and figures."""
    out = tmp_path_factory.mktemp("report")
    write_report(run_folder, out=out, ciphers=CHOSEN)
    return out


@pytest.fixture(scope="module")
def small_report(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of the small run by the command, which names the page."""
    out = tmp_path_factory.mktemp("small report")
    done = CliRunner().invoke(command, [str(small_folder), "--out", str(out), "--no-narrow"])
    assert done.exit_code == 0, done.output
    assert str(out / "report.html") in done.output
    return out


@pytest.mark.parametrize("backend", ["module://no_such", "Qt5Agg", "no_such"])
def test_a_report_is_indifferent_to_mplbackend(backend: str, small_folder: Path, tmp_path: Path) -> None:
    """Whatever backend is asked for, one that there is not too, the command writes its figures, in two processes."""
    line = ["report", str(small_folder), "--out", str(tmp_path), "--no-narrow", "--jobs", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "cryptobench", *line],
        env=os.environ | {"MPLBACKEND": backend}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert (tmp_path / "figures" / "npcr.pdf").is_file()


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_figure_is_written_as_pdf_and_png(report: Path) -> None:
    """Each figure module gives files of both kinds, and no half-written file is left."""
    names = {path.stem for path in (report / "figures").glob("*.pdf")}
    assert names == {path.stem for path in (report / "figures").glob("*.png")}
    for stem in (
        "heatmap", "gallery", "correlation", "npcr", "uaci", "baci", "key_bits", "damage", "damage_curves",
        "traceability", "timing", "timing_scaling",
    ):  # fmt: skip
        assert any(name.startswith(stem) for name in names), stem
    assert not list(report.rglob("*.part*"))


def test_fonts_are_embedded_as_truetype(report: Path) -> None:
    """Each PDF embeds its fonts and none as Type 3, which publishers refuse."""
    for path in (report / "figures").glob("*.pdf"):
        content = path.read_bytes()
        assert b"/FontFile2" in content, path
        assert b"/Type3" not in content, path
        assert b"CreationDate" not in content, path


def test_figures_have_the_widths_of_paper_columns(report: Path) -> None:
    """Two-column figures are 7.16 in wide, their one-column twins 3.5 in, at 200 dpi."""
    for path in (report / "figures").glob("*.png"):
        with Image.open(path) as image:
            width = image.width
        assert width == (700 if path.stem.endswith("_one_column") else 1432), path


def test_figures_are_not_empty(report: Path) -> None:
    """No picture is a blank page."""
    for path in (report / "figures").glob("*.png"):
        with Image.open(path) as image:
            low, high = image.convert("L").getextrema()
        assert low < 60 < high, path


def test_the_page_lists_and_embeds_everything(report: Path) -> None:
    """report.md links each table and embeds each listed figure, and every link leads to a file."""
    page = (report / "report.md").read_text("utf-8")
    for path in (report / "tables").glob("*.csv"):
        assert f"(tables/{path.name})" in page
    for path in (report / "figures").glob("*.png"):
        if not path.stem.endswith("_one_column"):
            assert f"](figures/{path.name})" in page
    links = [part.split(")")[0] for part in page.split("](")[1:]]
    assert links
    assert all((report / link).is_file() for link in links)


def test_reports_do_not_depend_on_processes(small_folder: Path, small_report: Path, tmp_path: Path) -> None:
    """The report is a function of the run: one process or two, once or twice."""
    write_report(small_folder, out=tmp_path, narrow=False, jobs=2)
    assert _files(tmp_path) == _files(small_report)


@pytest.mark.parametrize("threads", [0, 1])
def test_a_process_with_threads_is_not_copied(threads: int, full: RunData, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Linux those that draw are copies of this one, unless it has threads; elsewhere they start anew."""
    monkeypatch.setattr(threading, "active_count", lambda: 1 + threads)
    for platform in ("linux", "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        with write._pool(full, 1) as pool:
            method = vars(pool)["_mp_context"].get_start_method()
        assert method == ("fork" if platform == "linux" and not threads else "spawn")
    write._received.clear()


def test_one_analysis_gives_what_it_can(tmp_path: Path) -> None:
    """A run of entropy alone still reports, with a line for each figure that it has no data for."""
    folder = synthetic_run(tmp_path, ["caesar"], ["entropy"], pictures=False)
    lines: list[str] = []
    paths = write_report(folder, tell=lines.append)
    assert {path.stem for path in paths if path.suffix == ".pdf"} == {"heatmap", "heatmap_one_column"}
    skipped = {line.split(":")[0].removeprefix("figure ") for line in lines if line.startswith("figure ")}
    assert skipped == set(FIGURES) - {"heatmap"}
    assert "the run kept no pictures" in (folder / "report.md").read_text("utf-8")


@pytest.mark.parametrize("analysis", ["differential", "key_sensitivity", "robustness", "timing", "quality"])
def test_each_analysis_alone_can_be_reported(analysis: str, tmp_path: Path) -> None:
    """No figure or table needs another analysis than its own."""
    folder = synthetic_run(tmp_path, ["aes-256-siv"], [analysis], ["camera"], trials=5, unfinished=False)
    assert write_report(folder, narrow=False)[-1].name == "report.md"


def test_a_crashed_run_is_still_reported(tmp_path: Path) -> None:
    """The errors table remains when nothing else does."""
    folder = synthetic_run(tmp_path, ["chen2004"], ["avalanche"], pictures=False)
    paths = write_report(folder)
    assert "errors.md" in {path.name for path in paths}


def test_a_report_names_only_chosen_ciphers(report: Path) -> None:
    """The page and all tables are about the ciphers asked for, and mention no other one of the run."""
    texts = [(report / "report.md").read_text("utf-8")]
    assert all(name in texts[0] for name in CHOSEN)
    texts += [path.read_text("utf-8") for path in (report / "tables").iterdir()]
    assert not [name for name in set(SOME) - set(CHOSEN) for text in texts if name in text]


def test_runs_without_pictures_have_no_galleries(full: RunData) -> None:
    """Galleries are skipped with a reason, and the other figures are made."""
    without = run_in_memory(full.table)
    for module in ("gallery", "correlation", "damage"):
        with pytest.raises(NothingToShow, match="the run kept no"):
            list(drawings(without, module))
    for module in ("heatmap", "differential", "key_bits", "damage_curves", "traceability", "timing"):
        assert list(drawings(without, module))


def test_the_command_reports_errors_in_one_line(small_report: Path, tmp_path: Path) -> None:
    """`cryptobench report` names the page; a folder without a run is an error without a traceback."""
    assert (small_report / "figures" / "gallery.pdf").is_file()
    failed = CliRunner().invoke(main, ["report", str(tmp_path / "nowhere")])
    assert failed.exit_code == 2
    assert failed.output.startswith("Error: ")
    assert failed.output.count("\n") == 1


def test_an_unwritable_folder_is_one_clear_error(small_folder: Path, tmp_path: Path) -> None:
    """A file in the folder's place gives a ReportError that names it."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(ReportError, match="cannot be written to"):
        write_report(small_folder, out=tmp_path / "taken", narrow=False)
