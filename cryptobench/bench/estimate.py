"""What a run will cost, before it starts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptobench.bench.cell import Cell
from cryptobench.bench.costs import Costs, Warm, known
from cryptobench.bench.plan import Plan, PlannedCipher, make_plan
from cryptobench.bench.seen import known_files
from cryptobench.bench.settings import Settings
from cryptobench.bench.store import CellStore
from cryptobench.bench.time_left import TimeLeft
from cryptobench.cipher import Cipher
from cryptobench.terminal import duration
from cryptobench.trial import warm_seconds

__all__ = ["RunEstimate", "costs_of", "estimate", "estimate_of"]

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
    plan = make_plan(settings, here, known_files(folder) if folder is not None else None)
    done, finished = set[str](), dict[str, float]()
    if folder is not None and (folder / CellStore.FILE).is_file():
        with CellStore(folder) as store:
            done = store.finished(cell.address for cell in plan.cells)
            finished = store.costs()
    costs = costs_of(plan, len(plan.cells) - len(done), finished)
    broken = {cipher.card.name for cipher in plan.ciphers if cipher.breaches}
    cells = [cell for cell in plan.cells if cell.cipher_name not in broken]
    return estimate_of(costs, [cell for cell in cells if cell.address not in done], len(cells), settings.workers)


def costs_of(plan: Plan, cells: int, finished: Mapping[str, float]) -> Costs:
    """What the cells of a plan are likely to cost, of which ``cells`` are to be run.

    Ciphers that are not built in are as fast as they were when tried; ``finished`` are the seconds of the cells that
    have been run before, by address.
    """
    tried = {cipher.card.name: _warm(cipher) for cipher in plan.ciphers}
    ciphers, tasks = ({getattr(cell, name) for cell in plan.cells} for name in ("cipher_name", "analysis_name"))
    warm = {name: speed for name, speed in tried.items() if speed is not None}
    costs = Costs(warm, cells, len(ciphers), len(tasks))
    for cell in plan.cells:
        if cell.address in finished:
            costs.learn(cell, finished[cell.address])
    return costs


def _warm(cipher: PlannedCipher) -> Warm | None:
    """How fast a cipher is that the table of costs lacks; an instance is tried now."""
    if cipher.breaches or cipher.card.name in known().ciphers:
        return None
    if cipher.trial is not None:
        return Warm(cipher.trial.seconds, cipher.trial.samples) if cipher.trial.seconds else None
    if cipher.instance is not None:
        with suppress(Exception):  # what it raises is said where it is measured
            return Warm(*warm_seconds(cipher.instance))
    return None


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
