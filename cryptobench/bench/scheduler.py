"""Hands jobs to a backend and delivers their results as they come; cells with the longest first."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from heapq import heapify, heappop, heapreplace
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
_Group = tuple[str, str]
_Urgency = tuple[bool, bool, float]
_Waiting = tuple[_Urgency, int, _Group]  # how urgent, the place among equals, the group
_TICK_SECONDS = 0.5
_LONG = 0.002  # of what all cells take
_NEARLY = 0.9  # so much of the time that was known for a group makes it as urgent still
_FIRST = 0.25  # an analysis that another worker runs for the first time counts as so much shorter
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

    Once those have begun, a worker stays with a cipher to its end, and takes one that no other is at: each loads and
    compiles ciphers of its own. And while an analysis or attack is run for the first time, which may compile what it
    needs, other workers take other ones, if they can.
    """

    def __init__(self, cells: Iterable[Cell], costs: Costs) -> None:
        self._costs = costs
        self._groups: defaultdict[_Group, deque[Cell]] = defaultdict(deque)
        self._of_cipher: defaultdict[str, dict[_Group, None]] = defaultdict(dict)
        self._left: defaultdict[str, float] = defaultdict(float)  # by cipher, seconds on the machine of the costs
        self._tried: set[str] = set()
        self._finished: set[str] = set()  # analyses and attacks
        self._at: Counter[str] = Counter()  # ciphers that are measured now
        self._begun: set[_Group] = set()  # groups for one worker
        self._only_short = False  # no long cell waits, nor an analysis that is to be tried
        cells = [*cells]
        self._long = _LONG * sum(costs.expected(cell).seconds for cell in cells)
        for cell in sorted(cells, key=lambda cell: (not self._is_long(cell), -samples(cell))):
            self._groups[self._key(cell)].append(cell)
            self._of_cipher[cell.cipher_name][self._key(cell)] = None
            self._left[cell.cipher_name] += costs.expected(cell).seconds
        self._places = {key: place for place, key in enumerate(self._groups)}
        self._heap: list[_Waiting] = []
        self._popped = len(self._groups)  # since all groups were looked at

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def pop(self, after: Cell | None = None) -> Cell | None:
        """The next cell to run, of the group just measured if that is for one worker; None if none waits."""
        if after is not None:
            self._finished.add(after.analysis_name)
            self._at -= Counter({after.cipher_name: 1})
        if not self._groups:
            return None
        key = self._next(after)
        cell = self._take(key)
        self._left[cell.cipher_name] -= self._costs.expected(cell).seconds
        if not self._groups[key]:
            del self._groups[key], self._of_cipher[cell.cipher_name][key]
        self._at[cell.cipher_name] += 1
        self._tried.add(cell.analysis_name)
        if _for_one_worker(cell):
            self._begun.add(key)
        return cell

    def _next(self, after: Cell | None) -> _Group:
        """The group to take from."""
        if after is not None and _for_one_worker(after) and self._key(after) in self._groups:
            return self._key(after)
        if self._only_short and after is not None:
            if self._of_cipher[after.cipher_name]:
                return self._of(after.cipher_name, self._key(after))
            free = [cipher for cipher, groups in self._of_cipher.items() if groups and not self._at[cipher]]
            if free:
                return self._of(max(free, key=self._left.__getitem__))
        key = self._most_urgent()
        cell = self._groups[key][0]
        self._only_short = self._only_short or not (self._is_long(cell) or self._is_unseen(cell))
        return key

    def _of(self, cipher: str, latest: _Group | None = None) -> _Group:
        """The group of a cipher to take from: the attacks on it, once they have begun, and then the longest."""
        groups = self._of_cipher[cipher]
        if latest in groups:
            return latest
        return min(groups, key=lambda key: (self._is_first(self._groups[key][0]), self._order(key, self._groups[key])))

    def _take(self, key: _Group) -> Cell:
        """The first cell of a group that no other worker may be compiling for; the first of all if there is none."""
        group = self._groups[key]
        place = next((at for at, cell in enumerate(group) if not self._is_first(cell)), 0)
        cell = group[place]
        del group[place]
        return cell

    def _key(self, cell: Cell) -> _Group:
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

    def _is_unseen(self, cell: Cell) -> bool:
        """Whether nothing is known of what such a cell takes."""
        return cell.analysis_name not in self._tried and not self._costs.knows(cell.analysis_name)

    def _is_first(self, cell: Cell) -> bool:
        """Whether such a cell is being run for the first time, by another worker."""
        return cell.analysis_name in self._tried and cell.analysis_name not in self._finished

    def _most_urgent(self) -> _Group:
        """The most urgent group. All are looked at now and then, as costs are learned; in small runs each time."""
        if self._popped * _LOOKS >= len(self._groups):
            self._heap, self._popped = [self._waiting(key) for key in self._groups], 0
            heapify(self._heap)
        self._popped += 1
        while True:
            known, _, key = self._heap[0]
            if key not in self._groups:
                heappop(self._heap)
                continue
            now = self._waiting(key)
            if now[0] <= (*known[:2], _NEARLY * known[2]):
                return key
            heapreplace(self._heap, now)  # it is less urgent than it was

    def _waiting(self, key: _Group) -> _Waiting:
        return self._order(key, self._groups[key]), self._places[key], key

    def _order(self, key: _Group, group: Sequence[Cell]) -> _Urgency:
        """The smaller, the more urgent; the load of the machine is in none of it."""
        cell = group[0]
        shared = key in self._begun
        together = group if cell.shares_trials and not cell.isolated else (cell,)
        seconds = sum(map(self._costs.seconds, together)) / self._costs.load
        return shared, not self._is_unseen(cell), -seconds * (_FIRST if self._is_first(cell) else 1.0)


def _for_one_worker(cell: Cell) -> bool:
    return cell.isolated or cell.shares_trials
