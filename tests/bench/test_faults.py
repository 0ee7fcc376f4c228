"""A cell that goes wrong costs itself and nothing else."""

from __future__ import annotations

import json

import pytest

from tests.bench.driving import toy


@pytest.mark.parametrize(
    ("how", "status", "message"),
    [
        ("raise", "failed", "RuntimeError: this toy breaks"),
        ("exit", "failed", "SystemExit: 3"),
        ("crash", "crashed", "the worker process was killed by SIGSEGV"),
        ("leave", "crashed", "the worker process ended with exit code 7"),
    ],
)
def test_a_faulty_cell_becomes_one_row_and_the_others_finish(toy_run, how, status, message):
    """An exception, an exit and a segmentation fault each give one row in place of the analysis's own."""
    outcome, table = toy_run({toy("Misbehave"): {"how": how, "images": "all"}, toy("Mean"): {}}, jobs=2)
    wrong = table[(table["cipher"] == "toy-shift") & (table["analysis"] == "misbehave")]
    assert list(wrong["status"]) == [status] * 2
    assert list(wrong["message"]) == [message] * 2
    assert list(wrong["metric"]) == ["", ""]
    assert wrong["value"].isna().all()
    right = table.drop(wrong.index)
    assert list(right["status"].unique()) == ["ok"]
    assert outcome.counts == {"ok": 6, status: 2}
    assert len(right) == 2 * 2 + 4 * 3


def test_a_cell_that_hangs_times_out(toy_run):
    """A cell that sleeps, or sits in C code with the interpreter locked, ends at the time limit; the others finish."""
    analyses = {
        toy("Misbehave"): {"how": "hang", "images": ["gradient"]},
        toy("MisbehaveToo"): {"how": "spin", "images": ["gradient"]},
        toy("Mean"): {},
    }
    outcome, table = toy_run(analyses, timeout=6.0, jobs=2)
    late = table[table["status"] != "ok"]
    assert list(late["analysis"]) == ["misbehave", "misbehave too"]
    assert list(late["status"]) == ["timeout"] * 2
    assert list(late["message"]) == ["still running after 6 s"] * 2
    assert late["seconds"].min() >= 6
    assert set(late["cipher"]) == {"toy-shift"}
    assert outcome.counts == {"ok": 6, "timeout": 2}


def test_a_cell_that_runs_out_of_memory_crashes_alone(toy_run):
    """With a limit on the worker's memory, allocating without end gives a row "crashed"."""
    _, table = toy_run({toy("Misbehave"): {"how": "eat", "images": "all"}, toy("Mean"): {}}, memory=800)
    wrong = table[table["status"] != "ok"]
    assert list(wrong["status"]) == ["crashed"] * 2
    assert wrong["message"].str.contains("MemoryError").all()
    assert (table["analysis"] == "mean").sum() == 4 * 3


def test_an_image_that_a_cipher_refuses_is_unsupported(toy_run):
    """A refusal at the first encryption is no failure, and says what the cipher wants."""
    outcome, table = toy_run(ciphers=(toy("SquareOnly"), toy("Xor")), images=("coffee",))
    row = table[table["cipher"] == "toy-square"]
    assert list(row["status"]) == ["unsupported"]
    assert row["message"].item() == "toy-square: image is 16x24x3, wanted a square image"
    assert outcome.failures == ()
    assert outcome.counts == {"ok": 1, "unsupported": 1}


def test_crashed_cells_run_again_and_failed_ones_do_not(toy_run):
    """A failure is a property of the cell, a crash or a timeout may be the machine's: the next run tries again."""
    first, _ = toy_run({toy("Misbehave"): {"how": "crash", "images": "all"}})
    second, _ = toy_run({toy("Misbehave"): {"how": "crash", "images": "all"}})
    assert (first.executed, second.executed) == (4, 2)
    first, _ = toy_run({toy("Misbehave"): {"how": "raise", "images": "all"}}, folder="other")
    second, _ = toy_run({toy("Misbehave"): {"how": "raise", "images": "all"}}, folder="other")
    assert (first.executed, second.executed) == (4, 0)


def test_a_crash_is_in_the_log_and_in_run_json(toy_run):
    """The worker's last words are kept, and run.json lists what went wrong without this machine's paths."""
    outcome, _ = toy_run({toy("Misbehave"): {"how": "crash", "images": ["gradient"]}})
    assert "Segmentation fault" in (outcome.folder / "workers.log").read_text()
    about = json.loads((outcome.folder / "run.json").read_text())
    assert about["cells"] == {"total": 2, "executed": 2, "ok": 1, "crashed": 1}
    assert [(f["cipher"], f["status"]) for f in about["failures"]] == [("toy-shift", "crashed")]
