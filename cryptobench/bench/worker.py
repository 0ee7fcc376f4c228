"""What happens inside a worker process. Imports nothing heavy: limits are set before NumPy and numba load."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptobench.bench.cell import Cell, CellResult
import multiprocessing.util
import signal
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import cache
from typing import Any
from weakref import WeakSet

from cryptobench.bench.cell import Cell, CellResult, failure
from cryptobench.bench.errors import WorkerError

__all__ = ["Guard", "Limits", "Lost", "limit_threads", "prepare", "run_guarded", "stop_guards", "work"]

_THREAD_VARIABLES = (
    "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "BLIS_NUM_THREADS",
)  # fmt: skip
_prepared = False


@dataclass(frozen=True)
class Limits:
    """What a cell may use: ``timeout`` in seconds, ``memory`` in bytes; ``log`` receives what workers print."""

    timeout: float | None = None
    memory: int | None = None
    log: str | None = None


def work(cell: Cell, limits: Limits) -> CellResult:
    """Run one cell in this worker process."""
    prepare(limits)
    from cryptobench.bench.measure import run_cell

    return run_cell(cell)


def limit_threads() -> None:
    """One thread for the libraries that are loaded after this.

    Attacks solve many small systems of equations: with several threads that takes many times as long on a busy machine,
    and times of one cell would depend on the others.
    """
    for name in _THREAD_VARIABLES:
        os.environ[name] = "1"


def prepare(limits: Limits) -> None:
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


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        sys.stderr.flush()
        os._exit(1)


_START_SECONDS = 120.0
_thread = threading.local()
_guards: WeakSet[Guard] = WeakSet()
_guards_lock = threading.Lock()


def run_guarded(cell: Cell, limits: Limits) -> CellResult:
    """Run the cell in the worker process that belongs to the calling thread, which is started if need be.

    This is what every executor maps over cells. A worker that dies gives "crashed", one that takes longer than
    ``limits.timeout`` gives "timeout". WorkerError if no worker process can be started.
    """
    guard: Guard | None = getattr(_thread, "guard", None)
    if guard is None or guard.limits != limits:
        guard = _thread.guard = Guard(limits)
        with _guards_lock:
            _guards.add(guard)
            _stop_guards_at_exit()
    return guard.run(cell)


@cache
def _stop_guards_at_exit() -> None:
    # A Dask worker is a child process itself, and would wait for its own children without end.
    multiprocessing.util.Finalize(None, stop_guards, exitpriority=10)


def stop_guards() -> None:
    """End all worker processes of this process, busy ones too; a guard that is used again starts another."""
    with _guards_lock:
        guards = list(_guards)
    threads = [threading.Thread(target=guard.stop) for guard in guards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Lost(Exception):
    """A worker process is gone; ``status`` is "timeout" or "crashed", the message says what became of it."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class Guard:
    """Runs cells one at a time in a single worker process, replacing it when it is lost."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._pool: Any = None
        self._future: Future[Any] | None = None

    def run(self, cell: Cell) -> CellResult:
        """The cell's result, or a row that says how its worker was lost."""
        self._start()
        start = time.perf_counter()
        try:
            result: CellResult = self.call(work, cell, self.limits)
            return result
        except (CancelledError, WorkerError):
            raise
        except Lost as lost:
            status, message = lost.status, str(lost)
        except Exception as error:
            status, message = "crashed", f"the worker process was lost: {type(error).__name__}"
            self.stop()
        return failure(cell, status, message, time.perf_counter() - start, final=False)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function of a module gives in the worker process, or raises there.

        Lost if it takes longer than ``limits.timeout`` seconds or the process dies; the next call has a new one.
        """
        from pebble import ProcessExpired

        self._start()
        try:
            self._future = self._pool.schedule(function, args=arguments, timeout=self.limits.timeout)
            return self._future.result()
        except TimeoutError:
            self.stop()
            raise Lost("timeout", f"still running after {self.limits.timeout:g} s") from None
        except ProcessExpired as error:
            self.stop()
            raise Lost("crashed", f"the worker process {_ending(error.exitcode)}") from None

    def stop(self) -> None:
        """End the worker process, whatever it is doing."""
        pool, future, self._pool, self._future = self._pool, self._future, None, None
        if pool is not None:
            pool.stop()
            if future is not None:
                future.cancel()  # wakes the thread that waits for it
            pool.join()

    def _start(self) -> None:
        if self._pool is not None and self._pool.active:
            return
        self.stop()
        from pebble import ProcessExpired, ProcessPool

        current = multiprocessing.current_process()
        if current.daemon:
            current.daemon = False  # Dask's workers are daemons, which may not have children
        self._pool = ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn"))
        try:
            self._future = self._pool.schedule(prepare, args=(self.limits,), timeout=_START_SECONDS)
            self._future.result()
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
