"""A calibration from start to end: plan, run, write."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptobench.bench.store import claim
from cryptobench.calibration.archive import ArchivedSeeds, read_archive, write_archive
from cryptobench.calibration.errors import CalibrationError
from cryptobench.calibration.execute import Goal, GoalState, execute
from cryptobench.calibration.report import CalibrationReport, write_calibration
from cryptobench.calibration.sources import Source, controls, sound_sources
from cryptobench.calibration.store import CALIBRATION, SeedResult, SeedStore, TaskOnSource
from cryptobench.calibration.tasks import CalibrationTask, every_task, select_tasks
from cryptobench.provenance import provenance
from cryptobench.terminal import duration

__all__ = ["CalibrationSettings", "calibrate", "plan"]


@dataclass(frozen=True, kw_only=True)
class CalibrationSettings:
    """What is calibrated and how long that may take.

    ``seeds`` are run on each sound source, ``control_seeds`` on each control; ``seconds`` is the most time of one core
    that one test may take on one source (controls: a tenth of it), ``minutes`` the most that all of this may take, None
    for no limit. ``only`` names analyses and attacks, none of them for all.
    """

    seeds: int = 1000
    control_seeds: int = 20
    seconds: float = 600.0
    minutes: float | None = None
    jobs: int = 1
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, least in (("seeds", 0), ("control_seeds", 0), ("jobs", 1)):
            if getattr(self, name) < least:
                raise CalibrationError(f"{name} is {getattr(self, name)}, wanted at least {least}")
        if self.seconds <= 0 or (self.minutes is not None and self.minutes <= 0):
            raise CalibrationError(f"seconds and minutes are {self.seconds} and {self.minutes}, wanted more than 0")


def plan(
    settings: CalibrationSettings,
    tasks: Sequence[CalibrationTask] | None = None,
    sources: Sequence[Source] | None = None,
) -> list[Goal]:
    """Every task against every source; sound sources and controls get about equal shares of the time."""
    chosen = every_task() if tasks is None else list(tasks)
    if settings.only:
        chosen = select_tasks(settings.only, chosen)
    used = [*sound_sources(), *controls()] if sources is None else list(sources)
    planted = sum(not source.sound for source in used)
    weight = max(1.0, planted / max(1, len(used) - planted))
    return [
        Goal(TaskOnSource(task, source), settings.seeds, settings.seconds, weight)
        if source.sound
        else Goal(TaskOnSource(task, source), settings.control_seeds, settings.seconds / 10)
        for task in chosen
        for source in used
    ]


def calibrate(
    goals: Sequence[Goal], settings: CalibrationSettings, folder: Path, say: Callable[[str], None]
) -> CalibrationReport:
    """Run what is not in the folder's store yet, then write tables, figures and the page; ``say`` is given progress.

    CalibrationError if the folder cannot be written or another calibration writes to it. KeyboardInterrupt and
    Interrupted go through, with every finished seed stored.
    """
    with claim(folder, CALIBRATION), SeedStore(folder) as store:
        others = _take(read_archive(folder), goals, store)
        states = [GoalState.of(goal, store) for goal in goals]
        start = time.monotonic()
        deadline = math.inf if settings.minutes is None else start + 60 * settings.minutes
        progress = _Progress(states, settings.jobs, start, deadline, say)
        progress.line(None, "begin")
        execute(states, store, settings.jobs, deadline, progress)
        progress.line(None, "finished")
        results = {
            one.goal.unit: [result for result in store.results(one.address) if result.seed <= one.goal.seeds]
            for one in states
        }
        write_archive(folder, [*others, *(_archived(unit, run) for unit, run in results.items())])
        return write_calibration(folder, _as_json(settings, goals), results)


def _take(archived: Iterable[ArchivedSeeds], goals: Iterable[Goal], store: SeedStore) -> list[ArchivedSeeds]:
    """Add what the goals need of an archive to the store, where it lacks that, and return the lines of other tasks."""
    addresses = {goal.unit.address for goal in goals}
    tasks = {goal.unit.task.label for goal in goals}
    others = []
    for line in archived:
        if line.task not in tasks:
            others.append(line)
        elif line.address in addresses:
            finished = store.finished(line.address)
            if missing := [result for result in line.results if result.seed not in finished]:
                store.add(line.address, missing)
    return others


def _archived(unit: TaskOnSource, results: Sequence[SeedResult]) -> ArchivedSeeds:
    return ArchivedSeeds(unit.task.label, unit.source.name, unit.address, results)


def _as_json(settings: CalibrationSettings, goals: Sequence[Goal]) -> dict[str, Any]:
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
    """Says now and then how many seeds are done and how long is left; called after each batch."""

    EVERY_SECONDS = 15.0

    def __init__(
        self, states: Sequence[GoalState], jobs: int, start: float, deadline: float, say: Callable[[str], None]
    ) -> None:
        self._states, self._jobs, self._deadline, self._say = states, jobs, deadline, say
        self._last = self._start = start
        self._before = sum(one.spent for one in states)

    def __call__(self, state: GoalState | None) -> None:
        if time.monotonic() - self._last >= self.EVERY_SECONDS:
            self.line(state)

    def line(self, state: GoalState | None, event: str = "") -> None:
        """Say in one line how far it is."""
        self._last = time.monotonic()
        done = sum(one.done for one in self._states)
        wanted = done + sum(one.running + (0 if one.given_up else len(one.waiting)) for one in self._states)
        left = min(sum(one.left for one in self._states) / self._speed(), max(0.0, self._deadline - self._last))
        unseen = sum(bool(one.waiting) and not one.done for one in self._states)
        parts = [event, f"{done}/{wanted} seeds of {len(self._states)} pairs of test and source"]
        parts += [f"about {duration(left)} left"] if left else []
        parts += [f"{unseen} not begun"] if unseen else []
        parts += [f"{state.goal.unit.task.label} on {state.goal.unit.source.name}"] if state is not None else []
        self._say(" | ".join(filter(None, parts)))

    def _speed(self) -> float:
        """Seconds of a core used in each second so far, which other work on the machine may keep below the jobs."""
        used, passed = sum(one.spent for one in self._states) - self._before, self._last - self._start
        return used / passed if used > 0 else self._jobs
