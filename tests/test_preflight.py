"""What is tried before a run: the files that a cipher depends on, how it behaves, and what becomes of it."""

from __future__ import annotations

import builtins
import os
import shutil
import time
from pathlib import Path
from unittest.mock import Mock

import psutil
import pytest

from cryptobench import preflight
from cryptobench.preflight import Preflight, PreflightError, card_of, code_of, preflights
from cryptobench.registry import RegistryError
from tests.forked import fork_preflights
from tests.own_ciphers import cipher, write

pytestmark = pytest.mark.usefixtures("nothing_mapped")
_BEGINS = "import json, os, sys; open(os.path.join(json.loads(sys.argv[1])[2], 'begun'), 'w').close()"
_MASK = "def mask(): return 255\n"


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ciphers are tried in children of this process, and not looked at for breaches."""
    fork_preflights(monkeypatch, examined=False)


def tried(path: Path) -> Preflight:
    (found,) = preflights([f"{path}:C"], jobs=1).values()
    return found


def digest(found: Preflight) -> str:
    """Its digest, but for the code of cryptobench."""
    return code_of("", dict(found.files), found.versions)


def names(found: Preflight) -> set[str]:
    return {Path(path).name for path, _ in found.files}


def test_moving_all_files_together_changes_nothing() -> None:
    """Names count as far as they tell files apart, wherever they lie; the static digest and packages count too."""
    files = {"/a/p/ciph.py": "1", "/a/p/t/m.bin": "2", "/a/p/u/m.bin": "3"}
    moved = {f"/elsewhere{path}": content for path, content in files.items()}
    code = code_of("s", files, ["numpy==2", "scipy==1"])
    assert code == code_of("s", moved, ["scipy==1", "numpy==2"])
    assert code == code_of("s", dict(reversed(files.items())), ["numpy==2", "scipy==1"])
    assert code != code_of("t", files, ["numpy==2", "scipy==1"])
    assert code != code_of("s", files, ["numpy==2", "scipy==2"])


def test_contents_that_change_places_are_noticed() -> None:
    """Two tables that are exchanged, and a link that points to the other of two files that are read anyway."""
    assert code_of("", {"/p/a": "1", "/p/b": "2"}, []) != code_of("", {"/p/a": "2", "/p/b": "1"}, [])
    files = {"/p/v1.py": "1", "/p/v2.py": "2"}
    assert code_of("", files | {"/p/now.py": "1"}, []) != code_of("", files | {"/p/now.py": "2"}, [])


@pytest.mark.usefixtures("forked")
def test_the_digest_follows_nothing_else(tmp_path: Path) -> None:
    """Neither a folder's place, nor a file beside, an empty one, or what was compiled changes it."""
    write(tmp_path / "a", {"p/__init__.py": "", "p/ciph.py": cipher("from .h import mask"), "p/h.py": _MASK})
    first = tried(tmp_path / "a/p/ciph.py")
    write(tmp_path / "a", {"p/unrelated.py": "x = 1", "p/data.txt": "1"})
    assert digest(tried(tmp_path / "a/p/ciph.py")) == digest(first)
    shutil.copytree(tmp_path / "a", tmp_path / "b/elsewhere")
    (tmp_path / "b/elsewhere/p/__init__.py").unlink()
    assert digest(tried(tmp_path / "b/elsewhere/p/ciph.py")) == digest(first)
    assert names(first) == {"ciph.py", "h.py"}


@pytest.mark.usefixtures("forked")
def test_it_tells_card_and_warm_time(tmp_path: Path) -> None:
    """The card comes as it is, computed or not; the time is of a second call, on an image within the card's limits."""
    text = cipher("import time\nslow = [0.5]\ndef mask(): time.sleep(slow.pop() if slow else 0.01); return 255")
    write(
        tmp_path, {"ciph.py": text.replace('name="mine"', 'name="mi" + "ne"').replace("deviations=()", "square=True")}
    )
    found = tried(tmp_path / "ciph.py")
    assert found.card is not None
    assert (found.card.name, found.card.square, found.card.key_bytes) == ("mine", True, 32)
    assert found.seconds is not None
    assert 0.02 <= found.seconds < 0.4
    assert found.samples == 64 * 64


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize(
    ("limits", "side"),
    [
        ("max_side=20", 20),
        ("min_side=100", 100),
        ("sides_multiple_of=48", 96),
        ("sides_multiple_of=48, max_side=64", 48),
    ],
)
def test_its_image_fits_the_card(tmp_path: Path, limits: str, side: int) -> None:
    """Sides stay within the card's limits and are the multiples that it asks for; channels are its own."""
    text = cipher(_MASK).replace("deviations=()", f"channels=(3,), {limits}")
    write(tmp_path, {"ciph.py": text})
    assert tried(tmp_path / "ciph.py").samples == side * side * 3


_SMALL = "encrypting and decrypting small images"
FATES = {
    "os._exit(0)": f"{_SMALL} ends the process: it ended with exit code 0 HERE",
    "os.kill(os.getpid(), 9)": f"{_SMALL} ends the process: it was killed by SIGKILL",
    "ctypes.string_at(0)": f"{_SMALL} ends the process: it was killed by SIGSEGV HERE",
    "time.sleep(60)": f"{_SMALL} takes more than 2 s HERE",
    "(_ for _ in ()).throw(KeyboardInterrupt)": "encrypt or decrypt raised KeyboardInterrupt HERE",
    "np.isnan = min": "the cipher's code replaces np.isnan, which changes what is measured of others; give the "
    "function another name HERE",
    "os.closerange(0, 9)": "encrypt or decrypt closes files that it has not opened (file descriptors 0, 1, 2, 3); "
    "close only what it opens THERE",
    "os.fork() or time.sleep(60)": "encrypt or decrypt leaves 15 processes behind; end them, and wait for them THERE",
    "open(__file__, 'a').write('#')": "ciph.py, a file of its own, changes as it runs",
    "[print('x' * 100, file=stream, flush=True) for stream in (sys.stdout, sys.stderr) for _ in range(9999)]": "",
    "input()": "encrypt raised EOFError: EOF when reading a line HERE",
}


def test_what_becomes_of_it_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A cipher that ends its process, hangs, raises or prints harms nothing and says so; its files are known anyway."""
    monkeypatch.setattr(preflight, "_TRYING_SECONDS", 2.0)
    for number, deed in enumerate(FATES):
        body = f"import ctypes, os, sys, time\nfrom h import mask as m\ndef mask():\n    {deed}\n    return m()"
        write(tmp_path / str(number), {"ciph.py": cipher(body), "h.py": _MASK})
    lines = (tmp_path / "0/ciph.py").read_text().splitlines()
    number = {text: next(n for n, line in enumerate(lines, 1) if text in line) for text in ("os._exit", "def encrypt")}
    found = preflights([f"{tmp_path / str(number) / 'ciph.py'}:C" for number in range(len(FATES))])
    for one, (deed, fate) in zip(found.values(), FATES.items(), strict=True):
        wanted = fate.replace("THERE", f"(ciph.py, line {number['def encrypt']})")
        wanted = wanted.replace("HERE", f"(ciph.py, line {number['os._exit']})")
        assert one.breaches == ((f"mine: {wanted}",) if fate else ()), deed
        assert names(one) == {"ciph.py", "h.py"}, deed
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("loaded", "what"), [(True, _SMALL), (False, "importing it")])
def test_where_a_quick_end_came_is_known(tmp_path: Path, loaded: bool, what: str) -> None:
    """A process that has loaded the cipher and ended before anybody looked did not end while it loaded."""
    if loaded:
        (tmp_path / "loaded").touch()
    process = Mock(wait=Mock(return_value=0), stderr=(tmp_path / "stderr").open("wb+"))
    said = preflight._ending(process, tmp_path, 60.0)
    assert said == f"{what} ends the process: it ended with exit code 0"


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize(
    ("body", "fate"),
    [
        ("import no_such_module", "needs the module 'no_such_module', which is not installed"),
        ("os_ = importlib.import_module('os')._exit(5)", "importing it ends the process: it ended with exit code 5"),
        ("def mask(:", "ciph.py, line "),
    ],
)
def test_what_cannot_be_imported_says_why(tmp_path: Path, body: str, fate: str) -> None:
    """A module that is missing, one that ends the process, one that is no Python."""
    write(tmp_path, {"ciph.py": cipher(body)})
    found = tried(tmp_path / "ciph.py")
    assert fate in found.fate
    assert found.card is None


def test_processes_left_behind_are_ended(tmp_path: Path) -> None:
    """A child that the cipher starts in a session of its own, and a thread that goes on, end with its own process."""
    body = (
        "import subprocess, sys, threading, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        f"Path({str(tmp_path)!r}, 'pid').write_text(str(child.pid))\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n" + _MASK
    )
    write(tmp_path, {"ciph.py": cipher(body)})
    start = time.monotonic()
    assert tried(tmp_path / "ciph.py").fate == ""
    assert time.monotonic() - start < 60
    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert os.getpid() != child


@pytest.mark.parametrize(("number", "times"), [(9, 3), (15, 3), (11, 1), (2, 1)])
def test_a_killed_process_is_started_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int, times: int
) -> None:
    """Three times for signals from outside, since half a list of files is another digest; an interrupt ends nothing."""
    dies = f"open({str(tmp_path / 'starts')!r}, 'a').write('x'); os.kill(os.getpid(), {number})"
    monkeypatch.setattr(preflight, "_PROGRAM", f"{_BEGINS}; {dies}")
    assert ("ended with exit code 0" if number == 2 else "killed by SIG") in tried(tmp_path / "ciph.py").fate
    assert (tmp_path / "starts").read_text() == "x" * times


@pytest.mark.parametrize(
    ("end", "told"), [("os._exit(1)", "ended with exit code 1"), ("os.abort()", "killed by SIGABRT")]
)
def test_a_process_that_ends_before_the_cipher_is_loaded_is_not_its_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, end: str, told: str
) -> None:
    """As without memory for NumPy: what it wrote last is told, and no cipher is said to have ended it."""
    monkeypatch.setattr(preflight, "_PROGRAM", f"import os; os.write(2, b'no room\\n'); {end}")
    with pytest.raises(PreflightError, match=rf"{told}: no room\)$"):
        tried(tmp_path / "ciph.py")


@pytest.mark.usefixtures("forked")
def test_a_computed_card_comes_from_there(tmp_path: Path) -> None:
    """A card that is no literal is read in the cipher's own process, and an import that fails is one line."""
    text = cipher(_MASK).replace('name="mine"', 'name="mi" + "ne"')
    write(tmp_path, {"ciph.py": f"import builtins\nbuiltins.spoilt = True\n{text}", "ends.py": f"exit(3)\n{text}"})
    assert card_of(f"{tmp_path}/ciph.py:C").name == "mine"
    assert not hasattr(builtins, "spoilt")
    with pytest.raises(RegistryError, match=r"importing ends\.py failed: SystemExit: 3"):
        card_of(f"{tmp_path}/ends.py:C")
    assert card_of("aes-256-siv").name == "aes-256-siv"
