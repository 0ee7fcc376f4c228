"""Core-seconds: what processes have used of the machine's cores, whatever else ran beside them."""

from __future__ import annotations

import time

__all__ = ["add_core_seconds", "core_seconds", "core_seconds_elsewhere"]

_elsewhere = 0.0


def core_seconds() -> float:
    """The core-seconds that this process has used so far, and those of its children that have ended.

    Time in which it waits does not count. Only differences of two values mean anything.
    """
    try:
        import resource
    except ImportError:  # Windows
        return time.process_time() + _elsewhere
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent) + _elsewhere


def add_core_seconds(seconds: float) -> None:
    """Count what another process has used on behalf of this one, which is not waited for as a child."""
    global _elsewhere
    _elsewhere += seconds


def core_seconds_elsewhere() -> float:
    """The part of `core_seconds` that `add_core_seconds` has added."""
    return _elsewhere
