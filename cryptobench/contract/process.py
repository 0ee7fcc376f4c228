"""What a cipher's calls must leave in the process as they found it: what comes after them depends on it."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["ProcessState", "process_state"]

_DESCRIPTORS = 64  # those looked at; a library opens more
_MANY = 4  # children; a pool for all calls may have some
_HARMFUL = ("raise", "call")


@dataclass(frozen=True)
class ProcessState:
    """The working folder, environment, signals' timer, warnings, NumPy's errors and more, at one moment."""

    folder: str
    variables: dict[str, str]
    timer: bool
    errors: Any
    filters: tuple[Any, ...]
    recursion: int
    descriptors: frozenset[int]
    children: int | None

    def changes(self) -> list[str]:
        """What has been left otherwise since then, each with what to do instead; it is put back.

        Only what harms other code is looked for: that errors are ignored, or an environment variable is added, is not.
        """
        return list(self._changes())

    def _changes(self) -> Iterator[str]:
        if (folder := _folder()) != self.folder:
            _go_to(self.folder)
            yield f"leaves the process in the folder {folder}; name files by Path(__file__).parent, without os.chdir"
        if lost := [name for name in self.variables if name not in os.environ]:
            os.environ.update({name: self.variables[name] for name in lost})
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            yield f"deletes the environment variable {lost[0]}{more}; change a copy: os.environ.copy()"
        if _timer() and not self.timer:
            _stop_timer()
            yield "leaves an alarm set, which ends the process; signal.alarm(0) when it is not needed any more"
        errors = np.geterr()
        if any(how in _HARMFUL and how != self.errors[kind] for kind, how in errors.items()):
            np.seterr(**self.errors)
            yield "leaves np.seterr so that other code raises; with np.errstate(...): around the lines that need it"
        if any(one[0] == "error" and one not in self.filters for one in warnings.filters):
            warnings.filters[:] = self.filters  # type: ignore[index]
            yield "leaves warnings that raise; with warnings.catch_warnings(): around the lines that need it"
        if (limit := sys.getrecursionlimit()) < self.recursion:
            sys.setrecursionlimit(self.recursion)
            yield f"leaves the recursion limit at {limit}; sys.setrecursionlimit may only raise it"
        if closed := sorted(number for number in self.descriptors if not _talks(number)):
            numbers = ", ".join(map(str, closed))
            yield f"closes files that it has not opened (file descriptors {numbers}); close only what it opens"
        if self.children is not None and (left := _children() - self.children) >= _MANY:
            yield f"leaves {left} processes behind; end them, and wait for them"


def process_state(*, alone: bool = False) -> ProcessState:
    """The state now; of all descriptors, not of the standard streams alone, and of child processes too, in a process
    that has no other use but this cipher, and is ``alone`` with it."""
    return ProcessState(
        _folder(), dict(os.environ), _timer(), np.geterr(), tuple(warnings.filters), sys.getrecursionlimit(),
        frozenset(number for number in range(_DESCRIPTORS if alone else 3) if _talks(number)),
        _children() if alone else None,
    )  # fmt: skip


def _children() -> int:
    """How many child processes run."""
    import psutil

    try:
        return sum(one.status() != psutil.STATUS_ZOMBIE for one in psutil.Process().children())
    except psutil.Error:
        return 0


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:  # it has been deleted
        return ""


def _go_to(folder: str) -> None:
    with contextlib.suppress(OSError):
        os.chdir(folder)


def _timer() -> bool:
    """Whether `signal.alarm` or a timer is set."""
    import signal

    return hasattr(signal, "getitimer") and signal.getitimer(signal.ITIMER_REAL)[0] > 0


def _stop_timer() -> None:
    import signal

    signal.setitimer(signal.ITIMER_REAL, 0.0)


def _talks(number: int) -> bool:
    """Whether this is an open standard stream, pipe or socket: what a process talks through."""
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        return False
    return number <= 2 or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
