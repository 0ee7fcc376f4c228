"""A Dask cluster of which something dies."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import Future
from contextlib import ExitStack
from queue import SimpleQueue
from threading import Thread
from types import SimpleNamespace

import pytest

from cryptobench.bench import backends
from cryptobench.bench.backends import DaskBackend
from cryptobench.bench.errors import BenchError
from cryptobench.bench.plan import make_plan
from cryptobench.bench.scheduler import Costs, Queue, execute
from cryptobench.bench.worker import Limits
from tests.bench.driving import finished_cells, toy, wait_for

IMAGES = ("gradient", "flat-black", "flat-white", "impulse")


class Losing:
    """A backend on which every cell ends with an error of its own executor."""

    width = capacity = 2

    def __init__(self, error):
        self._error = error

    def submit(self, cell):
        future = Future()
        future.set_exception(self._error)
        return future

    result = DaskBackend.result


def test_lost_dask_workers_cost_cells_lost_clusters_runs(toy_settings):
    """Dask's KilledWorker becomes a row "crashed"; anything else says that the workers are lost."""
    cells = make_plan(toy_settings()).cells
    results = []
    callbacks = {"started": lambda cell: None, "tick": lambda: None}
    lost = type("KilledWorker", (Exception,), {})()
    execute(
        Queue(cells, Costs()), Losing(lost), SimpleQueue(),
        finished=lambda cell, result: results.append(result), **callbacks,
    )  # fmt: skip
    assert [(result.status, result.final, result.message) for result in results] == [
        ("crashed", False, "the Dask worker was lost")
    ] * 4
    with pytest.raises(BenchError, match=r"the workers are lost; run again to continue \(ConnectionError: gone\)"):
        execute(
            Queue(cells, Costs()), Losing(ConnectionError("gone")), SimpleQueue(),
            finished=lambda cell, result: None, **callbacks,
        )  # fmt: skip


class SilentClient:
    """The client of a cluster with two threads, of which one cannot say anything any more once it is ``lost``."""

    status = "running"
    lost = False

    def __init__(self, address, **options):
        pass

    def wait_for_workers(self, count, timeout):
        pass

    def get_executor(self, **options):
        return self

    def nthreads(self, callback_timeout):
        if self.lost:
            raise TimeoutError
        return {"one": 2}

    def submit(self, *arguments):
        raise RuntimeError("closed")

    def run(self, function):
        time.sleep(60)

    shutdown = close = lambda self, **options: None


@pytest.fixture
def silent(monkeypatch):
    """A Dask backend on which nothing happens."""
    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=SilentClient))
    monkeypatch.setattr(backends, "_LOST_SECONDS", 0.1)
    monkeypatch.setattr(backends, "_CLOSE_SECONDS", 0.1)
    return DaskBackend("tcp://here:1", Limits())


def test_a_silent_cluster_is_lost_after_a_while(silent):
    """Workers may be gone for a moment, as when they are started again; for longer, the line says what to do."""
    assert (silent.width, silent.capacity) == (2, 4)
    silent._client.lost = True
    assert silent.width == 2
    time.sleep(0.11)
    with pytest.raises(BenchError) as caught:
        silent.capacity  # noqa: B018
    assert str(caught.value) == (
        "the workers are lost; run again to continue (no worker of the Dask cluster at tcp://here:1 has answered for "
        "0.1 s)"
    )


def test_a_closed_client_takes_no_cell(silent):
    """What Dask raises when its scheduler has gone is one line, and closing waits for nobody."""
    lost = r"the workers are lost; run again to continue \(RuntimeError: closed\)"
    with pytest.raises(BenchError, match=lost) as caught:
        silent.submit(None)
    assert isinstance(caught.value.__cause__, OSError)  # by which the command tells that it is not the user's mistake
    begun = time.monotonic()
    silent.close()
    assert time.monotonic() - begun < 5


def test_a_result_is_kept_when_workers_are_lost(toy_settings):
    """The cell that has just finished is handed over, though no other can be started."""

    class Dying(Losing):
        width = capacity = 1

        def submit(self, cell):
            if kept or self._error.done():
                raise BenchError("the workers are lost")
            self._error.set_result("a result")
            return self._error

    kept = []
    with pytest.raises(BenchError, match="the workers are lost"):
        execute(
            Queue(make_plan(toy_settings()).cells, Costs()), Dying(Future()), SimpleQueue(),
            started=lambda cell: None, finished=lambda cell, result: kept.append(result), tick=lambda: None,
        )  # fmt: skip
    assert kept == ["a result"]


@pytest.fixture
def own_cluster(tmp_path):
    """The address of a scheduler and a worker with two threads, and the scheduler's process."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    common = ["--no-dashboard", "--scheduler-file", str(file)]
    scheduler = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *common]
    worker = ["distributed.cli.dask_worker", "--nthreads", "2", "--no-nanny", "--local-directory", str(tmp_path)]
    with ExitStack() as stack, (tmp_path / "log").open("ab") as log:
        processes = []
        for module in (scheduler, [*worker, *common]):
            line = [sys.executable, "-m", *module]
            processes.append(subprocess.Popen(line, stdout=log, stderr=log, start_new_session=True))
            stack.callback(processes[-1].wait)
            stack.callback(processes[-1].kill)
            wait_for(file.exists)
        yield json.loads(file.read_text())["address"], processes[0]


def test_a_run_goes_on_after_its_scheduler_died(toy_run, own_cluster, tmp_path):
    """The run ends within 30 s with the line that says so; what is finished is kept, and the next one does the rest."""
    address, scheduler = own_cluster
    analyses = {toy("Mean"): {"seconds": 0.5}}
    died = []

    def kill():
        wait_for(lambda: finished_cells(tmp_path / "run") >= 1)
        scheduler.kill()
        died.append(time.monotonic())

    killer = Thread(target=kill)
    killer.start()
    with pytest.raises(BenchError, match=r"^the workers are lost; run again to continue \(.*scheduler broke\)$"):
        toy_run(analyses, images=IMAGES, dask=address)
    assert time.monotonic() - died[0] < 30
    killer.join()
    kept = finished_cells(tmp_path / "run")
    summary, _ = toy_run(analyses, images=IMAGES)
    assert 1 <= kept < 8
    assert (summary.counts, summary.executed) == ({"ok": 8}, 8 - kept)
