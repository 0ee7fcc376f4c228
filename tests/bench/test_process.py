"""What a cipher does in its worker process reaches no other, and ends with it."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from PIL import Image

from cryptobench.bench import process
from cryptobench.bench.errors import BenchError, WorkerError
from cryptobench.bench.names import require_file_name, require_utf8
from cryptobench.bench.plan import make_plan
from cryptobench.bench.process import Process
from cryptobench.bench.worker import Limits, WorkerLost, WorkerProcess, run_in_worker, stop_workers
from cryptobench.registry import code_version
from tests.bench import hostile
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
    """One that patches numpy has failed; ciphers after it, built in or not, have the numbers that they have alone."""
    ciphers = (f"{HOSTILE}:Patches", "caesar", toy("Shift"))
    summary, table = toy_run({NOTICES: {}}, ciphers=ciphers, images=("gradient",), size=48)
    assert summary.counts == {"ok": 2, "failed": 1}
    patches, *others = table.set_index("cipher").sort_index(key=lambda names: names != "patches").itertuples()
    assert "array_equal" in patches.message
    assert {row.Index: row.value for row in others} == {"caesar": 0.0, "toy-shift": 0.0}


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


def test_too_many_open_files_are_one_line(worker, monkeypatch):
    """The line says what may help; nothing is blamed on a cell, or on the user."""

    def launch(*arguments):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr("cryptobench.bench.worker.launch", launch)
    with pytest.raises(WorkerError) as caught:
        worker.start()
    assert str(caught.value) == (
        "worker processes do not start (too many open files); a larger `ulimit -n` or fewer --jobs may help"
    )
    assert isinstance(caught.value.__cause__, OSError)


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


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends them")
def test_a_hung_worker_ends_with_its_parent(worker):
    """Code that never gives Python a turn is killed when the parent's end of the pipe is closed, as by its death."""
    worker.start()
    process = worker._process
    process.connection.send_bytes(pickle.dumps((hostile.never_give_a_turn, ())))
    time.sleep(0.2)
    process.life.close()
    assert process.popen.wait(5.0) == -9


def alive(number):
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_errors_without_proper_text_are_kept(toy_run):
    """Text that is no Unicode is escaped in the table, text that cannot be had is said to be so; the run goes on."""
    ciphers = [f"{HOSTILE}:{name}" for name in ("RaisesSurrogates", "RaisesMute")]
    summary, table = toy_run({NOTICES: {}}, ciphers=tuple(ciphers), images=("gradient",), size=48)
    assert summary.counts == {"failed": 2}
    escaped, mute = table["message"]
    assert escaped.startswith("RuntimeError: caf\\udce9")
    assert mute.startswith("Mute: (its text cannot be had: str() of it raises Mute)")


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("mute", RuntimeError, "Mute"),
        ("executes", RuntimeError, "Executes: text"),
        ("pickle", RuntimeError, "CannotBePickled: text"),
        ("holds", RuntimeError, "ValueError: "),
        ("again", RuntimeError, "CannotBeMadeAgain: ab"),
        ("python's", KeyError, "'text'"),
        ("os", FileNotFoundError, "[Errno 2] none: 'a/file'"),
    ],
)
def test_only_plain_exceptions_leave_a_worker(raising, name, kind, text):
    """Python's and ours with plain arguments arrive as they are; of others the name and the text: nothing is run."""
    worker, notes = raising
    with pytest.raises(kind) as caught:
        worker.call(hostile.raise_error, name)
    assert type(caught.value) is kind
    assert str(caught.value) == text
    assert not notes.exists()


@pytest.fixture(scope="module")
def raising(tmp_path_factory):
    """A worker process for several tests, and the file in which unpickled exceptions would leave a note."""
    notes = tmp_path_factory.mktemp("raising") / "notes"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(hostile.NOTES, str(notes))
        worker = WorkerProcess(Limits(60.0))
        yield worker, notes
        worker.stop()


@pytest.mark.parametrize(
    ("bytes_", "message"),
    [
        (b"", "still running after 0.05 s"),
        (b"\0" * 7 + b"\x10half", "still running after 0.05 s"),
        (b"an interrupted line\n", "still running after 0.05 s"),
        (b"\0" * 7 + b"\x01x", "the worker process sent what cannot be read (UnpicklingError)"),
    ],
)
def test_no_message_is_waited_for_without_end(bytes_, message):
    """A worker that dies in the middle of one may leave a child that holds the pipe; a cipher may write to it."""
    ours, theirs = Pipe()
    os.write(theirs.fileno(), bytes_)
    running = SimpleNamespace(poll=lambda: None)
    with pytest.raises(WorkerLost) as lost:
        Process(running, ours, theirs, {}, None).answer(0.05, 0.05)
    assert str(lost.value) == message


def test_limits_are_set_before_numpy_loads():
    """What runs in a worker first loads no library that asks for threads or memory."""
    code = "import sys, cryptobench.bench.inside; print([m for m in ('numpy', 'numba', 'scipy') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


def test_numba_is_loaded_when_it_is_needed(worker):
    """A worker starts without any large library but NumPy; when numba comes, loading and compiling are uncounted."""
    assert worker.call(hostile.compile_later) == [("clock", False), ("clock", True)] * 2


def test_a_worker_is_told_once_what_sources_say(worker):
    """The first cell of each process comes with what this one has parsed, and no other."""
    code_version("analysis", "entropy")
    told = []
    for _ in range(2):
        worker.start()
        told += [len(worker.untold()) > 0, len(worker.untold()) > 0]
        worker.stop()
    assert told == [True, False] * 2


def test_a_name_beyond_utf8_is_refused(toy_run, tmp_path):
    """One line names the picture, or the cipher's file, and says what to do; nothing has been run."""
    picture, cipher = (os.fsdecode(bytes(tmp_path) + b"/caf\xe9" + ending) for ending in (b".png", b".py"))
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(picture)
    with pytest.raises(BenchError, match=r"^images: the name of .*caf\\udce9.png is not UTF-8; rename it$"):
        toy_run({NOTICES: {}}, images=(picture,))
    shutil.copy(HOSTILE, cipher)
    with pytest.raises(BenchError, match=r"^ciphers: the name of .*caf\\udce9.py:Hostile is not UTF-8; rename it$"):
        toy_run({NOTICES: {}}, ciphers=(f"{cipher}:Hostile",))


def test_another_locale_names_the_way_out(monkeypatch):
    """Where the locale has no UTF-8, a proper name looks like bytes, and a card's name may have none."""
    monkeypatch.setattr("cryptobench.bench.names.sys.getfilesystemencoding", lambda: "ascii")
    with pytest.raises(BenchError, match=r"rename it, or set PYTHONUTF8=1 \(this locale has ascii\)$"):
        require_utf8("ciphers", "caf\udcc3\udca9.py:Cafe")
    monkeypatch.setattr("cryptobench.bench.names.os.fsencode", lambda name: name.encode("ascii"))
    require_file_name("plain")
    with pytest.raises(
        BenchError, match=r"^the card's name 'caf\\xe9' cannot be a folder's .* ascii; set PYTHONUTF8=1$"
    ):
        require_file_name("café")


def test_new_processes_have_the_workers_first_environment(worker):
    """What a cipher puts into a worker's environment later is not there where its ciphertexts are decrypted."""
    asked = "__import__('os').environ.update(KEPT='1') or __import__('cryptobench').fresh_process._kept"
    kept = worker.call(eval, asked)
    assert "KEPT" not in kept
    assert "PATH" in kept
