"""Maps `run_guarded` over cells, longest first, and delivers results as they come."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from cryptobench.bench.cell import Cell, CellResult, failure
from cryptobench.bench.costs import Backlog
from cryptobench.bench.errors import BenchError, Interrupted
from cryptobench.bench.executors import Backend

__all__ = ["Events", "execute", "stop_signals"]

Events = SimpleQueue[Any]  # finished futures, and the number of a signal that asks to stop
_TICK_SECONDS = 0.5


def execute(
    backlog: Backlog,
    backend: Backend,
    events: Events,
    *,
    started: Callable[[Cell], None],
    finished: Callable[[Cell, CellResult], None],
    tick: Callable[[], None],
) -> None:
    """Run every cell of the backlog; ``finished`` is called in this thread, in the order in which cells finish.

    Raises Interrupted when a signal arrives, and BenchError when the backend is lost.
    """
    running: dict[Future[CellResult], Cell] = {}

    def launch() -> Cell:
        cell = backlog.pop()
        future = backend.submit(cell)
        running[future] = cell
        future.add_done_callback(events.put)
        return cell

    queue = backend.queue
    while backlog or running:
        while backlog and len(running) < queue:
            started(launch())
        try:
            event = events.get(timeout=_TICK_SECONDS)
        except Empty:
            queue = backend.queue
            tick()
            continue
        if isinstance(event, int):
            raise Interrupted(event)
        cell = running.pop(event)
        result = _result(event, cell, backend)
        following = launch() if backlog else None  # the worker goes on while this result is stored
        finished(cell, result)
        if following is not None:
            started(following)


def _result(future: Future[CellResult], cell: Cell, backend: Backend) -> CellResult:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BenchError):
        raise error
    reason = backend.explain(error)
    if reason is None:
        raise BenchError(f"the workers are lost ({type(error).__name__}: {error}); run again to continue") from error
    return failure(cell, "crashed", reason, 0.0, final=False)


@contextmanager
def stop_signals(events: Events) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into an event while the context is open; a second Ctrl-C stops at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, frame: object) -> None:
        events.put(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
