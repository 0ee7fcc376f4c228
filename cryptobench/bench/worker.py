"""Runs cells and other jobs in worker processes, one for each thread that asks.

Imports nothing heavy: limits are set before NumPy and numba load.
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing.util
import pickle
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any
from weakref import WeakSet

from cryptobench.bench.cell import Cell, CellResult, failure
from cryptobench.bench.errors import WorkerError
from cryptobench.bench.inside import leave_compilation_uncounted, uncounted
from cryptobench.bench.process import LOG_BYTES, HungWhileWarming, Limits, Process, WorkerLost, launch, limit_threads
from cryptobench.code_digest import source_texts_say, take_over

__all__ = ["Limits", "WorkerLost", "WorkerProcess", "call_in_worker", "limit_threads", "run_in_worker", "stop_workers"]

_START_SECONDS = 120.0
_STARTS = 4
_idle: list[WorkerProcess] = []
_workers: WeakSet[WorkerProcess] = WeakSet()
_slow: set[str] = set()  # ciphers whose loading or first encryption hung once in this process
_lock = threading.Lock()


def run_in_worker(cell: Cell, limits: Limits) -> CellResult:
    """Run the cell in a worker process of its own, of which there are as many as there are threads that call this.

    This is what every backend maps over cells. A worker that dies gives a row "crashed", one that takes longer than
    ``limits.timeout`` a row "timeout". A cipher that is not built in never meets another in one process. WorkerError if
    no worker process can be started.
    """
    with _worker(limits, cell.cipher if cell.isolated else "", cell.cipher) as worker:
        worker.start()
        worker.latest, question = cell.cipher, (cell, worker.untold())
        start = time.perf_counter()
        try:
            result: CellResult = worker.ask(_run_cell, question, 0.0 if cell.cipher in _slow else limits.warming)
            return result
        except (CancelledError, WorkerError):
            raise
        except WorkerLost as lost:
            if isinstance(lost, HungWhileWarming):
                _slow.add(cell.cipher)
            status, message, used = lost.status, str(lost), lost.core_seconds
        except Exception as error:
            status, message, used = "crashed", f"the worker process was lost: {type(error).__name__}", None
            worker.stop()
    seconds = time.perf_counter() - start
    return replace(failure(cell, status, message, seconds, final=False), core_seconds=seconds if used is None else used)


def call_in_worker(limits: Limits, function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function of a module gives in a worker process; see `WorkerProcess.call`."""
    with _worker(limits) as worker:
        return worker.call(function, *arguments)


def stop_workers() -> None:
    """End all worker processes of this process, busy ones too; a thread that needs one again starts another."""
    with _lock:
        workers = list(_workers)
        _idle.clear()
    threads = [threading.Thread(target=worker.stop) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class WorkerProcess:
    """Runs functions one at a time in a single process, replacing it when it is lost.

    ``holds`` is the cipher, not built in, that the process is for; "" if it is for all that are. ``latest`` is the one
    that was measured last.
    """

    def __init__(self, limits: Limits, holds: str = "") -> None:
        self.limits, self.holds = limits, holds
        self.latest = ""
        self._lock = threading.Lock()  # `stop` comes from other threads
        self._process: Process | None = None
        self._told: Process | None = None
        self._log_left = [LOG_BYTES]

    @property
    def active(self) -> bool:
        """Whether the process runs."""
        process = self._process
        return process is not None and process.popen.poll() is None

    def start(self) -> None:
        """Start the process unless it runs; WorkerError if it does not start, or is lost at each of four starts."""
        if self.active:
            return
        for attempt in range(1, _STARTS + 1):
            self.stop()
            try:
                with self._lock:
                    process = self._process = launch(self.limits, self._log_left)
            except OSError as error:  # no more processes or open files
                advice = "a larger `ulimit -n`" if error.errno in (errno.EMFILE, errno.ENFILE) else ""
                raise self._no_start((error.strerror or str(error)).lower(), advice) from error
            try:
                kind, value = self._answer(process, _START_SECONDS, _START_SECONDS)
            except WorkerLost as lost:
                if lost.status == "crashed" and attempt < _STARTS:
                    continue
                reason = f"{lost} at each of {attempt} starts" if attempt > 1 else str(lost)
                raise self._no_start(reason) from ChildProcessError(reason)
            if kind == "raised":
                self.stop()
                reason = f"{type(value).__name__}: {value}".splitlines()[0]
                raise self._no_start(reason) from ChildProcessError(reason)
            return

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function of a module gives in the worker process, or raises there.

        WorkerLost if it takes longer than ``limits.timeout`` or the process dies; the next call has a new one.
        """
        return self.ask(function, arguments, self.limits.warming)

    def ask(self, function: Callable[..., Any], arguments: tuple[Any, ...], warming: float) -> Any:
        """`call` with seconds for what does not count, instead of those of the limits."""
        self.start()
        with self._lock:
            process = self._process
        if process is None:
            raise CancelledError
        before = process.core_seconds()
        with contextlib.suppress(OSError):  # a process that has just died; the wait for its answer says how
            process.connection.send_bytes(pickle.dumps((function, arguments)))
        kind, value = self._answer(process, self.limits.timeout, warming, before)
        if kind == "raised":
            raise value
        return value

    def untold(self) -> Mapping[tuple[object, ...], object]:
        """What this process has found source texts to say, once for each process: it need not parse them again."""
        told, self._told = self._told, self._process
        return {} if told is self._process else source_texts_say()

    def stop(self) -> None:
        """End the process, whatever it is doing, and all that it has started."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.end()

    def _answer(
        self, process: Process, seconds: float | None, uncounted_seconds: float, before: float | None = None
    ) -> tuple[str, Any]:
        """The process's answer; WorkerLost if there is none, CancelledError if `stop` was called meanwhile.

        ``before`` are the core-seconds that it had used when it was asked.
        """
        lost: WorkerLost
        try:
            return process.answer(seconds, uncounted_seconds)
        except WorkerLost as error:
            lost = error
            now = process.core_seconds()
            lost.core_seconds = None if now is None or before is None else now - before
        with self._lock:
            stopped = self._process is not process
        self.stop()
        if stopped:
            raise CancelledError
        raise lost

    def _no_start(self, reason: str, advice: str = "") -> WorkerError:
        memory = self.limits.memory
        limit = f" within {memory >> 20} MiB of memory" if memory else ""
        helps = [*filter(None, [advice or ("a larger --memory" if memory else "")]), "fewer --jobs may help"]
        return WorkerError(f"worker processes do not start{limit} ({reason}); {' or '.join(helps)}")


def _run_cell(cell: Cell, said: Mapping[tuple[object, ...], object]) -> CellResult:
    from cryptobench.bench.measure import is_warm, run_cell, warm_up

    take_over(said)
    if not is_warm(cell):
        with uncounted():
            leave_compilation_uncounted()
            warm_up(cell)
    return run_cell(cell)


@contextmanager
def _worker(limits: Limits, holds: str = "", cipher: str = "") -> Iterator[WorkerProcess]:
    """An idle worker for these limits, best one that has the cipher already; a new one if there is none."""
    with _lock:
        fitting = [worker for worker in _idle if worker.limits == limits]
        worker = min(fitting, key=lambda one: (one.holds != holds, one.latest != cipher), default=None)
        if worker is None:
            worker = WorkerProcess(limits, holds)
            _workers.add(worker)
            _stop_workers_at_exit()
        else:
            _idle.remove(worker)
    try:
        if worker.holds != holds:
            worker.stop()
            worker = WorkerProcess(limits, holds)
            with _lock:
                _workers.add(worker)
        yield worker
    finally:
        with _lock:
            _idle.append(worker)


@cache
def _stop_workers_at_exit() -> None:
    # A Dask worker is a child process itself, in which `atexit` is not called.
    multiprocessing.util.Finalize(None, stop_workers, exitpriority=10)
