"""Children of the test process in place of new Python processes: they have what it has imported, and start at once."""

from __future__ import annotations

import gc
import json
import os
import pickle
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from cryptobench import contract, libraries, preflight, trial
from cryptobench.bench import run as running
from cryptobench.bench.backends import InProcessBackend
from cryptobench.bench.cell import Cell, CellResult, failure
from cryptobench.bench.measure import run_cell
from cryptobench.bench.plan import make_plan
from cryptobench.bench.settings import settings

__all__ = ["Child", "fork_preflights", "fork_workers"]


class Child:
    """A child that runs a function, with as much of `subprocess.Popen` as the pre-flight uses."""

    stdin = None

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.returncode: int | None = None
        reading, writing = os.pipe()
        gc.freeze()  # lest the child collects garbage of this process, and closes its files with it
        self.pid = os.fork()
        if self.pid:
            gc.unfreeze()
            os.close(writing)
            self.stderr = os.fdopen(reading, "rb", buffering=0)
            return
        try:
            os.setsid()
            function(*arguments)
        finally:
            os._exit(1)

    def wait(self, seconds: float | None = None) -> int:
        """Its exit code; TimeoutExpired if it goes on for longer."""
        end = None if seconds is None else time.monotonic() + seconds
        while self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
            elif end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("child", seconds or 0.0)
            else:
                time.sleep(0.002)
        return self.returncode

    def poll(self) -> int | None:
        """Its exit code; None while it goes on."""
        try:
            return self.wait(0.0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def fork_preflights(patch: pytest.MonkeyPatch, *, examined: bool = True) -> None:
    """Try ciphers in children of this process; if not ``examined``, without a look for breaches."""

    def start(command: list[str], **options: Any) -> Child:
        _, *question = json.loads(command[-1])
        return Child(trial.answer, *question)

    replaced = {**vars(subprocess), "Popen": start}
    patch.setattr(preflight, "subprocess", SimpleNamespace(**replaced))
    patch.setattr(trial, "_leave_the_parents_streams", Mock())
    patch.setattr(contract, "replacements", Mock(return_value=[]))  # fixtures replace functions too
    patch.setattr(libraries, "put_in_place", Mock(return_value=[]))
    if not examined:
        patch.setattr(contract, "find_breaches", Mock(return_value=[]))


def fork_workers(patch: pytest.MonkeyPatch) -> None:
    """Measure each cipher's cells, one after the other, in a child of this process."""

    @contextmanager
    def backend(*settings: Any) -> Iterator[InProcessBackend[Cell, CellResult]]:
        yield InProcessBackend(_in_a_child)

    _warm_up()
    patch.setattr(running, "_backend", backend)


@cache
def _warm_up() -> None:
    """Load what children would load each."""
    wanted = settings("quick", ciphers=("caesar",), images=("astronaut",), analyses=("entropy",), size=32)
    assert [run_cell(cell).status for cell in make_plan(wanted).cells] == ["ok"]


def _in_a_child(cell: Cell) -> CellResult:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer")

        def measure() -> None:
            answer.write_bytes(pickle.dumps(run_cell(cell)))
            os._exit(0)

        code = Child(measure).wait(120.0)
        if code:
            return failure(cell, "crashed", f"the child ended with exit code {code}", 0.0, final=False)
        result: CellResult = pickle.loads(answer.read_bytes())
        return result
