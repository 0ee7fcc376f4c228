"""What a run will cost, before it starts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptobench.bench.cell import Cell
from cryptobench.bench.costs import Costs
from cryptobench.bench.plan import make_plan
from cryptobench.bench.settings import Settings
from cryptobench.bench.store import CellStore
from cryptobench.bench.time_left import TimeLeft
from cryptobench.cipher import Cipher
from cryptobench.terminal import duration

__all__ = ["RunEstimate", "estimate", "estimate_of"]

_SHOWN = 3
_START_SECONDS = 2.0  # of the workers


@dataclass(frozen=True)
class RunEstimate:
    """How many ``cells`` a run has, how many of them are ``done``, and what the others cost with ``workers`` at once.

    ``seconds`` is the whole, by the clock. ``analyses`` (and attacks, as ``attack:NAME``) and ``ciphers`` map each to
    the seconds of its cells, one after another, the costliest first.
    """

    cells: int
    done: int
    seconds: float
    workers: int
    analyses: Mapping[str, float]
    ciphers: Mapping[str, float]

    def __str__(self) -> str:
        earlier = f", {self.done} of them done before" if self.done else ""
        if self.done == self.cells:
            return f"{self.cells} cells, all done before"
        workers = f"{self.workers} workers" if self.workers > 1 else "1 worker"
        return (
            f"{self.cells} cells{earlier}: about {duration(self.seconds)} with {workers}, most of it in "
            f"{_costliest(self.analyses)}; by cipher {_costliest(self.ciphers)}"
        )

    def __repr__(self) -> str:
        return f"<{self}>"


def estimate(settings: Settings, folder: Path | None = None, here: Sequence[Cipher] = ()) -> RunEstimate:
    """What `cryptobench.bench.run.run` would have to do for the same arguments; nothing is written.

    Before a cell has finished in ``folder`` the seconds are those of the machine of the committed runs.
    """
    plan = make_plan(settings, here)
    costs, done = Costs(cells=len(plan.cells)), set[str]()
    if folder is not None and (folder / CellStore.FILE).is_file():
        with CellStore(folder) as store:
            done = store.finished(cell.address for cell in plan.cells)
            finished = store.costs()
        for cell in plan.cells:
            if cell.address in finished:
                costs.learn(cell, finished[cell.address])
    broken = {cipher.card.name for cipher in plan.ciphers if cipher.breaches}
    cells = [cell for cell in plan.cells if cell.cipher_name not in broken]
    return estimate_of(costs, [cell for cell in cells if cell.address not in done], len(cells), settings.workers)


def estimate_of(costs: Costs, todo: Sequence[Cell], cells: int, workers: int) -> RunEstimate:
    """What the cells ``todo`` of a run of ``cells`` cost."""
    analyses: defaultdict[str, float] = defaultdict(float)
    ciphers: defaultdict[str, float] = defaultdict(float)
    for cell in todo:
        seconds = costs.seconds(cell)
        analyses[cell.analysis_name] += seconds
        ciphers[cell.cipher_name] += seconds
    seconds = TimeLeft(costs, todo, lambda: workers).seconds() + _START_SECONDS * bool(todo)
    return RunEstimate(cells, cells - len(todo), seconds, workers, _sorted(analyses), _sorted(ciphers))


def _sorted(seconds: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def _costliest(seconds: Mapping[str, float]) -> str:
    whole = sum(seconds.values()) or 1.0
    return ", ".join(f"{name} ({part / whole:.0%})" for name, part in list(seconds.items())[:_SHOWN])
