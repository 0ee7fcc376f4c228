"""Runs seeds until all are done or the time is up: whatever has had the least time so far comes next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from queue import SimpleQueue

from cryptobench.bench import scheduler
from cryptobench.bench.backends import Backend, InProcessBackend, LocalBackend
from cryptobench.bench.worker import Limits, WorkerLost, call_in_worker
from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.store import SeedResult, SeedStore, TaskOnSource
from cryptobench.terminal import Events, stop_signals

__all__ = ["Batch", "Goal", "GoalState", "execute", "run_seeds"]

_BATCH_SECONDS = 1.0
_MOST_SEEDS = 50
_SEEDS_WITHOUT_VERDICT = 5


@dataclass(frozen=True)
class Goal:
    """How many seeds are wanted of a task on a source, the seconds that they may take, and its share of the time."""

    unit: TaskOnSource
    seeds: int
    seconds: float
    weight: float = 1.0


@dataclass
class GoalState:
    """What is left of a goal: seeds that wait, what the finished ones took, and those that are being run."""

    goal: Goal
    address: str
    waiting: list[int]
    done: int
    spent: float
    has_verdicts: bool
    running: int = 0
    running_seconds: float = 0.0

    @classmethod
    def of(cls, goal: Goal, store: SeedStore) -> GoalState:
        """The seeds 1, 2, ... of a goal that the store does not hold."""
        address = goal.unit.address
        finished = {seed: found for seed, found in store.finished(address).items() if seed <= goal.seeds}
        waiting = [seed for seed in range(goal.seeds, 0, -1) if seed not in finished]
        spent, has_verdicts = sum(took for took, _ in finished.values()), any(tests for _, tests in finished.values())
        return cls(goal, address, waiting, len(finished), spent, has_verdicts)

    @property
    def open(self) -> bool:
        """Whether there is anything to hand out now: the first seed goes alone, to learn what seeds take."""
        first_is_running = self.running and not self.done
        return bool(self.waiting) and not first_is_running and self.budget > 0 and not self.given_up

    @property
    def given_up(self) -> bool:
        """Whether there was no verdict under the first seeds, since the task has none here or fails to run."""
        return self.done >= _SEEDS_WITHOUT_VERDICT and not self.has_verdicts

    @property
    def budget(self) -> float:
        """Seconds that it may still take."""
        return self.goal.seconds - self.spent - self.running_seconds

    @property
    def urgency(self) -> float:
        """The time that it has had, by its share: the smallest comes first."""
        return (self.spent + self.running_seconds) / self.goal.weight

    @property
    def left(self) -> float:
        """Seconds that the rest is likely to take, as far as the time allows; 0 before the first seed."""
        if self.given_up or not self.done:
            return 0.0
        return min(len(self.waiting) * self._seconds_each, max(0.0, self.budget)) + self.running_seconds

    def take(self) -> tuple[int, ...]:
        """The next seeds to run, about a second's worth."""
        fitting = _BATCH_SECONDS / self._seconds_each if self.done else 1
        most = _MOST_SEEDS if self.has_verdicts else max(1, _SEEDS_WITHOUT_VERDICT - self.done)
        count = max(1, min(len(self.waiting), most, int(fitting)))
        self.running_seconds += count * self._seconds_each
        self.running += count
        return tuple(self.waiting.pop() for _ in range(count))

    def finish(self, results: Sequence[SeedResult]) -> None:
        """Count what was run."""
        self.running_seconds = max(0.0, self.running_seconds - len(results) * self._seconds_each)
        self.running -= len(results)
        self.done += len(results)
        self.spent += sum(one.seconds for one in results)
        self.has_verdicts = self.has_verdicts or any(one.findings for one in results)
        if not self.running:
            self.running_seconds = 0.0

    @property
    def _seconds_each(self) -> float:
        return max(self.spent / self.done, 1e-5) if self.done else 0.0


@dataclass(frozen=True)
class Batch:
    """Some seeds of a goal, which are run together."""

    state: GoalState
    seeds: tuple[int, ...]


def execute(
    states: Sequence[GoalState], store: SeedStore, jobs: int, deadline: float, tick: Callable[[GoalState | None], None]
) -> None:
    """Run everything that waits, each batch stored as soon as it is there; ``tick`` is called after each.

    ``deadline`` is on the clock of `time.monotonic`. With one job seeds are run in this process, where Ctrl-C raises
    KeyboardInterrupt; with more, it raises Interrupted. CalibrationError if worker processes are lost.
    """
    batches = _Batches(states, jobs, deadline)
    events: Events = SimpleQueue()

    def finished(batch: Batch, results: list[SeedResult]) -> None:
        store.add(batch.state.address, results)
        batches.finish(batch, results)
        tick(batch.state)

    try:
        with _backend(jobs, events) as backend:
            scheduler.execute(
                batches, backend, events, started=lambda batch: None, finished=finished, tick=lambda: tick(None)
            )
    except WorkerLost as error:
        raise CalibrationError(
            f"{error}; finished seeds are kept: give the same command again, with fewer --jobs if memory ran out"
        ) from error


def run_seeds(unit: TaskOnSource, seeds: Sequence[int]) -> list[SeedResult]:
    """Run a task on a source under some seeds; whatever a cipher or a test raises becomes that seed's message."""
    return [_run_seed(unit, seed) for seed in seeds]


class _Batches:
    """The batches that wait: of all open goals the most urgent, and as many at once as there are workers."""

    def __init__(self, states: Sequence[GoalState], workers: int, deadline: float) -> None:
        self._states, self._free, self._deadline = states, workers, deadline

    def pop(self, after: Batch | None = None) -> Batch | None:
        if not self._free or time.monotonic() >= self._deadline:
            return None
        state = min((one for one in self._states if one.open), key=lambda one: one.urgency, default=None)
        if state is None:
            return None
        self._free -= 1
        return Batch(state, state.take())

    def finish(self, batch: Batch, results: Sequence[SeedResult]) -> None:
        self._free += 1
        batch.state.finish(results)


@contextmanager
def _backend(jobs: int, events: Events) -> Iterator[Backend[Batch, list[SeedResult]]]:
    if jobs == 1:
        yield InProcessBackend(_run_here)
        return
    with stop_signals(events), closing(LocalBackend(_run_in_worker, jobs, Limits())) as backend:
        yield backend


def _run_here(batch: Batch) -> list[SeedResult]:
    return run_seeds(batch.state.goal.unit, batch.seeds)


def _run_in_worker(batch: Batch, limits: Limits) -> list[SeedResult]:
    results: list[SeedResult] = call_in_worker(limits, run_seeds, batch.state.goal.unit, batch.seeds)
    return results


def _run_seed(unit: TaskOnSource, seed: int) -> SeedResult:
    start = time.process_time()
    try:
        found = tuple(unit.task.run(unit.source.cipher(), seed, unit.source.reference))
    except Exception as error:
        return SeedResult(seed, (), time.process_time() - start, f"{type(error).__name__}: {error}".splitlines()[0])
    return SeedResult(seed, found, time.process_time() - start)
