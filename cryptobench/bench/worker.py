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

__all__ = ["Limits", "limit_threads", "prepare", "work"]

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
