"""Processes that end when the one that started them does, and with all that they have started."""

from __future__ import annotations

import contextlib
import os
import signal
from uuid import uuid4

__all__ = ["end_with_the_parent", "kill_family", "marked"]

_MARK = "CRYPTOBENCH_WORKER"  # what a process starts inherits it, in whatever session it hides


def marked() -> dict[str, str]:
    """The part of an environment by which `kill_family` finds what has been started with it."""
    return {_MARK: uuid4().hex}


def kill_family(pid: int, mark: dict[str, str]) -> None:
    """Kill a process, its process group, and whatever else has its mark in the environment."""
    import psutil

    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    for _ in range(5):  # one may have started another meanwhile
        found = False
        for other in psutil.pids():
            with contextlib.suppress(psutil.Error, OSError):
                process = psutil.Process(other)
                if other != pid and process.environ().get(_MARK) == mark[_MARK]:
                    process.kill()
                    found = True
        if not found:
            return


def end_with_the_parent(life: int) -> None:
    """Have this process's group killed when the other end of the pipe ``life``, which the parent holds, is closed.

    The kernel of Linux does that, so that code which never gives Python a turn ends too. Elsewhere nothing happens.
    """
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(life, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
