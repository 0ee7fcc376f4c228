"""Plays seeds until all are done or the time is up: whatever has had the least time so far comes next."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass

from cryptobench.bench.worker import Limits, prepare
from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.store import Outcome, Store, Unit

__all__ = ["Goal", "Pending", "execute", "play_seeds"]

_HANDFUL_SECONDS = 1.0
_MOST_SEEDS = 50
_TICK_SECONDS = 1.0
_MUTE_SEEDS = 5


@dataclass(frozen=True)
class Goal:
    """A unit, how many seeds are wanted of it, the seconds it may take, and its share of the time."""

    unit: Unit
    seeds: int
    seconds: float
    weight: float = 1.0


@dataclass
class Pending:
    """What is left of a goal: seeds not played yet, what the finished ones took, seconds of those being played."""

    goal: Goal
    address: str
    waiting: list[int]
    done: int
    spent: float
    speaks: bool
    underway: float = 0.0
    playing: int = 0

    @classmethod
    def of(cls, goal: Goal, store: Store) -> Pending:
        """The seeds 1, 2, ... of a goal that the store does not hold."""
        address = goal.unit.address
        finished = {seed: found for seed, found in store.finished(address).items() if seed <= goal.seeds}
        waiting = [seed for seed in range(goal.seeds, 0, -1) if seed not in finished]
        spent, speaks = sum(took for took, _ in finished.values()), any(tests for _, tests in finished.values())
        return cls(goal, address, waiting, len(finished), spent, speaks)

    @property
    def open(self) -> bool:
        """Whether there is anything to hand out now: the first seed goes alone, to learn what seeds take."""
        return bool(self.waiting) and not (self.playing and not self.done) and self.budget > 0 and not self.mute

    @property
    def mute(self) -> bool:
        """Whether it is given up: no verdict under the first seeds, since it has none here or fails to run."""
        return self.done >= _MUTE_SEEDS and not self.speaks

    @property
    def budget(self) -> float:
        """Seconds that it may still take."""
        return self.goal.seconds - self.spent - self.underway

    @property
    def urgency(self) -> float:
        return (self.spent + self.underway) / self.goal.weight

    @property
    def left(self) -> float:
        """Seconds that the rest is likely to take, as far as the time allows; 0 before the first seed."""
        if self.mute or not self.done:
            return 0.0
        return min(len(self.waiting) * self._each, max(0.0, self.budget)) + self.underway

    def take(self) -> tuple[int, ...]:
        """A handful of seeds to play."""
        fitting = _HANDFUL_SECONDS / self._each if self.done else 1
        most = _MOST_SEEDS if self.speaks else max(1, _MUTE_SEEDS - self.done)
        count = max(1, min(len(self.waiting), most, int(fitting)))
        self.underway += count * self._each
        self.playing += count
        return tuple(self.waiting.pop() for _ in range(count))

    def finish(self, outcomes: Sequence[Outcome]) -> None:
        """Count what was played."""
        self.underway = max(0.0, self.underway - len(outcomes) * self._each)
        self.playing -= len(outcomes)
        self.done += len(outcomes)
        self.spent += sum(one.seconds for one in outcomes)
        self.speaks = self.speaks or any(one.findings for one in outcomes)
        if not self.playing:
            self.underway = 0.0

    @property
    def _each(self) -> float:
        return max(self.spent / self.done, 1e-5) if self.done else 0.0


def execute(
    pending: Sequence[Pending], store: Store, jobs: int, deadline: float, tick: Callable[[Pending | None], None]
) -> None:
    """Play everything that waits, each handful stored as soon as it is there; ``tick`` is told after each.

    ``deadline`` is on the clock of `time.monotonic`. CalibrationError if worker processes are lost.
    """
    running: dict[Future[list[Outcome]], Pending] = {}
    with _executor(jobs) as executor:
        try:
            while True:
                while len(running) < jobs and time.monotonic() < deadline:
                    chosen = min((one for one in pending if one.open), key=lambda one: one.urgency, default=None)
                    if chosen is None:
                        break
                    running[executor.submit(play_seeds, chosen.goal.unit, chosen.take())] = chosen
                if not running:
                    return
                done, _ = wait(running, _TICK_SECONDS, FIRST_COMPLETED)
                for future in done:
                    one, outcomes = running.pop(future), future.result()
                    store.add(one.address, outcomes)
                    one.finish(outcomes)
                    tick(one)
                if not done:
                    tick(None)
        except BrokenProcessPool as error:
            raise CalibrationError(
                f"a worker process died ({error}); finished seeds are kept: give the same command again, with fewer "
                "--jobs if memory ran out"
            ) from error


def play_seeds(unit: Unit, seeds: Sequence[int]) -> list[Outcome]:
    """Play a unit under some seeds; whatever a cipher or a test raises becomes that seed's message."""
    return [_play(unit, seed) for seed in seeds]


def _play(unit: Unit, seed: int) -> Outcome:
    start = time.process_time()
    try:
        found = tuple(unit.task.play(unit.source.cipher(), seed, unit.source.reference))
    except Exception as error:
        return Outcome(seed, (), time.process_time() - start, f"{type(error).__name__}: {error}".splitlines()[0])
    return Outcome(seed, found, time.process_time() - start)


class _Here(Executor):
    """Plays in this process, at once."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        future: Future[list[Outcome]] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that hands out the seeds
    prepare(Limits())


@contextmanager
def _executor(jobs: int) -> Iterator[Executor]:
    if jobs == 1:
        yield _Here()
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _begin)
    try:
        yield pool
    finally:
        workers = list((pool._processes or {}).values())  # shutdown forgets them
        pool.shutdown(wait=False, cancel_futures=True)
        for process in workers:
            process.terminate()
