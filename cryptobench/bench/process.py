"""A worker process as seen from outside: started, timed by a monotonic clock, ended with all that it has started.

Imports nothing heavy: limits are set before NumPy and numba load.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cryptobench.families import kill_family, marked

__all__ = ["FRAME_BYTES", "LOG_BYTES", "HungWhileWarming", "Limits", "Process", "WorkerLost", "launch", "limit_threads"]

_THREAD_VARIABLES = (
    "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "BLIS_NUM_THREADS",
)  # fmt: skip
_PROGRAM = (
    "import sys, json; arguments = json.loads(sys.argv[1]); sys.path[:] = arguments.pop('path'); "
    "from cryptobench.bench.inside import main; main(**arguments)"
)
_LOOK_SECONDS = 0.1  # a child that a cipher has forked holds the worker's pipes open: they do not show its end
LOG_BYTES = 10 << 20
FRAME_BYTES = 8  # before each message, its length


@dataclass(frozen=True)
class Limits:
    """What a job may use: ``timeout`` in seconds, ``memory`` in bytes; ``log`` receives what workers print.

    Time is counted by a monotonic clock. Loading a cipher, its first encryption and compilation do not count; they may
    take ``warming`` seconds in all, or ``timeout`` if that is more.
    """

    timeout: float | None = None
    memory: int | None = None
    log: str | None = None
    warming: float = 600.0


class WorkerLost(Exception):
    """A worker process is gone; ``status`` is "timeout" or "crashed", the message says what became of it."""

    core_seconds: float | None = None  # what it used since it was asked, if that is known

    def __init__(self, status: str, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message

    def __str__(self) -> str:
        return self.message


class HungWhileWarming(WorkerLost):
    """It had not finished loading, compiling, or its first encryption."""


@dataclass(eq=False)
class Process:
    """A process that has been started, and the pipes to it; only the thread that asks uses them."""

    popen: subprocess.Popen[bytes]
    connection: Connection
    life: Connection
    mark: dict[str, str]
    log: threading.Thread | None
    _come: bytearray = field(default_factory=bytearray)  # what has come and was no whole message yet
    _ending: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, seconds: float | None, uncounted_seconds: float) -> tuple[str, Any]:
        """What it says next; WorkerLost if it takes longer or ends.

        ``seconds`` may pass while its clock counts, None for any number, ``uncounted_seconds`` while it does not.
        """
        counts = True
        spent = {True: 0.0, False: 0.0}
        limits = {True: seconds, False: max(uncounted_seconds, seconds or 0.0)}
        before = time.monotonic()
        heard = select.poll()
        heard.register(self.connection.fileno(), select.POLLIN)
        while True:
            if (message := self._message()) is not None:
                kind, value = message
                if kind != "clock":
                    return kind, value
                counts = value
                continue
            limit = limits[counts]
            if limit is not None and spent[counts] >= limit:
                if counts:
                    raise WorkerLost("timeout", f"still running after {limit:g} s")
                raise HungWhileWarming("timeout", f"still loading, compiling or encrypting first after {limit:g} s")
            left = _LOOK_SECONDS if limit is None else min(_LOOK_SECONDS, limit - spent[counts])
            ended = self.popen.poll() is not None  # before its last words are looked for
            ready = bool(heard.poll(0 if ended else 1e3 * left))
            now = time.monotonic()
            spent[counts] += now - before
            before = now
            if not (self._read() if ready else not ended):
                raise WorkerLost("crashed", f"the worker process {self._how_it_ended()}")

    def _read(self) -> bool:
        """Take what has come from it, be it half a message: the rest may never come. Whether there was anything."""
        try:
            some = os.read(self.connection.fileno(), 1 << 20)
        except OSError:
            return False
        self._come += some
        return bool(some)

    def _message(self) -> tuple[str, Any] | None:
        """The next message, if it has come whole."""
        start = FRAME_BYTES
        end = start + int.from_bytes(self._come[:start], "big")
        if len(self._come) < max(start, end):
            return None
        try:
            kind, value = pickle.loads(self._come[start:end])
        except Exception as error:  # a cipher has written to the pipe
            reason = f"sent what cannot be read ({type(error).__name__})"
            raise WorkerLost("crashed", f"the worker process {reason}") from None
        del self._come[:end]
        return kind, value

    def core_seconds(self) -> float | None:
        """The core-seconds that it has used so far; None if it has gone."""
        import psutil

        try:
            times = psutil.Process(self.popen.pid).cpu_times()
        except psutil.Error:
            return None
        return float(sum(times[:4]))  # its own and those of children that it has waited for, user and system

    def end(self) -> None:
        """End it and all that it has started."""
        with self._ending:
            kill_family(self.popen.pid, self.mark)
            self.popen.wait()
            if self.log is not None:
                self.log.join(1.0)

    def _how_it_ended(self) -> str:
        try:
            return _ending(self.popen.wait(5.0))
        except subprocess.TimeoutExpired:
            return "closed its connection"


def limit_threads() -> None:
    """One thread for the libraries that are loaded after this.

    Attacks solve many small systems of equations: with several threads that takes many times as long on a busy machine,
    and times of one cell would depend on the others.
    """
    for name in _THREAD_VARIABLES:
        os.environ[name] = "1"


def launch(limits: Limits, log_left: list[int]) -> Process:
    """Start a process with a session of its own, one thread, limited memory and its output in the log."""
    ours, theirs = Pipe()
    their_life, our_life = Pipe(duplex=False)
    mark = marked()
    arguments = {
        "path": sys.path, "questions": theirs.fileno(), "life": their_life.fileno(), "memory": limits.memory,
    }  # fmt: skip
    output = subprocess.PIPE if limits.log is not None else None
    popen = subprocess.Popen(
        [sys.executable, "-P", "-c", _PROGRAM, json.dumps(arguments)],
        stdin=subprocess.DEVNULL, stdout=output, stderr=None if output is None else subprocess.STDOUT,
        pass_fds=(theirs.fileno(), their_life.fileno()), start_new_session=True,
        env=os.environ | dict.fromkeys(_THREAD_VARIABLES, "1") | mark,
    )  # fmt: skip
    theirs.close()
    their_life.close()
    log = None
    if popen.stdout is not None and limits.log is not None:
        log = threading.Thread(target=_keep_output, args=(popen.stdout, Path(limits.log), log_left), daemon=True)
        log.start()
    return Process(popen, ours, our_life, mark, log)


def _keep_output(output: Any, path: Path, left: list[int]) -> None:
    """Write what a worker prints to the log, up to ``left[0]`` bytes, and drop the rest."""
    with output, contextlib.suppress(OSError), path.open("ab", buffering=0) as log:
        while some := os.read(output.fileno(), 1 << 16):
            if left[0] <= 0:
                continue
            with contextlib.suppress(OSError):  # a full disk: the run says so, and the worker must not wait
                log.write(some[: left[0]])
                if len(some) >= left[0]:
                    log.write(f"\n[a worker has printed {LOG_BYTES >> 20} MiB; the rest is not kept]\n".encode())
            left[0] -= len(some)


def _ending(exit_code: int) -> str:
    if exit_code < 0:
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
    return f"ended with exit code {exit_code}"
