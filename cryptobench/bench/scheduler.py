"""Hands jobs to a backend and delivers their results as they come; cells with the longest first."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from queue import Empty
from typing import Protocol, TypeVar

from cryptobench.bench.backends import Backend
from cryptobench.bench.cell import Cell
from cryptobench.terminal import Events, Interrupted

__all__ = ["Costs", "Queue", "WaitingJobs", "execute", "samples"]

J = TypeVar("J")
R = TypeVar("R")
Job = TypeVar("Job", covariant=True)
_TICK_SECONDS = 0.5


class WaitingJobs(Protocol[Job]):
    """Jobs that wait to be run."""

    def pop(self) -> Job | None:
        """The next job to start; None if none is to start before another has finished."""


def execute(
    jobs: WaitingJobs[J],
    backend: Backend[J, R],
    events: Events,
    *,
    started: Callable[[J], None],
    finished: Callable[[J, R], None],
    tick: Callable[[], None],
) -> None:
    """Run every job that waits; ``finished`` is called in this thread, in the order in which jobs finish.

    Raises Interrupted when a signal arrives, and BenchError when the backend is lost.
    """
    running: dict[Future[R], J] = {}

    def launch() -> J | None:
        job = jobs.pop()
        if job is not None:
            future = backend.submit(job)
            running[future] = job
            future.add_done_callback(events.put)
        return job

    capacity = backend.capacity
    while True:
        while len(running) < capacity and (job := launch()) is not None:
            started(job)
        if not running:
            return
        try:
            event = events.get(timeout=_TICK_SECONDS)
        except Empty:
            capacity = backend.capacity
            tick()
            continue
        if isinstance(event, int):
            raise Interrupted(event)
        job = running.pop(event)
        result = backend.result(event, job)
        following = launch()  # the worker goes on while this result is stored
        finished(job, result)
        if following is not None:
            started(following)


class Queue:
    """Cells that wait, handed out longest first; an analysis not seen before comes before all others.

    The attacks on a cipher stay together, since they share its first encryptions.
    """

    def __init__(self, cells: Iterable[Cell], costs: Costs) -> None:
        self._costs = costs
        self._groups: defaultdict[tuple[str, str], deque[Cell]] = defaultdict(deque)
        self._tried: set[str] = set()
        for cell in sorted(cells, key=lambda cell: -samples(cell)):
            what = cell.analysis_name if cell.kind == "analysis" else cell.kind
            self._groups[cell.cipher_name, what].append(cell)

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def pop(self) -> Cell | None:
        """The next cell to run; None if none waits."""
        if not self._groups:
            return None
        key = max(self._groups, key=lambda key: self._urgency(self._groups[key][0]))
        cell = self._groups[key].popleft()
        if not self._groups[key]:
            del self._groups[key]
        self._tried.add(cell.analysis_name)
        return cell

    def seconds(self) -> float | None:
        """How long all waiting cells take one after another; None before any cell has been seen."""
        estimates = [self._costs.seconds(cell) for group in self._groups.values() for cell in group]
        return None if None in estimates else sum(estimate or 0.0 for estimate in estimates)

    def _urgency(self, cell: Cell) -> tuple[bool, float]:
        unseen = cell.analysis_name not in self._tried and not self._costs.knows(cell.analysis_name)
        return unseen, self._costs.seconds(cell) or 0.0


class Costs:
    """Seconds that cells are likely to take.

    A cell's seconds are modelled as pixels, times the analysis's rate, times how much slower than others its
    cipher is. Neither is typed in: both are means over what has been seen.
    """

    def __init__(self) -> None:
        self._rates: defaultdict[str, _Mean] = defaultdict(_Mean)
        self._factors: defaultdict[str, _Mean] = defaultdict(_Mean)

    def learn(self, cipher: str, analysis: str, samples: int, seconds: float) -> None:
        """Take in a finished cell; ``samples`` is height x width x channels."""
        rate = max(seconds, 1e-6) / max(samples, 1)
        if self.knows(analysis):
            self._factors[cipher].add(rate / self._rates[analysis].value)
        self._rates[analysis].add(rate)

    def knows(self, analysis: str) -> bool:
        """Whether any cell of the analysis has been seen."""
        return analysis in self._rates

    def seconds(self, cell: Cell) -> float | None:
        """The estimate for a cell, by the mean of all rates for an analysis not seen yet; None before any cell."""
        if not self._rates:
            return None
        known = self._rates.get(cell.analysis_name)
        rate = known.value if known else sum(mean.value for mean in self._rates.values()) / len(self._rates)
        factor = self._factors[cell.cipher_name].value if self._factors[cell.cipher_name].count else 1.0
        return rate * factor * samples(cell)


class _Mean:
    def __init__(self) -> None:
        self.count, self.value = 0, 0.0

    def add(self, value: float) -> None:
        self.count += 1
        self.value += (value - self.value) / self.count


def samples(cell: Cell) -> int:
    """Height x width x channels of the cell's image."""
    return cell.height * cell.width * cell.channels
