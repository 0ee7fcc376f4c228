"""A new process knows nothing of the one that encrypted, whether it is forked from a server or started anew."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from cryptobench import fresh_process, fresh_process_server
from cryptobench.cipher import Encrypted
from cryptobench.core_time import core_seconds
from cryptobench.fresh_process import decrypt_in_fresh_process
from cryptobench.registry import load_cipher
from tests.adapters.programs import write_calls

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="forks are safe on Linux")
PLACES = ("global", "numpy", "module", "environment", "builtins", "class", "numba", "thread")
CHEAT = """
import builtins, os, sys, threading
from types import ModuleType
import numba, numpy as np
from cryptobench import Card, Cipher, Encrypted, KeyField

kept = []

class Cheat(Cipher):
    card = Card(name="cheat", title="", family="toy", fidelity="A", key=(KeyField("key", 64),))
    kept = None

    def encrypt(self, image, key, nonce, *, secret=None):
        kept.append(image)
        np.kept = builtins.kept = numba.core.kept = type(self).kept = image
        sys.modules["kept"] = ModuleType("kept")
        os.environ["KEPT"] = image.tobytes().hex()
        if all(one.name != "kept" for one in threading.enumerate()):
            threading.Thread(target=threading.Event().wait, name="kept", daemon=True).start()
        return Encrypted(image)

    def decrypt(self, encrypted, key):
        found = [
            bool(kept), hasattr(np, "kept"), "kept" in sys.modules, "KEPT" in os.environ, hasattr(builtins, "kept"),
            self.kept is not None, hasattr(numba.core, "kept"),
            any(one.name == "kept" for one in threading.enumerate()),
        ]
        return np.array([found], np.uint8)
"""


@pytest.fixture(params=["forked", "started"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a server, and as on platforms where processes are not forked."""
    if request.param == "started":
        monkeypatch.setattr(fresh_process, "_serves", False)


@pytest.fixture
def started_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process has the environment of now, as a worker has that of its start."""
    monkeypatch.setattr(fresh_process, "_kept", None)
    fresh_process.keep_environment()


@pytest.fixture
def cheat(tmp_path: Path) -> Iterator[str]:
    """A cipher that has encrypted here, and left in eight places what it needs."""
    (tmp_path / "cheat.py").write_text(CHEAT)
    reference = f"{tmp_path / 'cheat.py'}:Cheat"
    cipher = load_cipher(reference)
    image = np.zeros((1, len(PLACES)), np.uint8)
    assert cipher.decrypt(cipher.encrypt(image, bytes(8), bytes(16)), bytes(8)).tolist() == [[1] * len(PLACES)]
    yield reference
    for place in (np, sys.modules["builtins"], sys.modules["numba.core"]):
        del place.kept  # type: ignore[attr-defined]
    del sys.modules["kept"], os.environ["KEPT"]


def message(image: Any) -> list[tuple[Encrypted, bytes]]:
    return [(Encrypted(np.array(image, np.uint8)), bytes(8))]


@pytest.mark.usefixtures("started_here", "either_way")
def test_nothing_of_the_encrypting_process_is_left(cheat: str) -> None:
    """Globals, attributes of NumPy, numba and Python, modules, variables and threads are those of a new Python."""
    (answer,) = decrypt_in_fresh_process(cheat, message(np.zeros((1, len(PLACES)))), 60)
    assert dict(zip(PLACES, np.array(answer)[0], strict=True)) == dict.fromkeys(PLACES, 0)


def ask(program: str) -> tuple[int | None, str]:
    """Exit code and output of a program in a forked process; the server stays the one that there is."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(fresh_process, "_PROGRAM", program)
        environment = dict(os.environ) | {"PYTHONHASHSEED": "random"}
        ended = fresh_process._forked(("a", "b"), environment, Path(folder, "output"), 30.0)
    assert ended is not None
    return ended


@LINUX
def test_the_server_has_nothing_of_ours() -> None:
    """A forked process has NumPy and numba, no module of this package, one thread, and what a new Python has."""
    code, said = ask(
        "import os, sys, threading\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'cryptobench']\n"
        "assert 'numba' in sys.modules and 'numpy' in sys.modules\n"
        "assert len(os.listdir('/proc/self/task')) == threading.active_count() == 1\n"
        "assert [int(name) for name in sorted(os.listdir('/proc/self/fd'), key=int)][:3] == [0, 1, 2]\n"
        "assert __name__ == '__main__' and sys.modules['__main__'].__dict__ is globals()\n"
        f"assert sys.argv == ['-c', 'a', 'b'] and os.getcwd() == {str(Path.cwd())!r}\n"
        f"assert os.environ == {dict(os.environ) | {'PYTHONHASHSEED': 'random'}!r}\n"
    )
    assert (code, said) == (0, "")


@LINUX
def test_forked_processes_share_nothing() -> None:
    """Each draws other numbers by chance than the one before, and finds none of what that one has left."""
    program = (
        "import random, sys, numpy as np; assert not hasattr(np, 'left'); np.left = 1\n"
        "print(random.random(), np.random.random(), np.random.default_rng().random(), file=sys.stderr)"
    )
    (first_code, first), (second_code, second) = ask(program), ask(program)
    assert first_code == second_code == 0
    assert not {*first.split()} & {*second.split()}
    assert len({*first.split(), *second.split()}) == 6


@LINUX
@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("raise SystemExit", 0), ("raise SystemExit(4)", 4), ("raise SystemExit('no')", 1), ("1 / 0", 1),
        ("import os; os.kill(os.getpid(), 11)", -11), ("import os; os.fork() or os.execlp('sleep', 'sleep', '1')", 0),
    ],
)  # fmt: skip
def test_exit_codes_are_those_of_python(program: str, code: int) -> None:
    """Also of one that is killed, or has started another, which lives on."""
    assert ask(program)[0] == code


@LINUX
def test_a_killed_server_is_started_again() -> None:
    """The process after that comes from another server."""
    ask("")
    first = fresh_process._server
    assert first is not None
    first._popen.send_signal(signal.SIGKILL)
    assert ask("")[0] == 0
    assert fresh_process._server is not first


@LINUX
def test_one_server_serves_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until libraries would be loaded differently; what its processes use of a core is counted."""
    ask("")
    first, before = fresh_process._server, core_seconds()
    monkeypatch.setenv("OTHER", "1")
    ask("import time\nwhile time.process_time() < 0.1: pass")
    assert fresh_process._server is first
    assert core_seconds() - before >= 0.1
    monkeypatch.setenv("NUMBA_OPT", "2")
    assert ask("import numba; assert numba.config.OPT == 2") == (0, "")
    assert fresh_process._server is not first


@LINUX
@pytest.mark.parametrize("kill", [True, False])
def test_the_server_ends_with_its_process(kill: bool) -> None:
    """However that ends."""
    program = (
        "import os, sys, time; from cryptobench import fresh_process as f; from pathlib import Path\n"
        "f._PROGRAM = ''; f._forked((), dict(os.environ), Path('/dev/null'), 30.0)\n"
        "print(f._server._popen.pid, flush=True)\n" + "time.sleep(60)" * kill
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        server = psutil.Process(int(process.stdout.readline()))
        if kill:
            process.kill()
    end = time.monotonic() + 30
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end, "the server lives on"
        time.sleep(0.02)


def test_a_servers_start_counts_towards_the_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The new process is given what is left of it; where nothing is, the server is not to blame."""
    given = []

    class Slow:
        def __init__(self, environment, seconds):
            given.append(seconds)
            time.sleep(0.05)
            if seconds < 0.05:
                raise TimeoutError

        def ask(self, request, seconds):
            given.append(request["seconds"])
            return {"code": 0, "core_seconds": 0.0}

        def close(self):
            pass

    monkeypatch.setattr(fresh_process, "_Server", Slow)
    for timeout, wanted in ((9.0, (0, "")), (0.02, (None, ""))):
        monkeypatch.setattr(fresh_process, "_server", None)
        assert fresh_process._forked((), {}, tmp_path / "output", timeout) == wanted
    start, left, late = given
    assert start <= 9
    assert left <= 8.95
    assert late <= 0.02
    assert fresh_process._serves


def test_without_a_server_python_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it cannot be had at all: the same answer."""
    fresh_process._stop()
    monkeypatch.setattr(fresh_process_server, "__file__", "/nowhere/to_be_found.py")
    monkeypatch.setattr(fresh_process, "_serves", fresh_process._serves)
    (answer,) = decrypt_in_fresh_process("identity", [(Encrypted(np.array([[1, 2, 3]], np.uint8)), bytes(32))], 60)
    assert np.array_equal(np.array(answer), [[1, 2, 3]])
    assert not fresh_process._serves


def test_programs_decrypt_in_a_new_process(tmp_path: Path) -> None:
    """A cipher that is a program is loaded there from its .toml."""
    reference = write_calls(tmp_path)
    cipher = load_cipher(reference)
    image, key = np.arange(64, dtype=np.uint8).reshape(8, 8), bytes(range(cipher.card.key_bytes))
    (answer,) = decrypt_in_fresh_process(reference, [(cipher.encrypt(image, key, bytes(16)), key)], 60)
    assert np.array_equal(np.array(answer), image)
