"""What the harness itself costs, and what a second worker gains, as ratios within one run."""

from __future__ import annotations

import io
import time
from contextlib import closing
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue

from cryptobench.bench.backends import LocalBackend
from cryptobench.bench.cell import Cell, CellResult
from cryptobench.bench.costs import Costs
from cryptobench.bench.plan import make_plan
from cryptobench.bench.progress import Progress
from cryptobench.bench.run import run
from cryptobench.bench.scheduler import Queue, execute
from cryptobench.bench.settings import Settings, settings
from cryptobench.bench.store import CellStore
from cryptobench.bench.worker import Limits, run_in_worker
from cryptobench.measurement import read_measurements
from cryptobench.registry import cipher_names, load_analysis

TOYS = Path(__file__).parents[1] / "bench" / "toys.py"
ROUNDS = 6000
LONG = {"randomness", "timing", "known_pairs_regression", "decryptability"}


def work_cells(count: int, seed: int, rounds: int = ROUNDS) -> list[Cell]:
    """Cells that keep a CPU busy, all for the same time."""
    wanted = Settings(
        ciphers=(f"{TOYS}:Xor",), images=("flat-black",), size=16, analyses={f"{TOYS}:Work": {"rounds": rounds}}
    )
    return same_cell(make_plan(wanted).cells[0], count, seed)


def same_cell(cell: Cell, count: int, seed: int = 0) -> list[Cell]:
    """The cell with other seeds."""
    return [replace(cell, seed=seed * 1000 + number) for number in range(count)]


def finish(
    backend: LocalBackend[Cell, CellResult], cells: list[Cell], store: CellStore | None = None
) -> tuple[float, float]:
    """Run the cells, and store them if there is a store: seconds on the clock, and seconds inside cells."""
    inside: list[float] = []

    def finished(cell: Cell, result: CellResult) -> None:
        assert result.status == "ok", result.message
        inside.append(result.seconds)
        if store is not None:
            store.add(cell, result)

    start = time.perf_counter()
    nothing = lambda *_: None  # noqa: E731
    execute(Queue(cells, Costs()), backend, SimpleQueue(), started=nothing, finished=finished, tick=nothing)
    assert len(inside) == len(cells)
    return time.perf_counter() - start, sum(inside)


def burn(rounds: int) -> None:
    """The work of one cell, without the harness."""
    experiment = type("Seeded", (), {"seed": 1})()
    list(load_analysis(f"{TOYS}:Work", rounds=rounds).measure(experiment))


def bare(processes: int, rounds: int) -> float:
    """Seconds that plain processes take for the same work, each an equal part of it."""
    with get_context("spawn").Pool(processes) as pool:
        pool.map(burn, [10] * processes, chunksize=1)
        start = time.perf_counter()
        pool.map(burn, [rounds // processes] * processes, chunksize=1)
        return time.perf_counter() - start


def test_two_workers_gain_what_two_processes_gain(benchmark):
    """At least 0.9 of what two plain processes gain over one in the same minute: 1.8 where two cores are idle."""
    with closing(LocalBackend(run_in_worker, 1, Limits())) as one:
        finish(one, work_cells(1, 0, 10))
        two = LocalBackend(run_in_worker, 2, Limits())
        with closing(two):
            finish(two, work_cells(8, 1, 50))
            best = 0.0
            for attempt in range(2, 6):  # other programs on the machine disturb single comparisons
                gain = finish(one, work_cells(8, attempt))[0] / finish(two, work_cells(8, attempt))[0]
                ideal = bare(1, 8 * ROUNDS) / bare(2, 8 * ROUNDS)
                best = max(best, gain / ideal)
                if best >= 0.9:
                    break
            benchmark.extra_info |= {"two workers over one": gain, "two plain processes over one": ideal}
            assert best >= 0.9
            benchmark.pedantic(finish, args=(two, work_cells(8, 9)), rounds=1)


def test_harness_costs_less_than_5_percent(benchmark, tmp_path):
    """Planning, starting and feeding workers, storing and writing are below 5 % of a standard run of every cipher.

    What one cipher's run spends outside cells is counted once, since it is start-up, and what a cell costs to hand
    out and store is counted for every cell. Some long cells are left out, which only makes the share larger. The
    cipher's cost is near the mean of all; the slowest take ten times that.
    """
    standard = settings("standard", ciphers=("chen2004",), jobs=2)
    wanted = replace(
        standard,
        analyses={name: chosen for name, chosen in standard.analyses.items() if name not in LONG},
        attacks={name: chosen for name, chosen in standard.attacks.items() if name not in LONG},
    )
    start = time.perf_counter()
    summary = benchmark.pedantic(run, args=(wanted, tmp_path, Progress(io.StringIO())), rounds=1)
    outside = time.perf_counter() - start
    with CellStore(tmp_path) as store:
        costs = list(store.costs().values())
    rows = len(read_measurements(tmp_path / "measurements.csv.gz"))
    assert summary.counts == {"ok": len(costs)}
    outside -= sum(costs) / 2  # in two workers
    each = seconds_for_each_cell(tmp_path, rows // len(costs))
    ciphers = len(cipher_names())
    overhead = max(outside - len(costs) * each, 0.0) + ciphers * len(costs) * each
    share = overhead / (overhead + ciphers * sum(costs))
    benchmark.extra_info |= {"share": share, "seconds once": outside, "seconds for each cell": each}
    assert share < 0.05


def seconds_for_each_cell(folder: Path, rows: int) -> float:
    """Seconds outside the cell for one that gives so many rows and a picture of 256 x 256, hand-over and storing."""
    wanted = Settings(
        ciphers=(f"{TOYS}:Xor",), images=("gradient",), size=256, analyses={f"{TOYS}:Mean": {"trials": rows}}
    )
    cells = same_cell(make_plan(wanted).cells[0], 31)
    with closing(LocalBackend(run_in_worker, 1, Limits())) as backend, CellStore(folder) as store:
        finish(backend, cells[:1])
        batches = [finish(backend, cells[first : first + 10], store) for first in (1, 11, 21)]
    return min(clock - inside for clock, inside in batches) / 10  # other programs on the machine only add
