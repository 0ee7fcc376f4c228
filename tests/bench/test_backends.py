"""The same bytes from any number of workers and from a Dask cluster."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from itertools import pairwise
from queue import SimpleQueue

import pandas as pd
import pytest

from cryptobench.bench.backends import DaskBackend
from cryptobench.bench.errors import BenchError
from cryptobench.bench.plan import make_plan
from cryptobench.bench.scheduler import Costs, Queue, execute
from tests.bench.driving import TOYS, run_toys, toy

ANALYSES = {toy("Mean"): {"trials": 5}, toy("Misbehave"): {"how": "crash"}, toy("Clock"): {}}
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
    """Outcome, table and folder of a run by one worker, with a cell that crashes. To be read only."""
    folder = tmp_path_factory.mktemp("alone")
    return *run_toys(folder, ANALYSES, images=IMAGES), folder


def compared(folder):
    """The table's bytes without what depends on time."""
    table = pd.read_csv(folder / "measurements.csv.gz", dtype=str, keep_default_na=False)
    return table[table["analysis"] != "timing"].drop(columns="seconds").to_csv().encode()


def pictures(folder):
    """The pictures' bytes by their places in the folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.png")}


@pytest.mark.parametrize("where", ["three", "dask"])
def test_tables_and_pictures_do_not_depend_on_the_workers(alone, toy_run, request, where):
    """One local worker, three, and two Dask workers give the same bytes, a crashed cell among them."""
    outcome, table, folder = alone
    assert outcome.counts == {"ok": 11, "crashed": 1}
    assert len(table) == 8 * 5 + 3 + 8
    assert len(pictures(folder)) == 8
    options = {"dask": request.getfixturevalue("cluster")} if where == "dask" else {"jobs": 3}
    other, _ = toy_run(ANALYSES, images=IMAGES, **options)
    assert other.counts == outcome.counts
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
        for analysis in ("mean", "misbehave", "timing")
        if analysis == "mean" or image == "astronaut"
    ]


@pytest.mark.parametrize("where", ["local", "dask"])
def test_timing_has_the_machine_to_itself(toy_run, request, where):
    """Timing cells run one after the other, in one fresh process with one thread, after all others."""
    options = {"dask": request.getfixturevalue("cluster")} if where == "dask" else {"jobs": 3}
    analyses = {toy("Clock"): {"images": "all"}, toy("Mean"): {"seconds": 0.1}}
    _, table = toy_run(analyses, **options)
    clock = table[table["analysis"] == "timing"]
    values = {metric: clock[clock["metric"] == metric]["value"].tolist() for metric in clock["metric"].unique()}
    spans = sorted(zip(values["start"], values["end"], strict=True))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert len(spans) == 4
    assert len(set(values["process"])) == 1
    assert set(values["threads"]) == {1}


def test_a_hung_cell_times_out_on_dask_too(toy_run, cluster):
    """The same guard holds cells on a cluster: a hang costs its own cell, and the cluster keeps its workers."""
    outcome, _ = toy_run(
        {toy("Misbehave"): {"how": "hang", "images": "all"}, toy("Mean"): {}}, timeout=6.0, dask=cluster
    )
    assert outcome.counts == {"ok": 6, "timeout": 2}


def test_an_address_where_nobody_answers_is_one_clear_error(toy_run):
    """A wrong address names itself."""
    with pytest.raises(BenchError, match="no Dask scheduler answers at nonsense"):
        toy_run(dask="nonsense://127.0.0.1:1")


def test_without_the_package_dask_is_one_clear_error(toy_run, monkeypatch):
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


def test_a_lost_dask_worker_costs_its_cell_and_a_lost_cluster_ends_the_run(toy_settings):
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
    with pytest.raises(BenchError, match=r"the workers are lost \(ConnectionError: gone\); run again to continue"):
        execute(
            Queue(cells, Costs()), Losing(ConnectionError("gone")), SimpleQueue(),
            finished=lambda cell, result: None, **callbacks,
        )  # fmt: skip


def test_workers_that_cannot_start_end_the_run(toy_run):
    """With too little memory to import NumPy no cell is blamed; the run stops and says why."""
    with pytest.raises(BenchError, match="worker processes do not start within 20 MiB of memory"):
        toy_run(memory=20)


def test_measurements_hold_no_paths(alone):
    """Ciphers, images and analyses given as files appear under their names only."""
    _, table, folder = alone
    text = table.to_csv()
    assert str(TOYS.parent) not in text
    assert str(folder) not in text
