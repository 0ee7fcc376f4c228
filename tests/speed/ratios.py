"""How benchmarks compare: two functions in turn within one run, so that a busy machine slows both."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

__all__ = ["ratio"]


def ratio(
    slow: Callable[..., Any],
    fast: Callable[..., Any],
    *arguments: Any,
    rounds: int = 9,
    clock: Callable[[], float] = perf_counter,
) -> float:
    """How many times longer ``slow`` takes than ``fast``: the median over interleaved rounds, after one to warm up.

    ``clock`` may be `time.thread_time`, which counts this thread's processor time.
    """
    slow(*arguments), fast(*arguments)
    quotients = []
    for _ in range(rounds):
        start = clock()
        slow(*arguments)
        between = clock()
        fast(*arguments)
        quotients.append((between - start) / (clock() - between))
    return median(quotients)
