"""Memory that a process has freed, kept for its next large array."""

from __future__ import annotations

import ctypes
from functools import cache

__all__ = ["keep_freed_memory"]

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # parameters' numbers in malloc.h


@cache
def keep_freed_memory() -> None:
    """Have glibc keep up to 256 MB of freed memory instead of giving it back to the system after each large array.

    Fetching the pages again, 3 microseconds for 4 KiB, takes a tenth of the time of many a cipher and a quarter of a
    small network's. Other systems are left alone.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    for parameter in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
        mallopt(parameter, 1 << 28)
