"""Where jobs run: in worker processes on this machine, on a Dask cluster, or in this process."""

from __future__ import annotations

import importlib
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import Any, Generic, Protocol, TypeVar

from cryptobench.bench.cell import Cell, CellResult, failure
from cryptobench.bench.errors import BenchError, WorkerError
from cryptobench.bench.worker import Limits, WorkerLost, run_in_worker, stop_workers

__all__ = ["Backend", "DaskBackend", "InProcessBackend", "LocalBackend"]

J = TypeVar("J")  # a job: for runs of the benchmark a `Cell`
R = TypeVar("R")  # its result: a `CellResult`
Job = TypeVar("Job", contravariant=True)
_ANSWER_SECONDS = 30
_ASK_SECONDS = 3
_LOST_SECONDS = 15  # a worker that is started again takes a few
_CLOSE_SECONDS = 5
_AGAIN_SECONDS = 0.2


class Backend(Protocol[Job, R]):
    """Runs jobs, some of them at once."""

    @property
    def width(self) -> int:
        """How many jobs run at once."""

    @property
    def capacity(self) -> int:
        """How many jobs to hand over at once, so that no worker waits for its next one."""

    def submit(self, job: Job) -> Future[R]:
        """Start a job."""

    def result(self, future: Future[R], job: Job) -> R:
        """What a finished job gave; BenchError if the backend is lost, which is not the job's doing."""

    def use_one_worker(self) -> None:
        """From now on run one job at a time, in a fresh worker with nothing else running."""

    def close(self) -> None:
        """End all workers, busy ones too."""


class LocalBackend(Generic[J, R]):
    """``jobs`` threads that map ``function`` over jobs; it runs each in the worker process of its thread."""

    def __init__(self, function: Callable[[J, Limits], R], jobs: int, limits: Limits) -> None:
        self.width = self.capacity = jobs
        self._function, self._limits = function, limits
        self._executor: Executor = _threads(jobs)
        self._open: set[Future[R]] = set()

    def submit(self, job: J) -> Future[R]:
        future = self._executor.submit(self._function, job, self._limits)
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        return future

    def result(self, future: Future[R], job: J) -> R:
        return _result(future)

    def use_one_worker(self) -> None:
        self.close()
        self.width = self.capacity = 1
        self._executor = _threads(1)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
        stop_workers()
        while wait(set(self._open), _AGAIN_SECONDS).not_done:  # a thread may have been about to start its worker
            stop_workers()
        self._executor.shutdown(wait=True)


class InProcessBackend(Generic[J, R]):
    """This process, where a job has run when it has been submitted."""

    width = capacity = 1

    def __init__(self, function: Callable[[J], R]) -> None:
        self._function = function

    def submit(self, job: J) -> Future[R]:
        future: Future[R] = Future()
        future.set_result(self._function(job))
        return future

    def result(self, future: Future[R], job: J) -> R:
        return future.result()

    def use_one_worker(self) -> None:
        """It has no other."""

    def close(self) -> None:
        """It has none to end."""


class DaskBackend:
    """Cells on a Dask cluster; every thread of its workers drives one worker process of `cryptobench`.

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
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what it says is said here in one line
        try:
            self._client: Any = distributed.Client(address, timeout=_ANSWER_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise BenchError(f"no Dask scheduler answers at {address}: {_first_line(error)}") from None
        try:
            self._client.wait_for_workers(1, timeout=_ANSWER_SECONDS)
        except TimeoutError:
            self._client.close()
            raise BenchError(f"the Dask scheduler at {address} has no workers; start some and run again") from None
        self._seen = time.monotonic()
        self._width = 1
        self._executor: Any = self._client.get_executor(pure=False)
        self._alone = False
        report(f"Dask cluster at {address}: {self.width} threads")

    @property
    def width(self) -> int:
        threads = sum(self._threads().values())
        if threads and not self._alone:
            self._width = threads
        return self._width

    @property
    def capacity(self) -> int:
        width = self.width
        return 1 if self._alone else 2 * width

    def submit(self, job: Cell) -> Future[CellResult]:
        with self._lost_if_refused():
            future: Future[CellResult] = self._executor.submit(run_in_worker, job, self._limits)
        return future

    def result(self, future: Future[CellResult], job: Cell) -> CellResult:
        if not future.cancelled() and type(future.exception()).__name__ == "KilledWorker":
            return failure(job, "crashed", "the Dask worker was lost", 0.0, final=False)
        return _result(future)

    def use_one_worker(self) -> None:
        with self._lost_if_refused():
            self._client.run(stop_workers)
            chosen = min(self._threads())
            self._executor = self._client.get_executor(pure=False, workers=[chosen], allow_other_workers=True)
        self._alone, self._width = True, 1

    def close(self) -> None:
        def stop() -> None:
            with suppress(Exception):  # a cluster that is gone took its workers with it
                self._executor.shutdown(wait=False)  # cancels what has not finished
                self._client.run(stop_workers)

        if self._client.status == "running":
            stopping = threading.Thread(target=stop, daemon=True)
            stopping.start()
            stopping.join(_CLOSE_SECONDS)
        with suppress(Exception):
            self._client.close(timeout=_CLOSE_SECONDS)

    def _threads(self) -> dict[str, int]:
        """How many threads each worker has; BenchError if there has been none for a while."""
        threads: dict[str, int] = {}
        with suppress(OSError, ValueError, CancelledError):  # a timeout is an OSError
            threads = self._client.nthreads(callback_timeout=_ASK_SECONDS)
        now = time.monotonic()
        if threads:
            self._seen = now
        elif now - self._seen > _LOST_SECONDS:
            raise _lost(f"no worker of the Dask cluster at {self._address} has answered for {_LOST_SECONDS} s")
        return threads

    @contextmanager
    def _lost_if_refused(self) -> Iterator[None]:
        """BenchError for whatever Dask raises in this block when its scheduler has gone."""
        try:
            yield
        except BenchError:
            raise
        except Exception as error:
            raise _lost(f"{type(error).__name__}: {_first_line(error)}")  # noqa: B904


def _threads(count: int) -> Executor:
    return ThreadPoolExecutor(count, "worker", initializer=_leave_interrupts_to_the_main_thread)


def _leave_interrupts_to_the_main_thread() -> None:
    # Worker processes inherit the mask, so that Ctrl-C reaches this process only.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _result(future: Future[R]) -> R:
    if future.cancelled():
        raise _lost("the connection to their scheduler broke")
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BenchError | WorkerLost):
        raise error
    raise _lost(f"{type(error).__name__}: {_first_line(error)}")


def _lost(reason: str) -> WorkerError:
    error = WorkerError(f"the workers are lost; run again to continue ({reason})")
    error.__cause__ = ConnectionError(reason)  # no mistake of the user's
    return error


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
