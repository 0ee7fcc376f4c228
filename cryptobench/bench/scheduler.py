"""Hands jobs to a backend and delivers their results as they come; cells with the longest first."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from heapq import heapify, heappop, heappush
from queue import Empty
from typing import Protocol, TypeVar

from cryptobench.bench.backends import Backend
from cryptobench.bench.cell import Cell
from cryptobench.bench.costs import Costs, samples
from cryptobench.terminal import Events, Interrupted

__all__ = ["Costs", "Queue", "WaitingJobs", "execute"]

J = TypeVar("J")
R = TypeVar("R")
Job = TypeVar("Job")
_Waiting = tuple[tuple[bool, bool, float], int, tuple[str, str]]  # how urgent, the place among equals, the group
_TICK_SECONDS = 0.5
_LONG = 0.002  # of what all cells take
_NEARLY = 0.9  # so much of the time that was known for a group makes it as urgent still
_LOOKS = 4  # groups are looked at for each cell, in the mean


class WaitingJobs(Protocol[Job]):
    """Jobs that wait to be run."""

    def pop(self, after: Job | None = None) -> Job | None:
        """The next job to start; None if none is to start before another has finished.

        ``after`` is the job that has just finished: its worker takes this one.
        """


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

    def launch(after: J | None = None) -> J | None:
        job = jobs.pop(after)
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
        try:
            following = launch(job)  # the worker goes on while this result is stored
        finally:
            finished(job, result)
        if following is not None:
            started(following)


class Queue:
    """Cells that wait, handed out longest first; an analysis of which nothing is known comes before all others.

    The attacks on a cipher stay together, since they share its first encryptions. One worker runs, one after the other,
    the analyses of an image that share the encryptions of their trials; and all cells of a cipher that is not built in,
    since each change to or from one needs a new worker process. Cells that take long stay with no others: a worker that
    came to one of them late would work on alone when all others have ended.
    """

    def __init__(self, cells: Iterable[Cell], costs: Costs) -> None:
        self._costs = costs
        self._groups: defaultdict[tuple[str, str], deque[Cell]] = defaultdict(deque)
        self._tried: set[str] = set()
        self._begun: set[tuple[str, str]] = set()  # groups for one worker
        cells = [*cells]
        self._long = _LONG * sum(costs.expected(cell).seconds for cell in cells)
        for cell in sorted(cells, key=lambda cell: (not self._is_long(cell), -samples(cell))):
            self._groups[self._key(cell)].append(cell)
        self._places = {key: place for place, key in enumerate(self._groups)}
        self._heap: list[_Waiting] = []
        self._popped = len(self._groups)  # since all groups were looked at

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def pop(self, after: Cell | None = None) -> Cell | None:
        """The next cell to run, of the group just measured if that is for one worker; None if none waits."""
        if not self._groups:
            return None
        if after is not None and _for_one_worker(after) and self._key(after) in self._groups:
            key = self._key(after)
        else:
            key = self._most_urgent()
        cell = self._groups[key].popleft()
        if not self._groups[key]:
            del self._groups[key]
        else:
            heappush(self._heap, self._waiting(key))
        self._tried.add(cell.analysis_name)
        if _for_one_worker(cell):
            self._begun.add(key)
        return cell

    def _key(self, cell: Cell) -> tuple[str, str]:
        if cell.isolated:
            return cell.cipher_name, ""
        if cell.shares_trials:
            return cell.cipher_name, f"trials on {cell.image_name} {cell.height}x{cell.width}x{cell.channels}"
        if cell.kind == "attack" and self._is_long(cell):
            return cell.cipher_name, cell.analysis_name
        return cell.cipher_name, cell.analysis_name if cell.kind == "analysis" else cell.kind

    def _is_long(self, cell: Cell) -> bool:
        """Whether it takes a considerable part of the whole run."""
        return self._costs.expected(cell).seconds > self._long

    def _most_urgent(self) -> tuple[str, str]:
        """The group to take from. All are looked at now and then, as costs are learned; in small runs each time."""
        if self._popped * _LOOKS >= len(self._groups):
            self._heap, self._popped = [self._waiting(key) for key in self._groups], 0
            heapify(self._heap)
        self._popped += 1
        while True:
            known, _, key = heappop(self._heap)
            if key in self._groups:
                now = self._waiting(key)
                if now[0] <= (*known[:2], _NEARLY * known[2]):
                    return key
                heappush(self._heap, now)  # it is less urgent than it was

    def _waiting(self, key: tuple[str, str]) -> _Waiting:
        return self._order(key, self._groups[key]), self._places[key], key

    def _order(self, key: tuple[str, str], group: Sequence[Cell]) -> tuple[bool, bool, float]:
        """The smaller, the more urgent; the load of the machine is in none of it."""
        cell = group[0]
        shared = key in self._begun  # another worker has it
        unseen = cell.analysis_name not in self._tried and not self._costs.knows(cell.analysis_name)
        together = group if cell.shares_trials and not cell.isolated else (cell,)
        return shared, not unseen, -sum(map(self._costs.seconds, together)) / self._costs.load


def _for_one_worker(cell: Cell) -> bool:
    return cell.isolated or cell.shares_trials
