"""The same bytes from any number of workers and from a Dask cluster."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from itertools import pairwise
from threading import Thread
from typing import Any

import pandas as pd
import psutil
import pytest

from cryptobench.bench.backends import LocalBackend
from cryptobench.bench.errors import BenchError
from cryptobench.bench.worker import Limits, call_in_worker
from tests.bench.driving import TOYS, finished_cells, run_toys, toy, wait_for

ANALYSES: dict[str, dict[str, Any]] = {toy("Mean"): {"trials": 5}, toy("Crashes"): {}}
IMAGES = ("gradient", "astronaut", "coffee", "camera")


@pytest.fixture(scope="module")
def cluster():
    """The address of a scheduler on this machine with two worker processes."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Summary and table of a run by one worker, with a cell that crashes. To be read only."""
    return run_toys(tmp_path_factory.mktemp("alone"), ANALYSES, images=IMAGES)


@pytest.fixture(scope="module")
def by_three(tmp_path_factory):
    """The same with timing cells, by three workers of this machine. To be read only."""
    timed = ANALYSES | {toy("Clock"): {"images": "all"}}
    return run_toys(tmp_path_factory.mktemp("three"), timed, images=IMAGES, jobs=3)


@pytest.fixture(scope="module")
def by_dask(tmp_path_factory, cluster):
    """The same by the two workers of the cluster. To be read only."""
    timed = ANALYSES | {toy("Clock"): {"images": "all"}}
    return run_toys(tmp_path_factory.mktemp("dask"), timed, images=IMAGES, dask=cluster)


def compared(folder):
    """The table's bytes without what depends on time."""
    table = pd.read_csv(folder / "measurements.csv.gz", dtype=str, keep_default_na=False)
    return table[table["analysis"] != "timing"].drop(columns="seconds").to_csv(index=False).encode()


def pictures(folder):
    """The pictures' bytes by their places in the folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.png")}


@pytest.mark.parametrize("where", ["by_three", "by_dask"])
def test_workers_change_no_byte(alone, where, request):
    """One local worker, three, and two Dask workers give the same bytes, a crashed cell among them."""
    summary, table = alone
    assert summary.counts == {"ok": 9, "crashed": 1}
    assert len(table) == 8 * 5 + 3
    assert len(pictures(summary.folder)) == 8
    other, _ = request.getfixturevalue(where)
    assert other.counts == {"ok": 9 + 8, "crashed": 1}
    assert compared(other.folder) == compared(summary.folder)
    assert pictures(other.folder) == pictures(summary.folder)


def test_rows_follow_the_plan(by_three):
    """Rows come by cipher, image and analysis, in the order in which the settings name them."""
    _, table = by_three
    keys = table[["cipher", "image", "analysis"]].drop_duplicates().to_records(index=False).tolist()
    assert keys == [
        (cipher, image, analysis)
        for cipher in ("toy-xor", "toy-shift")
        for image in IMAGES
        for analysis in ("mean", "crashes", "timing")
        if analysis != "crashes" or image == "astronaut"
    ]


@pytest.mark.parametrize("where", ["by_three", "by_dask"])
def test_timing_has_the_machine_to_itself(where, request):
    """Timing cells run one after the other, in a fresh process with one thread for each cipher, after all others."""
    summary, table = request.getfixturevalue(where)
    clock = table[table["analysis"] == "timing"]
    values = {metric: clock[clock["metric"] == metric]["value"].tolist() for metric in clock["metric"].unique()}
    spans = sorted(zip(values["start"], values["end"], strict=True))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert len(spans) == 8
    assert len(set(values["process"])) == 2
    assert set(values["threads"]) == {1}
    assert max(path.stat().st_mtime for path in summary.folder.rglob("*.png")) < spans[0][0]


def test_a_hung_cell_times_out_on_dask_too(toy_run, cluster):
    """Limits hold on a cluster: a hang costs its own cell, and the cluster keeps its workers."""
    summary, _ = toy_run({toy("Hangs"): {"images": "all"}, toy("Mean"): {}}, timeout=3.0, dask=cluster)
    assert summary.counts == {"ok": 6, "timeout": 2}


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


def test_an_address_without_scheduler_is_one_clear_line(toy_run):
    """A wrong address names itself."""
    with pytest.raises(BenchError, match="no Dask scheduler answers at nonsense"):
        toy_run(dask="nonsense://127.0.0.1:1")


def test_without_dask_the_message_says_what_to_install(toy_run, monkeypatch):
    """The message says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BenchError, match=r"pip install 'cryptobench\[dask\]'"):
        toy_run(dask="tcp://127.0.0.1:1")


def test_workers_that_cannot_start_end_the_run(toy_run):
    """With too little memory to import NumPy no cell is blamed; the run stops and says why."""
    with pytest.raises(BenchError, match="worker processes do not start within 20 MiB of memory"):
        toy_run(memory=20, ciphers=("caesar",))


def test_too_little_memory_to_try_a_cipher_is_not_its_fault(toy_run):
    """A cipher of one's own is tried before, with the same limit; no start is not the fault of the cipher."""
    wanted = r"the process that tries \S+toys\.py:Xor does not start within 20 MiB of memory \(\S.*; a larger --memory"
    with pytest.raises(BenchError, match=wanted):
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
    summary, table = alone
    text = table.to_csv()
    assert str(TOYS.parent) not in text
    assert str(summary.folder) not in text
