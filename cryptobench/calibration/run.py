"""A calibration from start to end: plan, play, write."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.execute import Goal, Pending, execute
from cryptobench.calibration.report import Found, write_calibration
from cryptobench.calibration.sources import Source, controls, sound_sources
from cryptobench.calibration.store import Store, Unit
from cryptobench.calibration.tasks import Task, every_task, select_tasks
from cryptobench.provenance import provenance
from cryptobench.terminal import duration

__all__ = ["Settings", "calibrate", "plan"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is calibrated and how long that may take.

    ``seeds`` are played on each sound source, ``power_seeds`` on each control; ``seconds`` is the most time of one core
    that one test may take on one source (controls: a tenth of it), ``minutes`` the most that all of this may take, None
    for no limit. ``only`` names analyses and attacks, none of them for all.
    """

    seeds: int = 1000
    power_seeds: int = 20
    seconds: float = 600.0
    minutes: float | None = None
    jobs: int = 1
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, least in (("seeds", 0), ("power_seeds", 0), ("jobs", 1)):
            if getattr(self, name) < least:
                raise CalibrationError(f"{name} is {getattr(self, name)}, wanted at least {least}")
        if self.seconds <= 0 or (self.minutes is not None and self.minutes <= 0):
            raise CalibrationError(f"seconds and minutes are {self.seconds} and {self.minutes}, wanted more than 0")


def plan(
    settings: Settings, tasks: Sequence[Task] | None = None, sources: Sequence[Source] | None = None
) -> list[Goal]:
    """Every task against every source; sound sources and controls get about equal shares of the time."""
    chosen = every_task() if tasks is None else list(tasks)
    if settings.only:
        chosen = select_tasks(settings.only, chosen)
    played = [*sound_sources(), *controls()] if sources is None else list(sources)
    planted = sum(not source.sound for source in played)
    weight = max(1.0, planted / max(1, len(played) - planted))
    return [
        Goal(Unit(task, source), settings.seeds, settings.seconds, weight)
        if source.sound
        else Goal(Unit(task, source), settings.power_seeds, settings.seconds / 10)
        for task in chosen
        for source in played
    ]


def calibrate(goals: Sequence[Goal], settings: Settings, folder: Path, tell: Callable[[str], None]) -> Found:
    """Play what is not in the folder's store yet, then write tables, figures and the page.

    CalibrationError if the folder cannot be written or another calibration writes to it. KeyboardInterrupt goes
    through, with every finished seed stored.
    """
    with _claimed(folder), Store(folder) as store:
        pending = [Pending.of(goal, store) for goal in goals]
        start = time.monotonic()
        deadline = math.inf if settings.minutes is None else start + 60 * settings.minutes
        progress = _Progress(pending, settings.jobs, start, deadline, tell)
        progress.line(None, "begin")
        execute(pending, store, settings.jobs, deadline, progress)
        progress.line(None, "played")
        outcomes = {
            one.goal.unit: [o for o in store.outcomes(one.address) if o.seed <= one.goal.seeds] for one in pending
        }
        return write_calibration(folder, _as_json(settings, goals), outcomes)


def _as_json(settings: Settings, goals: Sequence[Goal]) -> dict[str, Any]:
    tasks = {goal.unit.task.label: goal.unit.task for goal in goals}
    sources = {goal.unit.source.name: goal.unit.source for goal in goals}
    return {
        "settings": asdict(settings),
        "tasks": {
            label: {"side": task.side, "parameters": dict(task.parameters), "code": task.version}
            for label, task in tasks.items()
        },
        "sources": {name: {"sound": source.sound, "code": source.version} for name, source in sources.items()},
        "provenance": provenance(),
    }


class _Progress:
    """Says now and then how many seeds are done and how long is left; called after each handful."""

    EVERY_SECONDS = 15.0

    def __init__(
        self, pending: Sequence[Pending], jobs: int, start: float, deadline: float, tell: Callable[[str], None]
    ) -> None:
        self._pending, self._jobs, self._deadline, self._tell = pending, jobs, deadline, tell
        self._shown = self._start = start
        self._before = sum(p.spent for p in pending)

    def __call__(self, one: Pending | None) -> None:
        if time.monotonic() - self._shown >= self.EVERY_SECONDS:
            self.line(one)

    def line(self, one: Pending | None, state: str = "") -> None:
        """Tell the state in one line."""
        self._shown = time.monotonic()
        done, wanted = (
            sum(n)
            for n in zip(
                *((p.done, p.done + p.playing + (0 if p.mute else len(p.waiting))) for p in self._pending), strict=True
            )
        )
        left = min(sum(p.left for p in self._pending) / self._speed(), max(0.0, self._deadline - self._shown))
        unseen = sum(bool(p.waiting) and not p.done for p in self._pending)
        parts = [state, f"{done}/{wanted} seeds of {len(self._pending)} pairs of test and source"]
        parts += [f"about {duration(left)} left"] if left else []
        parts += [f"{unseen} not begun"] if unseen else []
        parts += [f"{one.goal.unit.task.label} on {one.goal.unit.source.name}"] if one is not None else []
        self._tell(" | ".join(filter(None, parts)))

    def _speed(self) -> float:
        """Seconds of a core used in each second so far, which other work on the machine may keep below the jobs."""
        used, passed = sum(p.spent for p in self._pending) - self._before, self._shown - self._start
        return used / passed if used > 0 else self._jobs


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise CalibrationError(
            f"{folder} is being written by another calibration; wait until it ends, or choose another --out"
        ) from None
    except OSError as error:
        raise CalibrationError(f"cannot write to {folder}: {error}; choose another --out") from None
    try:
        yield
    finally:
        lock.release()
