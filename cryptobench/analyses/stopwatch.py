"""Time and memory of a call: interleaved runs within a time budget, and peak memory."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["garbage_kept", "interleave", "peak_memory"]

Task = tuple[str, Callable[[], object]]


@contextmanager
def garbage_kept() -> Iterator[None]:
    """Collect garbage, then keep the collector off while the context is open."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def interleave(tasks: Sequence[Task], runs: int, warmups: int, budget: float) -> dict[str, list[float]]:
    """Seconds of each run, by task name: every round runs all tasks once, so that a slow moment strikes all of them.

    ``warmups`` rounds, at least one, are not counted. Stops early once ``budget`` seconds have passed, but not before
    one round is counted; the number of times says how many there were. A name that comes twice in a round is timed
    twice.
    """
    if runs < 1:
        raise ValueError(f"runs is {runs}, wanted at least 1")
    seconds: dict[str, list[float]] = {name: [] for name, _ in tasks}
    end = time.perf_counter() + budget
    with garbage_kept():
        for index in range(max(1, warmups)):
            if index and time.perf_counter() > end:
                break
            for _, call in tasks:
                call()
        for index in range(runs):
            if index and time.perf_counter() > end:
                break
            for name, call in tasks:
                start = time.perf_counter_ns()
                call()
                seconds[name].append((time.perf_counter_ns() - start) / 1e9)
    return seconds


def peak_memory(call: Callable[[], object]) -> tuple[int, str]:
    """The most memory, in bytes, that a call needs at one time beyond what was held before it, and how it was counted.

    On Linux: growth of the resident set to its high-water mark, which counts every allocation that is touched, by
    Python, NumPy, numba or C, in pages of 4096 bytes; free memory is handed back to the system first, so that it is
    not reused unseen. Elsewhere: `tracemalloc`, which sees Python's and NumPy's allocations alone. Call once
    beforehand, so that compilation and first-time caches are not counted.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    try:
        Path("/proc/self/clear_refs").write_text("5")  # sets the high-water mark back; proc(5)
        before = _status_bytes("VmRSS")
    except OSError:
        return _traced_peak(call), "tracemalloc"
    call()
    return max(0, _status_bytes("VmHWM") - before), "resident set"


def _traced_peak(call: Callable[[], object]) -> int:
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        call()
        return max(0, tracemalloc.get_traced_memory()[1] - before)
    finally:
        if not was_tracing:
            tracemalloc.stop()


def _status_bytes(field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise OSError(f"/proc/self/status has no field {field}")
    return int(found[1]) * 1024
