"""Python looks for unreachable objects when it is told to, not after each few hundred that a figure makes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collect", "collected_between"]

_open: list[None] = []  # whether it is this module that has put objects aside


@contextmanager
def collected_between() -> Iterator[None]:
    """While the context is open, garbage is collected by `collect` alone, which leaves alone what was there before.

    A figure is tens of thousands of objects that refer to one another, beside a million that stay: to look through
    them again and again takes a tenth of the time of a report.
    """
    if not gc.isenabled() or gc.get_freeze_count():
        yield
        return
    gc.disable()
    gc.freeze()
    _open.append(None)
    try:
        yield
    finally:
        _open.clear()
        gc.unfreeze()
        gc.enable()


def collect() -> None:
    """Collect the garbage made since the last time; what is left is not looked through again while a context is open.

    Tables and verdicts of a large run are a million objects that stay, too.
    """
    gc.collect()
    if _open:
        gc.freeze()
