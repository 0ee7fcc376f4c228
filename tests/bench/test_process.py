"""What a cipher does in its worker process reaches no other, and ends with it."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from cryptobench.bench import process
from cryptobench.bench.errors import BenchError, WorkerError
from cryptobench.bench.plan import make_plan
from cryptobench.bench.worker import Limits, WorkerLost, WorkerProcess, run_in_worker, stop_workers
from cryptobench.registry import code_version
from tests.bench.driving import settings_of_toys, toy, wait_for

HOSTILE = Path(__file__).with_name("hostile.py")
NOTICES = f"{HOSTILE}:Notices"


@pytest.fixture
def worker():
    """A worker process, ended when the test does."""
    worker = WorkerProcess(Limits(30.0))
    yield worker
    worker.stop()


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """The file in which hostile ciphers leave what tests look for."""
    monkeypatch.setenv("CRYPTOBENCH_TEST_NOTES", str(tmp_path / "notes"))
    return tmp_path / "notes"


@pytest.fixture
def cell():
    """The cell of a hostile cipher."""

    def plan(name, **parameters):
        settings = settings_of_toys({NOTICES: parameters}, ciphers=("caesar",), images=("gradient",))
        reference = f"{HOSTILE}:{name}"
        code = code_version("cipher", reference)
        return replace(make_plan(settings).cells[0], cipher=reference, cipher_name=name, cipher_code=code)

    yield plan
    stop_workers()


def test_a_patched_numpy_reaches_no_other(toy_run):
    """Ciphers before and after one that patches numpy, built in or not, have the numbers that they have alone."""
    ciphers = (toy("Xor"), f"{HOSTILE}:Patches", "caesar", toy("Shift"))
    summary, table = toy_run({NOTICES: {}}, ciphers=ciphers, images=("gradient", "flat-black"), size=48)
    assert summary.counts == {"ok": 8}
    equal = table.groupby("cipher")["value"].unique().map(list).to_dict()
    assert equal == {"toy-xor": [0.0], "patches": [1.0], "caesar": [0.0], "toy-shift": [0.0]}


def test_a_clock_that_jumps_ends_nothing(worker, monkeypatch):
    """An hour forward while a call runs is no hour of it."""
    worker.start()
    begun = time.monotonic()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600 * (time.monotonic() - begun > 0.2))
    assert worker.call(time.sleep, 1.0) is None


def test_a_call_ends_at_its_limit():
    """A call that takes longer ends then, and the next one has a new process."""
    worker = WorkerProcess(Limits(0.5))
    first = worker.call(os.getpid)
    with pytest.raises(WorkerLost, match=r"still running after 0.5 s"):
        worker.call(time.sleep, 600)
    assert worker.call(os.getpid) != first
    worker.stop()


def test_loading_and_compiling_have_their_own_limit(cell):
    """A cell of a second has a cipher that takes 2.4 s to warm up, and compiles for 1.2 s, and is measured."""
    result = run_in_worker(cell("SlowToLoad", seconds=1.2), Limits(1.0))
    assert (result.status, result.message) == ("ok", "")


def test_a_hang_while_warming_ends_too(cell):
    """It has a limit of its own the first time, and the cell's for the other cells of that cipher."""
    limits = Limits(0.2, warming=0.6)
    messages = [run_in_worker(cell("HangsAtOnce"), limits).message for _ in range(2)]
    assert messages == [f"still loading, compiling or encrypting first after {seconds} s" for seconds in (0.6, 0.2)]


def test_exit_code_0_is_noticed_at_once(cell):
    """A cipher that ends its process is a crash, whatever the exit code."""
    run_in_worker(cell("Hostile"), Limits(600.0))
    begun = time.monotonic()
    result = run_in_worker(cell("Ends"), Limits(600.0))
    assert (result.status, result.message) == ("crashed", "the worker process ended with exit code 0")
    assert time.monotonic() - begun < 20


def test_a_worker_killed_while_starting_starts_again(worker, monkeypatch, notes):
    """Killed at three starts, it answers after the fourth."""
    dies = (
        f"import os; open({str(notes)!r}, 'a').write('x'); "
        f"os.path.getsize({str(notes)!r}) > 3 or os.kill(os.getpid(), 9); "
    )
    monkeypatch.setattr(process, "_PROGRAM", dies + process._PROGRAM)
    assert worker.call(abs, -1) == 1
    assert notes.read_text() == "xxxx"


def test_a_worker_that_never_starts_says_why(worker, monkeypatch):
    """After four starts the line says what became of it and what may help."""
    monkeypatch.setattr(process, "_PROGRAM", "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(WorkerError) as caught:
        worker.start()
    assert str(caught.value) == (
        "worker processes do not start (the worker process was killed by SIGKILL (out of memory?) at each of 4 "
        "starts); fewer --jobs may help"
    )


@pytest.mark.parametrize("name", ["LeavesChildren", "LeavesChildrenAndEnds"])
def test_children_end_with_their_worker(cell, notes, name):
    """Whatever a cipher has started, in whatever session, is gone when its worker is."""
    result = run_in_worker(cell(name), Limits(60.0))
    assert result.status == ("ok" if name == "LeavesChildren" else "crashed")
    children = list(map(int, notes.read_text().split()))
    assert len(children) in (4, 8)  # the warm-up's, and the cell's
    stop_workers()
    wait_for(lambda: not any(map(alive, children)), 5.0)


def test_a_fork_does_not_answer_twice(cell):
    """A cipher that forks is measured once, and the next cell gets its own rows."""
    first, second = cell("Forks"), cell("Forks", seconds=0.1)
    results = [run_in_worker(one, Limits(60.0)) for one in (first, second)]
    assert [result.address for result in results] == [first.address, second.address]
    assert [result.status for result in results] == ["ok", "ok"]


def test_the_log_is_capped(cell, tmp_path):
    """A worker's output is kept up to 10 MiB, and one line says that it is cut off; the cell is measured."""
    log = tmp_path / "workers.log"
    result = run_in_worker(cell("Prints"), Limits(60.0, log=str(log)))
    stop_workers()
    assert result.status == "ok"
    kept = log.read_bytes()
    line = b"\n[a worker has printed 10 MiB; the rest is not kept]\n"
    assert kept == b"x" * (10 << 20) + line


def alive(number):
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_an_error_that_is_no_unicode_is_kept(toy_run):
    """Its text is escaped in the table, and the run goes on to the end."""
    _, table = toy_run({NOTICES: {}}, ciphers=(f"{HOSTILE}:RaisesSurrogates",), images=("gradient",), size=48)
    (message,) = table["message"]
    assert message.startswith("RuntimeError: caf\\udce9")


def test_a_picture_name_beyond_utf8_is_refused(toy_run, tmp_path):
    """One line names the picture and says what to do."""
    picture = os.fsdecode(bytes(tmp_path) + b"/caf\xe9.png")
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(picture)
    with pytest.raises(BenchError, match=r"the name of the picture .*caf\\udce9.png is not UTF-8; rename it"):
        toy_run({NOTICES: {}}, images=(picture,))
