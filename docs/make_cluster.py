"""Renew the figures in docs/cluster.md: `python docs/make_cluster.py`; with `--measure` docs/cluster.json first.

What ciphers cost is what the cells of a finished run took (results/reference, or the folder that is given), and what a
cluster makes of it is a simulation with the queue that hands out cells. `--measure` runs cells that do nothing on a
Dask cluster of eight workers on this machine, a few and many: the difference is what a cell costs besides.
"""

from __future__ import annotations

import argparse
import heapq
import importlib
import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cryptobench.bench.cell import Cell
from cryptobench.bench.costs import Costs
from cryptobench.bench.scheduler import Queue
from cryptobench.files import write_text

__all__ = ["cells_of", "simulated", "table"]

HERE = Path(__file__).resolve().parent
PAGE, MEASURED = HERE / "cluster.md", HERE / "cluster.json"
REFERENCE = HERE.parent / "results" / "reference"
CELL = ["cipher", "image", "height", "width", "channels", "analysis"]
WORKERS = (2, 8, 64, 256)
CIPHERS = 1000
KINDS = (10, 50)
NOTHING = """
from dataclasses import dataclass
from typing import ClassVar
from cryptobench.analyses.base import Analysis
from cryptobench.measurement import Measurement
"""
NOTHING_CLASS = """
@dataclass(frozen=True)
class Nothing{number}(Analysis):
    name: ClassVar[str] = "nothing{number}"
    title: ClassVar[str] = "Nothing"
    images: ClassVar[str] = "all"
    def measure(self, experiment):
        yield Measurement("nothing", 0.0)
"""


@dataclass(frozen=True)
class Simulated:
    """Seconds by the clock, and the share of the workers' time in which they run cells."""

    seconds: float
    efficiency: float


def cells_of(folder: Path) -> dict[Cell, float]:
    """The cells of a finished run, and what each took in seconds."""
    rows = pd.read_csv(
        folder / "measurements.csv.gz", usecols=[*CELL, "seconds"], keep_default_na=False, na_values={"seconds": [""]}
    )
    first = rows.drop_duplicates(CELL)
    about = json.loads((folder / "run.json").read_text("utf-8"))
    parameters = {name: json.dumps(task["parameters"], sort_keys=True) for name, task in about["analyses"].items()}
    return {
        _cell(row, parameters[row["analysis"]]): float(row["seconds"])
        for row in map(_named, first.to_dict("records"))
        if pd.notna(row["seconds"])
    }


def _named(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _cell(row: dict[str, Any], parameters: str) -> Cell:
    named = {name: row[name] for name in ("height", "width", "channels")}
    attack = row["analysis"].startswith("attack:")
    return Cell(
        cipher=row["cipher"], image=row["image"], analysis=row["analysis"], parameters=parameters, size=row["width"],
        seed=1, kind="attack" if attack else "analysis", cipher_name=row["cipher"], family="", fidelity="",
        image_name=row["image"], analysis_name=row["analysis"], alone=row["analysis"] == "timing", cipher_code="",
        image_hash=f"{row['height']}x{row['width']}x{row['channels']}", analysis_code="", **named,
    )  # fmt: skip


def simulated(cells: dict[Cell, float], workers: int, overhead: float) -> Simulated:
    """A run of these cells, with so many seconds besides for each; cells of `timing` come last and alone."""
    shared, costs = [cell for cell in cells if not cell.alone], Costs(cells=len(cells))
    queue, busy, now = Queue(shared, costs), list[tuple[float, int, Cell]](), 0.0
    for number in range(workers):
        if (cell := queue.pop()) is not None:
            heapq.heappush(busy, (cells[cell] + overhead, number, cell))
    while busy:
        now, number, done = heapq.heappop(busy)
        costs.learn(done, cells[done])
        if (cell := queue.pop(done)) is not None:
            heapq.heappush(busy, (now + cells[cell] + overhead, number, cell))
    whole = now + sum(seconds + overhead for cell, seconds in cells.items() if cell.alone)
    return Simulated(whole, sum(cells[cell] for cell in shared) / (workers * now))


def table(cells: dict[Cell, float], measured: dict[str, float]) -> str:
    """The part of the page that follows from the run and from what was measured."""
    ciphers, overhead = len({cell.cipher_name for cell in cells}), measured["overhead_seconds"]
    total = sum(cells.values())
    share = total / (total + len(cells) * overhead)
    lines = [
        f"The committed standard run of {ciphers} ciphers has {len(cells):,} cells, which took {total:,.0f} "
        f"core-seconds: {total / ciphers:.0f} a cipher in the mean. A thousand such ciphers are "
        f"{CIPHERS * len(cells) // ciphers:,} cells and {CIPHERS * total / ciphers / 3600:,.0f} core-hours.",
        "",
        f"On a Dask cluster of {measured['workers']:.0f} workers a cell costs {1e3 * overhead:.0f} ms of a core "
        f"besides what it measures, by {measured['cells']:.0f} cells that do nothing: {100 * share:.0f} % of the time "
        f"of workers is for cells of the mean length, {total / len(cells):.2f} s.",
        "",
        "With that, simulated by the queue that hands out cells:",
        "",
        f"| workers | the {ciphers} ciphers | busy until timing begins | a thousand ciphers |",
        "|---:|---:|---:|---:|",
    ]
    for workers in WORKERS:
        run = simulated(cells, workers, overhead)
        alone = sum(seconds + overhead for cell, seconds in cells.items() if cell.alone) * CIPHERS / ciphers
        shared = sum(seconds + overhead for cell, seconds in cells.items() if not cell.alone) * CIPHERS / ciphers
        lines.append(
            f"| {workers} | {run.seconds / 60:.0f} min | {100 * run.efficiency:.0f} % | "
            f"{(shared / workers + alone) / 3600:.1f} h, {alone / 3600:.1f} h of it timing, alone |"
        )
    longest = max(cells, key=cells.__getitem__)
    lines += ["", f"No run is shorter than its longest cell, here {cells[longest] / 60:.0f} min ({longest})."]
    return "\n".join(lines)


def measure() -> dict[str, float]:
    """What a cell costs besides, on a Dask cluster of eight workers, in core-seconds."""
    distributed: Any = importlib.import_module("distributed")
    workers = 8
    with (
        tempfile.TemporaryDirectory() as folder,
        distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
    ):
        place = Path(folder, "nothing.py")
        place.write_text(NOTHING + "".join(NOTHING_CLASS.format(number=number) for number in range(KINDS[1])))
        few, many = (
            _run_of_nothing(place, cluster.scheduler_address, Path(folder, str(kinds)), kinds) for kinds in KINDS
        )
    cells = many["cells"] - few["cells"]
    return {
        "workers": workers,
        "cells": cells,
        "overhead_seconds": round((many["core_seconds"] - few["core_seconds"]) / cells, 4),
    }


def _run_of_nothing(place: Path, address: str, folder: Path, kinds: int) -> dict[str, float]:
    """A run of cells that do nothing: their number, and core-seconds of all processes."""
    from cryptobench.bench.progress import Progress
    from cryptobench.bench.run import run
    from cryptobench.bench.settings import settings

    wanted = settings(
        "quick", ciphers=("caesar", "identity", "xor-pad"), images=("camera", "gradient", "flat-black"), size=16,
        dask=address, attacks=(), analyses=[f"{place}:Nothing{number}" for number in range(kinds)],
    )  # fmt: skip
    before = _core_seconds()
    summary = run(wanted, folder, Progress(quiet=True))
    assert summary.counts == {"ok": 9 * kinds}, summary.failures
    return {
        "cells": summary.executed,
        "core_seconds": _core_seconds() - before,
    }


def _core_seconds() -> float:
    """Of this process and all that it has started, ended ones too."""
    import psutil

    here = psutil.Process()
    return float(sum(sum(process.cpu_times()[:4]) for process in (here, *here.children(recursive=True))))


def page(text: str, cells: dict[Cell, float], measured: dict[str, float]) -> str:
    """The page with its figures renewed."""
    return re.sub(
        r"(?<=<!-- figures -->\n).*?(?=\n<!-- end of figures -->)",
        lambda _: table(cells, measured),
        text,
        flags=re.DOTALL,
    )


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, nargs="?", default=REFERENCE, help="folder of a finished standard run")
    parser.add_argument("--measure", action="store_true", help="run cells that wait on a cluster on this machine")
    arguments = parser.parse_args()
    if arguments.measure:
        write_text(MEASURED, json.dumps(measure(), indent=1) + "\n")
    measured = json.loads(MEASURED.read_text("utf-8"))
    write_text(PAGE, page(PAGE.read_text("utf-8"), cells_of(arguments.run), measured))


if __name__ == "__main__":
    main()
