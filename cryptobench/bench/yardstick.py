"""A fixed piece of work, whose time says how fast a machine is now: costs of runs are compared as ratios to it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

import numpy as np

__all__ = ["Yardstick", "loop_seconds", "work"]

_EVERY_SECONDS = 60.0
_PYTHON_ROUNDS = 100_000
_DOUBLES = 1 << 17
_ROUNDS = 10


def work() -> str:
    """What is timed: a loop of Python's integers, arithmetic on 128 Ki doubles, a stable sort of them, a hash.

    The SHA-256 of what it computes. It uses no compiled code of ours and no library but NumPy; it must never change,
    since runs made before could not be compared with runs made after.
    """
    state = 1
    for _ in range(_PYTHON_ROUNDS):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    words = (np.arange(_DOUBLES, dtype=np.uint64) * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    doubles = words.astype(np.float64) / 2.0**32
    for _ in range(_ROUNDS):
        doubles = 3.75 * doubles * (1.0 - doubles)
    order = np.argsort(words.astype(np.float64), kind="stable")
    digest = hashlib.sha256(state.to_bytes(4, "big") + order.astype("<i8").tobytes() + doubles.astype("<f8").tobytes())
    return digest.hexdigest()


def loop_seconds(repeats: int = 3) -> float:
    """Core-seconds of the fixed `work` on this machine, now: the least of ``repeats``."""
    found = []
    for _ in range(repeats):
        before = time.process_time()
        work()
        found.append(time.process_time() - before)
    return min(found)


class Yardstick:
    """Times the fixed work when a run begins, each minute of it, and when it ends; ``keep`` gets the core-seconds."""

    def __init__(self, keep: Callable[[float], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._keep, self._clock = keep, clock
        self._last = float("-inf")

    def look(self, *, now: bool = False) -> None:
        """Time it if a minute has passed since the last time, or in any case."""
        if now or self._clock() - self._last >= _EVERY_SECONDS:
            self._keep(loop_seconds())
            self._last = self._clock()
