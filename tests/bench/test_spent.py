"""Core-seconds of a run, added up from its own cells, beside the time of the calibration loop."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

from cryptobench.bench import run as run_module
from cryptobench.bench.backends import InProcessBackend
from cryptobench.bench.measure import run_cell
from cryptobench.bench.plan import make_plan
from cryptobench.bench.spent import Spent
from cryptobench.bench.store import CellStore
from cryptobench.cli.run import _summarize
from cryptobench.core_time import add_core_seconds, core_seconds
from tests.bench.driving import run_toys
from tests.bench.test_run import result_of


def test_costs_are_sums_over_cells(toy_settings, tmp_path, monkeypatch):
    """By analysis, attack and cipher, the largest first; besides is what no cell has used, of all calls."""
    wanted = toy_settings(
        {"entropy": {}}, attacks={"determinism": {}}, ciphers=("caesar", "xor-pad"), images=("camera",)
    )
    cells = make_plan(wanted).cells
    clock = [100.0]
    monkeypatch.setattr("cryptobench.bench.spent.core_seconds", lambda: clock[0])
    monkeypatch.setattr("cryptobench.bench.yardstick.loop_seconds", lambda: 0.02)
    with CellStore(tmp_path) as store:
        for started, ran in (("first", cells[:1]), ("second", cells[1:])):
            spent = Spent(store, started, time.perf_counter())
            spent.begin()
            for cell in ran:
                result = replace(result_of(cell, b""), core_seconds=1.0 + cells.index(cell))
                store.add(cell, result)
                spent.finished(result)
            clock[0] += sum(1.0 + cells.index(cell) for cell in ran) + 0.5
            spent.end()
        costs = spent.costs(cells)
    count = len(cells)
    assert count > 2
    assert costs["cells"] == count * (count + 1) / 2
    assert costs["besides"] == 1.0
    assert (costs["calibration_seconds"], costs["calibrations"]) == (0.02, 4)
    assert costs["calibrated"] == (costs["cells"] + 1.0) / 0.02
    for part in ("ciphers", "analyses", "attacks"):
        assert list(costs[part].values()) == sorted(costs[part].values(), reverse=True)
    assert sum(costs["ciphers"].values()) == sum(costs["analyses"].values()) + sum(costs["attacks"].values())
    assert [*costs["attacks"]] == ["attack:determinism"]


def test_waiting_costs_nothing_and_children_count():
    """The time of a sleep is not counted, that of a child that has worked is, and so is what others report."""
    before, wall = core_seconds(), time.perf_counter()
    time.sleep(0.05)
    slept = core_seconds() - before
    assert slept < 0.5 * (time.perf_counter() - wall)
    child = "import time\nwhile time.process_time() < 0.1: pass"
    before = core_seconds()
    subprocess.run([sys.executable, "-c", child], check=True)
    assert core_seconds() - before >= 0.1
    before = core_seconds()
    add_core_seconds(5.0)
    assert core_seconds() - before >= 5.0


def test_run_json_has_what_a_run_costs(tmp_path, monkeypatch, capsys):
    """Seconds for each cell, the calibration loop at the start and at the end, and a line after the run."""
    monkeypatch.setattr("cryptobench.bench.run._backend", contextmanager(lambda *_: iter([InProcessBackend(run_cell)])))
    summary, _ = run_toys(tmp_path, {"entropy": {}}, ciphers=("caesar", "xor-pad"), images=("camera",))
    costs = json.loads((tmp_path / "run.json").read_text())["costs"]
    assert costs == summary.costs
    assert [*costs["analyses"]] == ["entropy"]
    assert {*costs["ciphers"]} == {"caesar", "xor-pad"}
    assert costs["cells"] > 0
    assert min(costs["ciphers"].values()) > 0
    assert costs["calibrations"] == 2
    _summarize(summary)
    assert "times the calibration loop" in capsys.readouterr().out


def test_workers_say_what_their_cells_cost(finished_run):
    """Each cell of a run in worker processes has its core-seconds; what the workers have loaded is besides."""
    costs = json.loads((finished_run / "run.json").read_text())["costs"]
    assert min(costs["ciphers"].values()) > 0
    assert costs["besides"] > 0.1  # they have imported NumPy


def test_what_servers_used_is_of_the_cell(toy_settings, tmp_path, monkeypatch):
    """A new process forked by a worker's server is no child of the run: it is counted once, in its cell."""
    clock = [0.0]
    monkeypatch.setattr("cryptobench.bench.spent.core_seconds", lambda: clock[0])
    monkeypatch.setattr("cryptobench.bench.yardstick.loop_seconds", lambda: 0.02)
    (cell, *_) = make_plan(toy_settings({"entropy": {}}, ciphers=("caesar",), images=("camera",))).cells
    with CellStore(tmp_path) as store:
        spent = Spent(store, "first", time.perf_counter())
        result = replace(result_of(cell, b""), core_seconds=3.0, elsewhere=2.0)
        store.add(cell, result)
        spent.finished(result)
        clock[0] = 1.5  # the cell's own second, and half a one besides
        spent.end()
        assert (spent.costs([cell])["cells"], spent.costs([cell])["besides"]) == (3.0, 0.5)


def test_planning_and_storing_are_besides(tmp_path, monkeypatch):
    """What a call used before its first cell and after its last one counts; a call that runs no cell adds nothing."""
    clock = [0.0]

    def taking(seconds, real):
        def slow(*arguments):
            clock[0] += seconds
            return real(*arguments)

        return slow

    for module in ("run", "spent"):
        monkeypatch.setattr(f"cryptobench.bench.{module}.core_seconds", lambda: clock[0])
    monkeypatch.setattr("cryptobench.bench.yardstick.loop_seconds", lambda: 0.02)
    monkeypatch.setattr("cryptobench.bench.run.make_plan", taking(2.0, run_module.make_plan))
    monkeypatch.setattr("cryptobench.bench.run._table", taking(1.0, run_module._table))
    free = lambda cell: replace(run_cell(cell), core_seconds=0.0, elsewhere=0.0)  # noqa: E731
    monkeypatch.setattr("cryptobench.bench.run._backend", contextmanager(lambda *_: iter([InProcessBackend(free)])))
    for _ in range(2):
        summary, _ = run_toys(tmp_path, {"entropy": {}}, ciphers=("caesar",), images=("camera",))
        assert summary.costs["besides"] == 3.0
