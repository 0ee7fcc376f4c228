"""What a run takes for finished, for failed and for its own: by hand-made results, without a process."""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from cryptobench.bench import run as module
from cryptobench.bench.cell import Cell, CellResult, encode_columns, failure
from cryptobench.bench.measure import run_cell
from cryptobench.bench.plan import make_plan
from cryptobench.bench.process import HungWhileWarming, Limits, WorkerLost
from cryptobench.bench.progress import Progress
from cryptobench.bench.run import write_table
from cryptobench.bench.store import CellStore
from cryptobench.bench.worker import run_in_worker
from cryptobench.measurement import Artifact, Measurement, frame
from cryptobench.task import TaskResult

PICTURE = ("cipher.png", b"pixels")


def result_of(cell: Cell, value: float = 1.0, pictures=(PICTURE,)) -> CellResult:
    row = Measurement("mean", value).row() | cell.columns
    return CellResult(
        address=cell.address, status="ok", final=True, seconds=1.0, rows=encode_columns(row, 1), pictures=pictures
    )


@pytest.fixture
def plan(toy_settings):
    """Two ciphers that are built in, which no process has to try first, on three images."""
    images = ("flat-black", "gradient", "astronaut")
    return make_plan(toy_settings({"entropy": {}}, ciphers=("caesar", "xor-pad"), images=images))


@pytest.fixture
def cells(plan):
    return plan.cells


def finished(folder, cells) -> set[str]:
    with CellStore(folder) as store:
        return store.finished(cell.address for cell in cells)


def test_an_altered_picture_is_not_finished(cells, tmp_path):
    """Other pixels, fewer bytes, no file: the cell runs again; with the picture as it was, it does not."""
    with CellStore(tmp_path) as store:
        store.add(cells[0], result_of(cells[0]))
    path = tmp_path / "pictures" / cells[0].cipher_name / cells[0].image_name / PICTURE[0]
    assert finished(tmp_path, cells) == {cells[0].address}
    for content in (b"pixelt", b"pixel", b"", None):
        path.unlink() if content is None else path.write_bytes(content)
        assert finished(tmp_path, cells) == set()
    path.write_bytes(PICTURE[1])
    assert finished(tmp_path, cells) == {cells[0].address}


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("status", ["failed", "crashed", "timeout", "unsupported"])
def test_only_final_results_are_finished(status, final, cells, tmp_path):
    """Whatever the status: a result that came about by something outside the cell is tried again."""
    with CellStore(tmp_path) as store:
        store.add(cells[0], failure(cells[0], status, "why", 1.0, final=final))
    assert finished(tmp_path, cells) == ({cells[0].address} if final else set())


@pytest.mark.parametrize(
    ("status", "final"),
    [("ok", True), ("unsupported", True), ("failed", True), ("crashed", False), ("timeout", False)],
)
def test_what_the_machine_did_is_not_final(status, final, cells, monkeypatch):
    """A failure and a refusal are the cipher's; running out of memory or time may be the machine's."""
    monkeypatch.setattr(
        "cryptobench.bench.measure.run_task", lambda *given, **more: TaskResult((), status=status, message="why")
    )
    assert run_cell(cells[0]).final == final


@pytest.mark.parametrize(
    ("lost", "status"),
    [
        (WorkerLost("timeout", "still running after 1 s"), "timeout"),
        (WorkerLost("crashed", "the worker process was killed by SIGSEGV"), "crashed"),
        (HungWhileWarming("timeout", "still loading"), "timeout"), (EOFError(), "crashed"),
    ],
)  # fmt: skip
def test_a_lost_worker_is_tried_again(lost, status, cells, monkeypatch):
    """What ended it may be the machine's: the cell is not finished, and says what became of the worker."""

    class Worker:
        def start(self):
            pass

        stop = start

        def untold(self):
            return {}

        def ask(self, *given):
            raise lost

    monkeypatch.setattr("cryptobench.bench.worker._worker", lambda *given: nullcontext(Worker()))
    monkeypatch.setattr("cryptobench.bench.worker._slow", set())
    result = run_in_worker(cells[0], Limits())
    assert (result.status, result.final) == (status, False)
    assert result.message == (str(lost) or "the worker process was lost: EOFError")


def test_rows_come_in_the_plans_order(cells, tmp_path):
    """Not in that of addresses, nor in that in which cells finished."""
    values = {cell.address: float(place) for place, cell in enumerate(cells)}
    with CellStore(tmp_path) as store:
        for cell in reversed(cells):
            store.add(cell, result_of(cell, values[cell.address]))
        assert [row["value"] for row in store.rows(cell.address for cell in cells)] == list(values.values())
    assert [values[address] for address in sorted(values)] != list(values.values())


@pytest.mark.parametrize("what", ["cipher_code", "image_hash", "analysis_code"])
def test_what_changed_since_planning_is_not_measured(what, cells):
    """The cell fails, says what it was, and is tried again by the next run."""
    result = run_cell(replace(cells[0], **{what: "another"}))
    word = {"cipher_code": "cipher", "image_hash": "image", "analysis_code": "analysis"}[what]
    assert (result.status, result.final) == ("failed", False)
    assert result.message == f"the {word} has changed since the run was planned; run again"


def test_every_ending_is_counted(plan, tmp_path):
    """The summary counts each status, and lists what is neither a number nor a refusal, timeouts too."""
    statuses = ("ok", "unsupported", "failed", "crashed", "timeout", "ok")
    with CellStore(tmp_path) as store:
        for cell, status in zip(plan.cells, statuses, strict=True):
            ended = result_of(cell) if status == "ok" else failure(cell, status, f"{status}!", 1.0, final=False)
            store.add(cell, ended)
        summary = module._summary(plan, tmp_path, store, 6, 1.0)
    assert summary.counts == {"ok": 2, "unsupported": 1, "failed": 1, "crashed": 1, "timeout": 1}
    assert [(cell, message) for cell, _, message in summary.failures] == [
        (plan.cells[2], "failed!"), (plan.cells[3], "crashed!"), (plan.cells[4], "timeout!"),
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["ok", "unsupported", "failed", "crashed", "timeout"])
def test_progress_counts_what_did_not_finish(status, cells):
    """A timeout is a failure on the line that people read; a refusal is none."""
    progress = Progress(io.StringIO())
    progress.begin(1, 0, lambda: None, "")
    progress.started(cells[0])
    ended = result_of(cells[0]) if status == "ok" else failure(cells[0], status, "why", 1.0, final=False)
    progress.finished(cells[0], ended)
    assert ("1 failed" in progress.line()) == (status in ("failed", "crashed", "timeout"))


def test_times_of_all_calls_are_added(tmp_path):
    """Seconds and cells of the calls that made a folder, each call's last word."""
    with CellStore(tmp_path) as store:
        for started, seconds, executed in (("a", 1.0, 1), ("a", 2.5, 3), ("b", 4.0, 2)):
            store.note_call(started, seconds, executed)
        calls = store.calls()
    assert [(call["seconds"], call["executed"]) for call in calls] == [(2.5, 3), (4.0, 2)]


def test_the_table_is_written_with_its_digest(cells, tmp_path):
    """By number of rows and SHA-256 a table that was changed later is noticed."""
    table = frame([Measurement("mean", value).row() | cells[0].columns for value in (1.0, 2.0)])
    written = write_table(table, tmp_path)
    content = (tmp_path / "measurements.csv.gz").read_bytes()
    assert written == {"rows": 2, "sha256": hashlib.sha256(content).hexdigest()}


def test_the_plan_passes_seed_and_level_on(toy_settings):
    """Each cell has the run's seed, each analysis the run's level unless it has one of its own."""
    analyses = {"entropy": {}, "histogram": {"alpha": 0.2}}
    plan = make_plan(toy_settings(analyses, ciphers=("caesar",), seed=7, alpha=0.01))
    assert {cell.seed for cell in plan.cells} == {7}
    levels = {cell.analysis_name: json.loads(cell.parameters)["alpha"] for cell in plan.cells}
    assert levels == {"entropy": 0.01, "histogram": 0.2}


def test_the_pictures_of_a_failed_cell_are_dropped(cells, monkeypatch):
    """Half of them would stand for the whole."""
    statuses = iter(("ok", "failed", "crashed", "unsupported"))

    def half(*given, picture, **more):
        picture(Artifact("cipher", np.zeros((2, 2), np.uint8)))
        return TaskResult((), status=next(statuses), message="why")

    monkeypatch.setattr("cryptobench.bench.measure.run_task", half)
    assert [len(run_cell(cells[0]).pictures) for _ in range(4)] == [1, 0, 0, 0]
