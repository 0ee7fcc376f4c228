"""Worker processes: what one does before its first job, and how a thread drives one.

Imports nothing heavy: limits are set before NumPy and numba load.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import multiprocessing.util
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import wait
from typing import Any
from weakref import WeakSet

from cryptobench.bench.cell import Cell, CellResult, failure
from cryptobench.bench.errors import WorkerError

__all__ = ["Limits", "WorkerLost", "WorkerProcess", "call_in_worker", "limit_threads", "run_in_worker", "stop_workers"]

_THREAD_VARIABLES = (
    "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "BLIS_NUM_THREADS",
)  # fmt: skip
_START_SECONDS = 120.0
_prepared = False  # whether this process is a worker
_own = threading.local()  # the worker process of a thread
_workers: WeakSet[WorkerProcess] = WeakSet()
_lock = threading.Lock()


@dataclass(frozen=True)
class Limits:
    """What a job may use: ``timeout`` in seconds, ``memory`` in bytes; ``log`` receives what workers print."""

    timeout: float | None = None
    memory: int | None = None
    log: str | None = None


class WorkerLost(Exception):
    """A worker process is gone; ``status`` is "timeout" or "crashed", the message says what became of it."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message

    def __str__(self) -> str:
        return self.message


def run_in_worker(cell: Cell, limits: Limits) -> CellResult:
    """Run the cell in the worker process that belongs to the calling thread, which is started if need be.

    This is what every backend maps over cells. A worker that dies gives a row "crashed", one that takes longer than
    ``limits.timeout`` a row "timeout". WorkerError if no worker process can be started.
    """
    worker = _own_worker(limits)
    worker.start()
    start = time.perf_counter()
    try:
        result: CellResult = worker.call(_run_cell, cell)
        return result
    except (CancelledError, WorkerError):
        raise
    except WorkerLost as lost:
        status, message = lost.status, str(lost)
    except Exception as error:
        status, message = "crashed", f"the worker process was lost: {type(error).__name__}"
        worker.stop()
    return failure(cell, status, message, time.perf_counter() - start, final=False)


def call_in_worker(limits: Limits, function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function of a module gives in the worker process of the calling thread; see `WorkerProcess.call`."""
    return _own_worker(limits).call(function, *arguments)


def stop_workers() -> None:
    """End all worker processes of this process, busy ones too; a thread that needs its own again starts another."""
    with _lock:
        workers = list(_workers)
    threads = [threading.Thread(target=worker.stop) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class WorkerProcess:
    """Runs functions one at a time in a single process, replacing it when it is lost."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lock = threading.Lock()  # `stop` comes from other threads
        self._pool: Any = None
        self._future: Future[Any] | None = None

    def start(self) -> None:
        """Start the process unless it runs; WorkerError if it does not start."""
        if self._pool is not None and self._pool.active:
            return
        self.stop()
        from pebble import ProcessExpired, ProcessPool

        current = multiprocessing.current_process()
        if current.daemon:
            current.daemon = False  # Dask's workers are daemons, which may not have children
        with self._lock:
            self._pool = ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn"))
        try:
            self._schedule(_prepare, (self.limits,), _START_SECONDS).result()
        except CancelledError:
            raise
        except Exception as error:
            self.stop()
            reason = f"it {_ending(error.exitcode)}" if isinstance(error, ProcessExpired) else _reason(error)
            limit = f" within {self.limits.memory >> 20} MiB of memory" if self.limits.memory else ""
            raise WorkerError(
                f"worker processes do not start{limit} ({reason}); a script that calls run() needs "
                'if __name__ == "__main__":, and a small --memory may be the cause'
            ) from error

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function of a module gives in the worker process, or raises there.

        WorkerLost if it takes longer than ``limits.timeout`` or the process dies; the next call has a new one.
        """
        from pebble import ProcessExpired

        self.start()
        try:
            return self._schedule(_call, (self.limits, function, *arguments), self.limits.timeout).result()
        except TimeoutError:
            self.stop()
            raise WorkerLost("timeout", f"still running after {self.limits.timeout:g} s") from None
        except ProcessExpired as error:
            self.stop()
            raise WorkerLost("crashed", f"the worker process {_ending(error.exitcode)}") from None

    def _schedule(self, function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float | None) -> Future[Any]:
        """The future of a call in the process; CancelledError if the process has been stopped."""
        with self._lock:
            if self._pool is None:
                raise CancelledError
            future: Future[Any] = self._pool.schedule(function, args=arguments, timeout=seconds)
            self._future = future
            return future

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        with self._lock:
            pool, future, self._pool, self._future = self._pool, self._future, None, None
        if pool is not None:
            pool.stop()
            if future is not None:
                future.cancel()  # wakes the thread that waits for it
            pool.join()


def limit_threads() -> None:
    """One thread for the libraries that are loaded after this.

    Attacks solve many small systems of equations: with several threads that takes many times as long on a busy machine,
    and times of one cell would depend on the others.
    """
    for name in _THREAD_VARIABLES:
        os.environ[name] = "1"


def _prepare(limits: Limits) -> None:
    """Make this process a worker: one thread, limited memory, output to the log, and gone when its parent is.

    Memory is limited by RLIMIT_DATA, which counts private writable memory on Linux; macOS accepts the limit but
    does not hold processes to it.
    """
    global _prepared
    if _prepared:
        return
    limit_threads()
    if limits.log is not None:
        log = os.open(limits.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
    faulthandler.enable()
    threading.Thread(target=_follow_parent, daemon=True).start()
    if limits.memory is not None:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = limits.memory if hard == resource.RLIM_INFINITY else min(limits.memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    import cryptobench.bench.measure  # noqa: F401  (so that a cell's time limit does not pay for imports)

    _prepared = True


def _call(limits: Limits, function: Callable[..., Any], *arguments: Any) -> Any:
    _prepare(limits)  # the pool replaces a process that dies between two calls
    return function(*arguments)


def _run_cell(cell: Cell) -> CellResult:
    from cryptobench.bench.measure import run_cell

    return run_cell(cell)


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        sys.stderr.flush()
        os._exit(1)


def _own_worker(limits: Limits) -> WorkerProcess:
    worker: WorkerProcess | None = getattr(_own, "worker", None)
    if worker is None or worker.limits != limits:
        worker = _own.worker = WorkerProcess(limits)
        with _lock:
            _workers.add(worker)
            _stop_workers_at_exit()
    return worker


@cache
def _stop_workers_at_exit() -> None:
    # A Dask worker is a child process itself, and would wait for its own children without end.
    multiprocessing.util.Finalize(None, stop_workers, exitpriority=10)


def _ending(exit_code: int) -> str:
    if exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
    return f"ended with exit code {exit_code}"


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
