"""Where cells run: in worker processes on this machine, or on a Dask cluster."""

from __future__ import annotations

import importlib
import signal
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol

from cryptobench.bench.cell import Cell, CellResult
from cryptobench.bench.errors import BenchError
from cryptobench.bench.worker import Limits, run_guarded, stop_guards

__all__ = ["Backend", "DaskBackend", "LocalBackend"]

_PATIENCE = "30s"


class Backend(Protocol):
    """A `concurrent.futures` executor of cells, with a width."""

    @property
    def width(self) -> int:
        """How many cells run at once."""

    @property
    def queue(self) -> int:
        """How many cells to hand over at once, so that no worker waits for its next one."""

    def submit(self, cell: Cell) -> Future[CellResult]:
        """Start a cell."""

    def only_one(self) -> None:
        """From now on run one cell at a time, in a fresh worker with nothing else running."""

    def explain(self, error: BaseException) -> str | None:
        """What a lost cell's row says; None if the error is not one cell's doing."""

    def close(self) -> None:
        """End all workers, busy ones too."""


class LocalBackend:
    """``jobs`` guarded worker processes, each driven by a thread."""

    def __init__(self, jobs: int, limits: Limits) -> None:
        self.width = self.queue = jobs
        self._limits = limits
        self._executor: Executor = self._threads(jobs)

    def submit(self, cell: Cell) -> Future[CellResult]:
        return self._executor.submit(run_guarded, cell, self._limits)

    def only_one(self) -> None:
        self.close()
        self.width = self.queue = 1
        self._executor = self._threads(1)

    def explain(self, error: BaseException) -> str | None:
        return None

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
        stop_guards()
        self._executor.shutdown(wait=True)

    @staticmethod
    def _threads(count: int) -> Executor:
        return ThreadPoolExecutor(count, "guard", initializer=_leave_interrupts_to_the_main_thread)


def _leave_interrupts_to_the_main_thread() -> None:
    # Worker processes inherit the mask, so that Ctrl-C reaches this process only.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


class DaskBackend:
    """A Dask cluster; every thread of its workers drives one guarded worker process.

    Cells name ciphers and images by reference: the cluster's machines need the same installation, and the same
    paths for files. BenchError if the package is missing or nothing answers at the address.
    """

    def __init__(self, address: str, limits: Limits, report: Callable[[str], None] = lambda line: None) -> None:
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError:
            raise BenchError("--dask needs the package distributed: pip install 'cryptobench[dask]'") from None
        self._address = address
        self._limits = limits
        try:
            self._client: Any = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise BenchError(f"no Dask scheduler answers at {address}: {_first_line(error)}") from None
        try:
            self._client.wait_for_workers(1, timeout=30)
        except TimeoutError:
            self._client.close()
            raise BenchError(f"the Dask scheduler at {address} has no workers; start some and run again") from None
        self._executor: Any = self._client.get_executor(pure=False)
        self._alone = False
        report(f"Dask cluster at {address}: {self.width} threads")

    @property
    def width(self) -> int:
        return 1 if self._alone else max(1, sum(self._client.nthreads().values()))

    @property
    def queue(self) -> int:
        return 1 if self._alone else 2 * self.width

    def submit(self, cell: Cell) -> Future[CellResult]:
        future: Future[CellResult] = self._executor.submit(run_guarded, cell, self._limits)
        return future

    def only_one(self) -> None:
        self._client.run(stop_guards)
        chosen = min(self._client.nthreads())
        self._executor = self._client.get_executor(pure=False, workers=[chosen], allow_other_workers=True)
        self._alone = True

    def explain(self, error: BaseException) -> str | None:
        return "the Dask worker was lost" if type(error).__name__ == "KilledWorker" else None

    def close(self) -> None:
        self._executor.shutdown(wait=False)  # cancels what has not finished
        with suppress(OSError, ValueError, CancelledError):  # a cluster that is gone took its workers with it
            self._client.run(stop_guards)
        self._client.close()


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
