"""A report that is written again writes what has changed, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from cryptobench.cli.report import command
from cryptobench.layout.style import style
from cryptobench.layout.twice import as_pdf
from cryptobench.report import write as writing
from cryptobench.report import write_report
from cryptobench.report.figures import FIGURES, PICTURES, ROWS, drawings
from cryptobench.report.kept import NAME, Inputs, Kept, Written, rows_of
from cryptobench.results.run import NothingToShow, RunData, load_run
from tests.report.synthetic import synthetic_run

OUTSIDE = '{"schema": 1, "inputs": {}, "files": {"../x": "a"}, "skipped": []}'


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Of every file, its inode and when it was last written."""
    return {
        path.relative_to(folder).as_posix(): ((about := path.stat()).st_ino, about.st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(written: Written) -> set[str]:
    return {path.name for path in written.changed}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one cipher on one image by one analysis."""
    made = tmp_path_factory.mktemp("kept")
    return synthetic_run(made, ["hua2021"], ["differential"], ["camera"], 5, pictures=False, unfinished=False)


@pytest.fixture(scope="module")
def run(folder: Path) -> RunData:
    return load_run(folder)


@pytest.fixture(scope="module", autouse=True)
def same_code() -> Iterator[None]:
    """Nobody's edits in the meantime count."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cryptobench.report.kept._code", lambda: "this")
        yield


@pytest.fixture(scope="module")
def first(run: RunData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of the small run; not to be changed."""
    out = tmp_path_factory.mktemp("kept") / "report"
    written = write_report(run, out=out, narrow=False)
    assert list(written) == written.changed or set(written) == set(written.changed)
    return out


@pytest.fixture
def report(first: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return shutil.copytree(first, tmp_path / "report")


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modules that draw from now on."""
    drawn: list[str] = []
    original = writing._draw

    def draw(run: RunData, name: str, folder: Path, narrow: bool) -> object:
        drawn.append(name)
        return original(run, name, folder, narrow)

    monkeypatch.setattr(writing, "_draw", draw)
    return drawn


def test_nothing_is_written_when_nothing_changed(run: RunData, report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is touched, no table made and no figure drawn; all files are named, and what was skipped is said."""
    before = state(report)
    for name in ("make_tables", "_draw"):
        monkeypatch.setattr(writing, name, None)
    lines: list[str] = []
    written = write_report(replace(run), out=report, narrow=False, tell=lines.append)
    assert written.changed == []
    assert {path.relative_to(report).as_posix() for path in written} | {NAME} == set(before)
    assert written[-1].name == "report.md"
    assert state(report) == before
    assert any("the run kept no" in line or "holds no" in line for line in lines)


def test_the_command_says_that_nothing_changed(
    folder: Path, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time; with --force all is made again, whether or not anything has changed."""
    line = [str(folder), "--out", str(shutil.copytree(first, tmp_path / "report")), "--no-narrow"]
    drawn = counted(monkeypatch)
    again = CliRunner().invoke(command, line).output
    assert "nothing has changed, and nothing was written" in again
    assert f"start with {tmp_path / 'report' / 'report.html'}" in again
    assert drawn == []
    CliRunner().invoke(command, [*line, "--force"])
    assert drawn == list(FIGURES)


@pytest.mark.parametrize("name", ["figures/npcr.png", "tables/summary.csv", "report.html"])
def test_deleted_files_come_back(name: str, run: RunData, first: Path, report: Path) -> None:
    """What was removed is written as it was, and nothing else."""
    (report / name).unlink()
    written = write_report(run, out=report, narrow=False)
    assert written.changed == [report / name]
    assert contents(report) == contents(first)


@pytest.mark.parametrize("name", ["figures/npcr.pdf"])
def test_edited_files_are_written_again(name: str, run: RunData, first: Path, report: Path) -> None:
    """What somebody has changed is as the run says."""
    (report / name).write_bytes((report / name).read_bytes()[:-3] + b"abc")
    written = write_report(run, out=report, narrow=False)
    assert written.changed == [report / name]
    assert contents(report) == contents(first)


def test_new_rows_change_what_they_touch(run: RunData, report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of another value of NPCR the figures of differential tests and the heat map are drawn; one of them differs."""
    table = run.table.copy()
    where = (table["metric"] == "npcr") & table["trial"].notna()
    table.loc[where, "value"] = table.loc[where, "value"] - 0.01
    changed = replace(run, table=table)
    drawn = counted(monkeypatch)
    written = write_report(changed, out=report, narrow=False)
    assert set(drawn) == {"heatmap", "differential"}
    assert {path.name for path in written.changed if path.parent.name == "figures"} == {"npcr.pdf", "npcr.png"}
    fresh = report.parent / "fresh"
    write_report(changed, out=fresh, narrow=False)
    assert contents(report) == contents(fresh)


def test_new_pictures_change_their_figures(small_folder: Path, tmp_path: Path) -> None:
    """Another ciphertext changes the digests of those modules whose figures show pictures, and of no others."""
    folder = shutil.copytree(small_folder, tmp_path / "run")
    before = Inputs(load_run(folder), True)
    found = {module: before.of(module) for module in FIGURES}
    (path,) = (folder / "pictures").rglob("cipher.png")
    Image.fromarray(np.full((4, 4), 9, np.uint8)).save(path)
    after = Inputs(load_run(folder), True)
    assert {module for module in FIGURES if after.of(module) != found[module]} == PICTURES
    assert before.everything != after.everything


def test_other_options_are_another_report(run: RunData, report: Path) -> None:
    """Who marks a cipher as their own gets every figure that shows its name."""
    written = write_report(run, out=report, narrow=False, mine="hua2021")
    assert {"npcr.png", "paragraph.md", "heatmap.png", "report.html"} <= names(written)


def test_other_code_draws_again(run: RunData, report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every module draws; files that come out equal are left alone."""
    monkeypatch.setattr("cryptobench.report.kept._code", lambda: "other")
    drawn = counted(monkeypatch)
    written = write_report(run, out=report, narrow=False)
    assert set(drawn) == set(FIGURES)
    assert written.changed == []


def test_a_killed_report_is_completed(run: RunData, first: Path, report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves whole files and the digests of before, whatever it had written; the next makes all right."""
    table = run.table.copy()
    table["value"] = table["value"] + (table["metric"] == "uaci") * 0.001

    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    kept = (report / NAME).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(writing, "html_page", killed)
        with pytest.raises(KeyboardInterrupt):
            write_report(replace(run, table=table), out=report, narrow=False)
    assert (report / NAME).read_bytes() == kept
    assert not list(report.rglob("*.part*"))
    assert (report / "figures/uaci.png").read_bytes() != (first / "figures/uaci.png").read_bytes()
    write_report(run, out=report, narrow=False)
    assert contents(report) == contents(first)


@pytest.mark.parametrize("content", ["", "{}", "[1]", OUTSIDE])
def test_a_damaged_record_is_none(content: str, tmp_path: Path) -> None:
    """All is made again; no file is looked for outside the folder."""
    (tmp_path / NAME).write_text(content)
    assert Kept.load(tmp_path) == Kept(tmp_path)


def test_the_record_names_no_place(first: Path) -> None:
    """It holds names within the folder and digests, so that a report can be moved."""
    record = json.loads((first / NAME).read_text())
    assert set(record["files"]) == set(contents(first)) - {NAME}
    assert str(first.parent) not in (first / NAME).read_text()


@pytest.mark.parametrize("module", [module for module in FIGURES if ROWS[module] is not None])
def test_figures_need_no_other_rows(module: str, full: RunData, attacked: RunData) -> None:
    """Those of the analyses that `ROWS` names give the same figures as all rows."""
    shown = 0
    for whole in (full, attacked):
        pages = []
        for seen in (whole, rows_of(whole, module)):
            with style():
                try:
                    found = [(one, one.note(seen)) for one in drawings(seen, module)]
                except NothingToShow as reason:
                    pages.append(str(reason))
                    continue
                about = [(one.name, one.title, note, list(one.ciphers)) for one, note in found]
                pages.append(repr(about) + str(as_pdf(found[0][0].figure(), 72)))
                shown += 1
        assert pages[0] == pages[1]
    assert shown


def test_digests_tell_rows_apart(full: RunData) -> None:
    """A row more of one analysis changes the digests of the modules that show it."""
    run, table = full, full.table
    more = replace(run, table=table[~((table["metric"] == "damaged_psnr") & (table["parameter"] == "64"))])
    assert len(more.table) < len(table)
    before, after = Inputs(run, True), Inputs(more, True)
    changed = {module for module in FIGURES if before.of(module) != after.of(module)}
    assert changed == {"heatmap", "damage_curves", "traceability"}
    assert before.everything != after.everything
    assert Inputs(replace(run), True).everything == before.everything
