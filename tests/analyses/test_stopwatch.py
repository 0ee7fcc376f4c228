"""Stopwatch: order of runs, budget, garbage collector, peak memory."""

import gc
import time
from pathlib import Path

import numpy as np
import pytest

from cryptobench.analyses.timing import interleave, peak_memory


def test_every_round_runs_all_tasks_in_order() -> None:
    """Two warm-up rounds are run and not counted, three are counted; a name given twice is timed twice."""
    calls: list[str] = []
    tasks = (("a", lambda: calls.append("a")), ("b", lambda: calls.append("b")), ("a", lambda: calls.append("A")))
    seconds = interleave(tasks, runs=3, warmups=2, budget=60)
    assert calls == ["a", "b", "A"] * 5
    assert {name: len(times) for name, times in seconds.items()} == {"a": 6, "b": 3}
    assert min(seconds["a"] + seconds["b"]) > 0


def test_longer_work_takes_longer() -> None:
    """A task that sleeps for 5 ms is timed above one that does nothing, and at 5 ms or more."""
    seconds = interleave((("nap", lambda: time.sleep(0.005)), ("nothing", lambda: None)), 3, 1, 60)
    assert min(seconds["nap"]) >= 0.005
    assert min(seconds["nap"]) > min(seconds["nothing"])  # the machine may interrupt any one run


def test_a_spent_budget_leaves_one_round() -> None:
    """With no time at all, one warm-up and one counted round are run."""
    calls: list[int] = []
    seconds = interleave((("a", lambda: calls.append(1)),), runs=20, warmups=3, budget=-1)
    assert (len(seconds["a"]), len(calls)) == (1, 2)


def test_no_runs_are_refused() -> None:
    """A number of runs below 1 is an error that says so."""
    with pytest.raises(ValueError, match="runs is 0, wanted at least 1"):
        interleave((), 0, 1, 1)


def test_the_collector_is_off_while_timing_and_on_again_after_an_error() -> None:
    """Garbage collection is disabled inside and restored, also when a task fails."""
    states: list[bool] = []

    def fail() -> None:
        states.append(gc.isenabled())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interleave((("fail", fail),), 1, 1, 1)
    assert states == [False]
    assert gc.isenabled()


@pytest.mark.parametrize("megabytes", [4, 64])
def test_peak_memory_is_what_a_call_holds_at_once(megabytes: int) -> None:
    """Two arrays held together count twice, two held after one another once; within a tenth and half a megabyte."""
    size = megabytes * 2**20

    def together() -> None:
        first = np.ones(size, np.uint8)
        _ = np.ones(size, np.uint8), first

    def after_one_another() -> None:
        for _ in range(2):
            np.ones(size, np.uint8)

    together()
    assert peak_memory(together)[0] == pytest.approx(2 * size, rel=0.1, abs=2**19)
    assert peak_memory(after_one_another)[0] == pytest.approx(size, rel=0.1, abs=2**19)


def test_freed_memory_is_not_reused_unseen() -> None:
    """16 MB that the process freed, but that a later block keeps it from giving back, do not hide a call's 16 MB."""

    def blocks() -> list[bytes]:
        return [bytes(4096) for _ in range(4000)]

    held = blocks()
    later = bytes(4096)
    held.clear()
    assert peak_memory(blocks)[0] > 12e6
    assert len(later) == 4096


def test_without_proc_the_allocations_are_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the high-water mark cannot be set back, tracemalloc counts the same arrays."""

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(Path, "write_text", refuse)
    size, method = peak_memory(lambda: np.ones(3 * 2**20, np.uint8))
    assert method == "tracemalloc"
    assert size == pytest.approx(3 * 2**20, rel=0.01)
