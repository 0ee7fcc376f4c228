"""Recorded runs, run again in simulated time."""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path

import pandas as pd

from cryptobench.bench.cell import Cell
from cryptobench.bench.costs import Costs
from cryptobench.bench.scheduler import Queue
from cryptobench.bench.time_left import TimeLeft
from cryptobench.measurement import read_measurements

REFERENCE = Path(__file__).parents[2] / "results" / "reference"
RUNS = {"standard": REFERENCE, "quick": REFERENCE / "quick"}
_CELL = ["cipher", "image", "height", "width", "channels", "analysis"]


@cache
def _table(profile: str) -> pd.DataFrame:
    return read_measurements(RUNS[profile] / "measurements.csv.gz")


def recorded(profile: str, ciphers: Collection[str] = ()) -> dict[Cell, float]:
    """The cells of a committed run, of some ciphers or all, and the seconds that each took."""
    table = _table(profile)
    if ciphers:
        table = table[table["cipher"].isin(ciphers)]
    about = json.loads((RUNS[profile] / "run.json").read_text())
    cells = {}
    for row in table.drop_duplicates(_CELL).itertuples():
        parameters = json.dumps(about["analyses"][row.analysis]["parameters"], sort_keys=True)
        cell = Cell(
            cipher=row.cipher, image=row.image, analysis=row.analysis, parameters=parameters, size=row.height, seed=1,
            kind="attack" if row.analysis.startswith("attack:") else "analysis", cipher_name=row.cipher, family="",
            fidelity="", image_name=f"{row.image} {row.height}x{row.width}x{row.channels}", height=row.height,
            width=row.width, channels=row.channels, analysis_name=row.analysis, alone=row.analysis == "timing",
            cipher_code="", image_hash="", analysis_code="",
        )  # fmt: skip
        cells[cell] = 0.0 if math.isnan(row.seconds) else row.seconds
    return cells


def costs_for(cells: Collection[Cell]) -> Costs:
    """Of which nothing is learned, for a run of these cells."""
    ciphers, tasks = ({getattr(cell, name) for cell in cells} for name in ("cipher_name", "analysis_name"))
    return Costs(cells=len(cells), ciphers=len(ciphers), tasks=len(tasks))


class Replay:
    """A run in simulated time: ``width`` workers, cells that take as long as they did times the load at that time.

    ``order`` sorts the cells; without it they run as the scheduler would have them.
    """

    def __init__(
        self,
        seconds: dict[Cell, float],
        width: int,
        *,
        load: Callable[[float], float] = lambda share: 1.0,
        order: Callable[[Cell], float] | None = None,
        costs: Costs | None = None,
    ) -> None:
        self.now = 0.0
        self.width = width
        self._taken, self._load, self._order = seconds, load, order
        self.costs = costs or costs_for(seconds)
        self._left = TimeLeft(self.costs, list(seconds), lambda: self.width, lambda: self.now)

    def ratios(self, *shares: float) -> list[float]:
        """What was said to be left over what was, when these shares of the cells were done."""
        looked = {max(1, math.ceil(share * len(self._taken))): share for share in shares}
        said: dict[int, tuple[float, float]] = {}
        done = 0
        running: list[tuple[float, int, Cell, float]] = []
        total, handed = sum(self._taken.values()), 0.0
        for alone in (False, True):
            self.width = 1 if alone else self.width
            waiting = [cell for cell in self._taken if cell.alone is alone]
            queue = Queue(waiting, self.costs) if self._order is None else _InOrder(sorted(waiting, key=self._order))
            more, ended = True, None
            while more or running:
                while more and len(running) < self.width:
                    cell, ended = queue.pop(ended), None
                    more = cell is not None
                    if cell is not None:
                        taken = self._taken[cell] * self._load(handed / total)
                        handed += self._taken[cell]
                        self._left.started(cell)
                        heapq.heappush(running, (self.now + taken, done + len(running), cell, taken))
                if running:
                    self.now, _, cell, taken = heapq.heappop(running)
                    ended = cell
                    self._left.finished(cell)
                    self.costs.learn(cell, taken)
                    done += 1
                    if done in looked:
                        said[done] = self._left.seconds(), self.now
        return [estimate / (self.now - then) for estimate, then in (said[one] for one in sorted(looked))]


class _InOrder:
    def __init__(self, cells: list[Cell]) -> None:
        self._cells = cells[::-1]

    def pop(self, after: Cell | None = None) -> Cell | None:
        return self._cells.pop() if self._cells else None
