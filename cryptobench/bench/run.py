"""A run from settings to `measurements.csv.gz`."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from cryptobench.bench.backends import Backend, DaskBackend, LocalBackend
from cryptobench.bench.cell import Cell, CellResult, failure
from cryptobench.bench.estimate import costs_of, estimate_of
from cryptobench.bench.plan import Plan, make_plan
from cryptobench.bench.progress import Progress
from cryptobench.bench.scheduler import Queue, execute
from cryptobench.bench.seen import known_files, remember
from cryptobench.bench.settings import Settings
from cryptobench.bench.spent import Spent
from cryptobench.bench.store import CellStore, claim, disk_errors
from cryptobench.bench.time_left import TimeLeft
from cryptobench.bench.worker import Limits, run_in_worker
from cryptobench.core_time import core_seconds
from cryptobench.files import remove_parts, write_text
from cryptobench.terminal import Events, Interrupted, stop_signals

if TYPE_CHECKING:
    import pandas as pd

    from cryptobench.cipher import Cipher

__all__ = ["RunSummary", "Stopped", "incomplete", "run", "write_table"]


@dataclass(frozen=True)
class RunSummary:
    """A completed run: how many cells ended how, which failed and why, and the seconds that it took.

    ``incomplete`` are cells that ended, but with measurements in them that failed: cipher, image, analysis, message.
    ``costs`` are core-seconds, see `spent.Spent.costs`.
    """

    folder: Path
    counts: dict[str, int]
    failures: tuple[tuple[Cell, str, str], ...]
    executed: int
    seconds: float
    incomplete: tuple[dict[str, str], ...] = ()
    costs: Mapping[str, Any] = field(default_factory=dict)


class Stopped(Exception):
    """A run was stopped by a signal; ``done`` of ``total`` cells are stored, and the next run goes on from there."""

    def __init__(self, folder: Path, done: int, total: int, signal_number: int) -> None:
        super().__init__(f"{done} of {total} cells are done and kept in {folder}")
        self.folder, self.done, self.total, self.signal_number = folder, done, total, signal_number


def run(
    settings: Settings, folder: Path | None = None, progress: Progress | None = None, here: Sequence[Cipher] = ()
) -> RunSummary:
    """Measure what ``settings`` ask for and write the run's folder (``results/NAME`` if not given).

    Cells that the folder holds already are not run again; crashed and timed out ones are. ``here`` are further ciphers,
    instances that only this process has: they are measured in it, last, and each time. BenchError if the run cannot
    start or go on, Stopped after Ctrl-C or SIGTERM. In a script, call it under ``if __name__ == "__main__":``, since
    worker processes import that script.
    """
    folder = Path("results", settings.name) if folder is None else folder
    progress = progress or Progress()
    started = datetime.now(UTC)
    clock, before = time.perf_counter(), core_seconds()
    plan = make_plan(settings, here, known_files(folder))
    for note in plan.notes:
        progress.say(note)
    with claim(folder), CellStore(folder) as store:
        with disk_errors(folder):
            remove_parts(folder)
            write_text(folder / "settings.toml", settings.toml())
        spent = Spent(store, started.isoformat(), clock, before)
        executed = _measure(plan, settings, folder, store, progress, spent)
        spent.note(executed)
        table = _table(plan, store)
        if executed:
            spent.note_besides()
        summary = _summary(plan, folder, store, executed, time.perf_counter() - clock)
        summary = replace(summary, incomplete=incomplete(table), costs=spent.costs(plan.cells))
        with disk_errors(folder):
            written = write_table(table, folder)
            cards = _write_json(folder / "cards.json", {c.card.name: asdict(c.card) for c in plan.ciphers})
            about = _about(plan, settings, summary, started, store.calls())
            _write_json(folder / "run.json", about | {"measurements": written, "cards": {"sha256": cards}})
    return summary


def _measure(plan: Plan, settings: Settings, folder: Path, store: CellStore, progress: Progress, spent: Spent) -> int:
    """Run the cells that the store lacks and store each as it finishes; how many there were."""
    done = store.finished(cell.address for cell in plan.cells)
    todo = list({cell.address: cell for cell in plan.cells if cell.address not in done}.values())
    if not todo:
        progress.say(f"all {len(plan.cells)} cells are done already")
        return 0
    broken = {cipher.card.name: cipher.breaches for cipher in plan.ciphers if cipher.breaches}
    for name, breaches in broken.items():
        cells = [cell for cell in todo if cell.cipher_name == name]
        for cell in cells:
            store.add(cell, failure(cell, "failed", breaches[0], 0.0, final=False))
        progress.not_run(cells, breaches)
    todo = [cell for cell in todo if cell.cipher_name not in broken]
    if not todo:
        return 0
    total = sum(cell.cipher_name not in broken for cell in plan.cells)
    costs = costs_of(plan, len(todo), store.costs())
    instances = {cipher.card.name for cipher in plan.ciphers if cipher.instance is not None}
    elsewhere = [cell for cell in todo if cell.cipher_name not in instances]
    phases = [[cell for cell in elsewhere if cell.alone is alone] for alone in (False, True)]
    events: Events = SimpleQueue()
    stored = 0

    def finished(cell: Cell, result: CellResult) -> None:
        nonlocal stored
        store.add(cell, result)
        if result.unseen:
            with disk_errors(folder):
                remember(folder, cell, result.unseen)
        stored += 1
        if result.status == "ok":
            costs.learn(cell, result.seconds)
        left.finished(cell)
        progress.finished(cell, result)
        spent.finished(result)

    def begun(cell: Cell) -> None:
        left.started(cell)
        progress.started(cell)

    def tick() -> None:
        store.keep()
        progress.tick()

    try:
        with stop_signals(events), _backend(settings, folder, progress) as backend:
            queues = [Queue(cells, costs) for cells in phases]
            left = TimeLeft(costs, todo, lambda: backend.width)
            cost = estimate_of(costs, todo, total, backend.width)
            progress.begin(total, total - len(todo), left.seconds, str(cost))
            spent.begin()
            for queue, alone in zip(queues, (False, True), strict=True):
                if queue and alone:
                    backend.use_one_worker()
                execute(queue, backend, events, started=begun, finished=finished, tick=tick)
            if instances:
                _measure_here(plan, begun, finished, events)
    except (Interrupted, KeyboardInterrupt) as error:
        number = error.signal_number if isinstance(error, Interrupted) else 2
        raise Stopped(folder, total - len(todo) + stored, total, number) from None
    finally:
        progress.end()
        spent.end()
    return len(todo)


def _measure_here(
    plan: Plan, started: Callable[[Cell], None], finished: Callable[[Cell, CellResult], None], events: Events
) -> None:
    from cryptobench.bench.measure import measure_here

    for cell, result in measure_here(plan, started):
        finished(cell, result)
        if not events.empty():
            raise Interrupted(events.get())


@contextmanager
def _backend(settings: Settings, folder: Path, progress: Progress) -> Iterator[Backend[Cell, CellResult]]:
    log = None if settings.dask else str((folder / "workers.log").resolve())
    limits = Limits(float(settings.timeout), settings.memory_bytes, log)
    backend: Backend[Cell, CellResult]
    if settings.dask:
        backend = DaskBackend(settings.dask, limits, progress.say)
    else:
        backend = LocalBackend(run_in_worker, settings.workers, limits)
    try:
        yield backend
    finally:
        backend.close()


def _summary(plan: Plan, folder: Path, store: CellStore, executed: int, seconds: float) -> RunSummary:
    statuses = list(store.statuses(cell.address for cell in plan.cells))
    failures = tuple(
        (cell, status, message)
        for cell, (status, message, _) in zip(plan.cells, statuses, strict=True)
        if status not in ("ok", "unsupported")
    )
    return RunSummary(folder, dict(Counter(status for status, _, _ in statuses)), failures, executed, seconds)


def _table(plan: Plan, store: CellStore) -> pd.DataFrame:
    from cryptobench.bench.table import table_of

    return table_of(store.columns(cell.address for cell in plan.cells))


def incomplete(table: pd.DataFrame) -> tuple[dict[str, str], ...]:
    """The cells of a measurement table that ended, but with measurements that failed, and the first message of each.

    The keys are cipher, image, analysis and message. A cell that did not end has one row, and that names no metric.
    """
    failed = table[(table["status"] == "failed") & (table["metric"] != "")]
    names = ["cipher", "image", "analysis"]
    first = failed.drop_duplicates([*names, "height", "width", "channels"])[[*names, "message"]]
    return tuple({str(name): str(value) for name, value in row.items()} for row in first.to_dict("records"))


def write_table(table: pd.DataFrame, folder: Path) -> dict[str, Any]:
    """Write a run's measurements; returns what its `run.json` calls ``measurements``: rows, and the file's SHA-256.

    By these a table that was cut off or changed later is noticed.
    """
    from cryptobench.measurement import write_measurements

    path = folder / "measurements.csv.gz"
    write_measurements(table, path)
    return {"rows": len(table), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _about(
    plan: Plan, settings: Settings, summary: RunSummary, started: datetime, calls: list[dict[str, Any]]
) -> dict[str, Any]:
    from cryptobench.measurement import SCHEMA
    from cryptobench.provenance import provenance

    return {
        "schema": SCHEMA,
        "settings": settings.as_dict(),
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(sum(call["seconds"] for call in calls), 3),
        "calls": calls,
        "cells": {
            "total": len(plan.cells),
            "executed": sum(call["executed"] for call in calls),
            **summary.counts,
        },
        **provenance(),
        "images": {
            image.title(settings.size): {
                "sha256": image.digest,
                "shape": [image.height, image.width, image.channels],
                **({"scaled_from": [*image.scaled_from]} if image.scaled_from else {}),
            }
            for image in plan.images
        },
        "ciphers": {cipher.card.name: {"code": cipher.code} for cipher in plan.ciphers},
        "analyses": {task.name: {"code": task.code, "parameters": json.loads(task.parameters)} for task in plan.tasks},
        "failures": [
            {"cipher": c.cipher_name, "image": c.image_name, "analysis": c.analysis_name, "status": s, "message": m}
            for c, s, m in summary.failures
        ],
        "incomplete": [*summary.incomplete],
        "costs": summary.costs,
    }


def _write_json(path: Path, content: dict[str, Any]) -> str:
    """Write a file, and return its SHA-256."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()
