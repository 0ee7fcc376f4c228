"""A cell that goes wrong costs itself and nothing else."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.bench.driving import run_toys, toy

IMAGES = ("gradient",)
ANALYSES = {toy(name): {"images": "all"} for name in ("Raises", "Exits", "Crashes", "Leaves", "Mean")}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """Summary, table and folder of a run with cells that fail and crash. To be read only."""
    folder = tmp_path_factory.mktemp("faulty")
    return *run_toys(folder, ANALYSES, images=IMAGES, jobs=2), folder


@pytest.mark.parametrize(
    ("analysis", "status", "message"),
    [
        ("raises", "failed", r"RuntimeError: this toy breaks \(toys\.py, line \d+\)"),
        ("exits", "failed", r"SystemExit: 3 \(toys\.py, line \d+\)"),
        ("crashes", "crashed", "the worker process was killed by SIGSEGV"),
        ("leaves", "crashed", "the worker process ended with exit code 7"),
    ],
)
def test_a_faulty_cell_becomes_one_row(faulty, analysis, status, message):
    """An exception, an exit and a segmentation fault each give one row in place of the analysis's own."""
    _, table, _ = faulty
    (row,) = table[(table["cipher"] == "toy-shift") & (table["analysis"] == analysis)].to_dict("records")
    assert (row["status"], row["metric"]) == (status, "")
    assert re.fullmatch(message, row["message"])
    assert table["value"].isna().sum() == 4


def test_cells_beside_faulty_ones_finish(faulty):
    """The other cipher's cells and the analysis that does nothing wrong give all of their rows."""
    summary, table, _ = faulty
    right = table[table["status"] == "ok"]
    assert summary.counts == {"ok": 6, "failed": 2, "crashed": 2}
    assert len(right) == len(table) - 4 == 4 * 2 + 2 * 3
    assert right["value"].notna().all()


def test_only_crashed_cells_run_again(faulty, tmp_path):
    """A failure is a property of the cell, a crash or a timeout may be the machine's: the next run tries again."""
    first, table, folder = faulty
    again = shutil.copytree(folder, tmp_path / "again")
    second, repeated = run_toys(again, ANALYSES, images=IMAGES, jobs=2)
    assert (first.executed, second.executed) == (10, 2)
    assert second.counts == first.counts
    assert repeated.drop(columns="seconds").equals(table.drop(columns="seconds"))


def test_faults_are_in_log_and_run_json(faulty):
    """The worker's last words are kept, and run.json lists what went wrong without this machine's paths."""
    _, _, folder = faulty
    assert "Segmentation fault" in (folder / "workers.log").read_text()
    about = json.loads((folder / "run.json").read_text())
    assert about["cells"] == {"total": 10, "executed": 10, "ok": 6, "failed": 2, "crashed": 2}
    assert [(f["cipher"], f["analysis"], f["status"]) for f in about["failures"]] == [
        ("toy-shift", "raises", "failed"), ("toy-shift", "exits", "failed"), ("toy-shift", "crashes", "crashed"),
        ("toy-shift", "leaves", "crashed"),
    ]  # fmt: skip
    assert str(folder) not in json.dumps(about["failures"])


def test_a_cell_that_hangs_times_out(toy_run):
    """A cell that sleeps, or sits in C code with the interpreter locked, ends at the time limit; the others finish."""
    analyses = {toy(name): {"images": "all"} for name in ("Hangs", "Spins", "Mean")}
    summary, table = toy_run(analyses, images=IMAGES, timeout=3.0, jobs=2)
    late = table[table["status"] != "ok"]
    assert list(late["analysis"]) == ["hangs", "spins"]
    assert list(late["status"]) == ["timeout"] * 2
    assert list(late["message"]) == ["still running after 3 s"] * 2
    assert late["seconds"].min() >= 3
    assert set(late["cipher"]) == {"toy-shift"}
    assert summary.counts == {"ok": 4, "timeout": 2}
    used = summary.costs["analyses"]
    assert 0 < used["hangs"] < 1  # core-seconds: it sleeps
    assert 0 < used["spins"] < 1  # so does this one


def test_a_cell_without_memory_crashes_alone(toy_run):
    """With a limit on the worker's memory, allocating without end gives a row "crashed"."""
    _, table = toy_run({toy("Misbehave"): {"how": "eat", "images": "all"}, toy("Mean"): {}}, images=IMAGES, memory=400)
    (wrong,) = table[table["status"] != "ok"].to_dict("records")
    assert wrong["status"] == "crashed"
    assert "MemoryError" in wrong["message"]
    assert (table["analysis"] == "mean").sum() == 2 * 3


def test_an_image_that_ciphers_refuse_is_unsupported(toy_run):
    """A refusal at the first encryption is no failure, and says what the cipher wants."""
    summary, table = toy_run(ciphers=(toy("SquareOnly"), toy("Xor")), images=("coffee",))
    row = table[table["cipher"] == "toy-square"]
    assert list(row["status"]) == ["unsupported"]
    assert row["message"].item() == "toy-square: image is 16x24x3, wanted a square image"
    assert summary.failures == ()
    assert summary.counts == {"ok": 1, "unsupported": 1}
