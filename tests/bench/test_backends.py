"""The same bytes from any number of workers and from a Dask cluster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from itertools import pairwise
from queue import SimpleQueue
from threading import Thread
from types import SimpleNamespace

import pandas as pd
import psutil
import pytest

from cryptobench.bench import backends
from cryptobench.bench.backends import DaskBackend, LocalBackend
from cryptobench.bench.errors import BenchError
from cryptobench.bench.plan import make_plan
from cryptobench.bench.scheduler import Costs, Queue, execute
from cryptobench.bench.worker import Limits, call_in_worker
from tests.bench.driving import TOYS, finished_cells, run_toys, toy, wait_for

ANALYSES = {toy("Mean"): {"trials": 5}, toy("Crashes"): {}, toy("Clock"): {}}
IMAGES = ("gradient", "astronaut", "coffee", "camera")


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and two worker processes on this machine."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Summary, table and folder of a run by one worker, with a cell that crashes. To be read only."""
    folder = tmp_path_factory.mktemp("alone")
    return *run_toys(folder, ANALYSES, images=IMAGES), folder


def compared(folder):
    """The table's bytes without what depends on time."""
    table = pd.read_csv(folder / "measurements.csv.gz", dtype=str, keep_default_na=False)
    return table[table["analysis"] != "timing"].drop(columns="seconds").to_csv(index=False).encode()


def pictures(folder):
    """The pictures' bytes by their places in the folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.png")}


@pytest.mark.parametrize("where", ["three", "dask"])
def test_workers_change_no_byte(alone, toy_run, request, where):
    """One local worker, three, and two Dask workers give the same bytes, a crashed cell among them."""
    summary, table, folder = alone
    assert summary.counts == {"ok": 11, "crashed": 1}
    assert len(table) == 8 * 5 + 3 + 8
    assert len(pictures(folder)) == 8
    options = {"dask": request.getfixturevalue("cluster")} if where == "dask" else {"jobs": 3}
    without_times = {name: parameters for name, parameters in ANALYSES.items() if name != toy("Clock")}
    other, _ = toy_run(without_times, images=IMAGES, **options)
    assert other.counts == {"ok": 9, "crashed": 1}
    assert compared(other.folder) == compared(folder)
    assert pictures(other.folder) == pictures(folder)


def test_rows_follow_the_plan(alone):
    """Rows come by cipher, image and analysis, in the order in which the settings name them."""
    _, table, _ = alone
    keys = table[["cipher", "image", "analysis"]].drop_duplicates().to_records(index=False).tolist()
    assert keys == [
        (cipher, image, analysis)
        for cipher in ("toy-xor", "toy-shift")
        for image in IMAGES
        for analysis in ("mean", "crashes", "timing")
        if analysis == "mean" or image == "astronaut"
    ]


@pytest.mark.parametrize("where", ["local", "dask"])
def test_timing_has_the_machine_to_itself(toy_run, request, where):
    """Timing cells run one after the other, in a fresh process with one thread for each cipher, after all others."""
    options = {"dask": request.getfixturevalue("cluster")} if where == "dask" else {"jobs": 2}
    analyses = {toy("Clock"): {"images": "all"}, toy("Mean"): {"seconds": 0.1}}
    _, table = toy_run(analyses, **options)
    clock = table[table["analysis"] == "timing"]
    values = {metric: clock[clock["metric"] == metric]["value"].tolist() for metric in clock["metric"].unique()}
    spans = sorted(zip(values["start"], values["end"], strict=True))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert len(spans) == 4
    assert len(set(values["process"])) == 2
    assert set(values["threads"]) == {1}


def test_a_hung_cell_times_out_on_dask_too(toy_run, cluster):
    """Limits hold on a cluster: a hang costs its own cell, and the cluster keeps its workers."""
    summary, _ = toy_run({toy("Hangs"): {"images": "all"}, toy("Mean"): {}}, timeout=3.0, dask=cluster)
    assert summary.counts == {"ok": 6, "timeout": 2}


def test_an_address_without_scheduler_is_one_clear_line(toy_run):
    """A wrong address names itself."""
    with pytest.raises(BenchError, match="no Dask scheduler answers at nonsense"):
        toy_run(dask="nonsense://127.0.0.1:1")


def test_without_dask_the_message_says_what_to_install(toy_run, monkeypatch):
    """The message says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BenchError, match=r"pip install 'cryptobench\[dask\]'"):
        toy_run(dask="tcp://127.0.0.1:1")


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
    with pytest.raises(BenchError, match=r"the workers are lost; run again to continue \(RuntimeError: closed\)"):
        silent.submit(None)
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


def test_a_worker_that_dies_costs_nothing(toy_run, cluster, tmp_path):
    """The other goes on with its cells."""
    from distributed import Client

    def kill():
        with Client(cluster, set_as_default=False) as client:
            victim = min(client.run(os.getpid).values())
            wait_for(lambda: finished_cells(tmp_path / "run") >= 1)
            os.kill(victim, signal.SIGKILL)

    killer = Thread(target=kill)
    killer.start()
    summary, _ = toy_run({toy("Mean"): {"seconds": 0.5}}, images=IMAGES, dask=cluster)
    killer.join()
    assert summary.counts == {"ok": 8}


def test_workers_that_cannot_start_end_the_run(toy_run):
    """With too little memory to import NumPy no cell is blamed; the run stops and says why."""
    with pytest.raises(BenchError, match="worker processes do not start within 20 MiB of memory"):
        toy_run(memory=20)


def workers():
    """The worker processes of this process."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            found |= {child} if "cryptobench.bench.inside" in " ".join(child.cmdline()) else set()
    return found


def sleep(seconds, limits):
    return call_in_worker(limits, time.sleep, seconds)


def test_closing_ends_busy_workers():
    """A worker in the middle of a long job is not waited for."""
    before = workers()
    backend = LocalBackend(sleep, 2, Limits())
    futures = [backend.submit(3600), backend.submit(3600)]
    wait_for(lambda: len(workers() - before) == 2)
    backend.close()
    assert all(future.done() for future in futures)
    wait_for(lambda: not workers() - before)


def test_measurements_hold_no_paths(alone):
    """Ciphers, images and analyses given as files appear under their names only."""
    _, table, folder = alone
    text = table.to_csv()
    assert str(TOYS.parent) not in text
    assert str(folder) not in text
