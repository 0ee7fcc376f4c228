"""Tries a cipher in a process of its own before anything is measured: what its code consists of, and how it behaves.

Only this sees all files that its code comes from, however they are imported, and the data files that it opens. Their
contents make up the digest by which finished measurements are found again.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptobench.card import Card, KeyField
from cryptobench.own_files import content_hash
from cryptobench.scratch import ScratchFolder

if TYPE_CHECKING:
    from cryptobench.cipher import Cipher, Image
    from cryptobench.watch import Watch

__all__ = ["Preflight", "answer", "code_of", "preflights", "warm_seconds"]

_LOADING_SECONDS = 300.0  # a large library on a busy machine, read from a cold disk
_TRYING_SECONDS = 120.0
_TRIES = 3
_KILLED = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
_POLL_SECONDS = 0.02
_SIDE = 64
_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PROGRAM = (
    "import json, sys; path, reference, folder = json.loads(sys.argv[1]); sys.path[:] = path; sys.argv[1:] = []; "
    "from cryptobench.preflight import answer; answer(reference, folder)"
)


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """What a cipher did in a process of its own.

    ``files`` are the user's own files that it depends on and the sha256 of each, ``versions`` the installed packages
    (``name==version``) that these import, ``static`` the digest that `registry.code_version` has for it. ``seconds`` is
    wall time of one encryption and decryption of ``samples`` samples, after a first one; None if there was none.
    ``breaches`` says in a line each where it breaks the interface. ``fate`` says in one line why it could not be tried
    to the end; it is empty if it could.
    """

    reference: str
    files: tuple[tuple[str, str], ...] = ()
    versions: tuple[str, ...] = ()
    static: str = ""
    card: Card | None = None
    seconds: float | None = None
    samples: int = 0
    breaches: tuple[str, ...] = ()
    fate: str = ""

    @property
    def code(self) -> str:
        """The digest of the cipher's code and data."""
        return code_of(self.static, dict(self.files), self.versions)

    def joined(self, paths: Iterable[str]) -> Preflight:
        """The same with further files, as far as they exist, that it turned out to depend on."""
        known = dict(self.files)
        further = {path: content_hash(path) for path in paths if path not in known}
        present = {path: content for path, content in further.items() if content is not None}
        return replace(self, files=tuple(sorted({**known, **present}.items())))


def code_of(static: str, files: Mapping[str, str], versions: Sequence[str]) -> str:
    """The digest of a cipher's code and data: of contents alone, so that moving a folder changes nothing."""
    parts = [static, sorted(set(files.values())), sorted(versions)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def preflights(references: Sequence[str], jobs: int | None = None) -> dict[str, Preflight]:
    """Try ciphers, by name or ``path/to/file.py:ClassName``, ``jobs`` at once (None: one for each CPU)."""
    if not references:
        return {}
    started: list[subprocess.Popen[bytes]] = []
    stopped = threading.Event()
    width = min(len(references), jobs or os.cpu_count() or 1)
    with ThreadPoolExecutor(width, "preflight") as pool:
        try:
            futures = {
                reference: pool.submit(_try, reference, started, stopped) for reference in dict.fromkeys(references)
            }
            return {reference: future.result() for reference, future in futures.items()}
        except BaseException:  # Ctrl-C
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in started:
                process.kill()
            raise


def _try(reference: str, started: list[subprocess.Popen[bytes]], stopped: threading.Event) -> Preflight:
    """Try it; again where somebody else ended the process, since half a list of files is another digest."""
    for _ in range(_TRIES):
        trial, killed = _try_once(reference, started)
        if not killed or stopped.is_set():
            break
    return trial


def _try_once(reference: str, started: list[subprocess.Popen[bytes]]) -> tuple[Preflight, bool]:
    """What it did, and whether its process was killed by a signal that comes from outside."""
    with ScratchFolder() as folder:
        question = json.dumps([[entry for entry in sys.path if isinstance(entry, str)], reference, folder])
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, question],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
            env=os.environ | dict.fromkeys(_ONE_THREAD, "1"),
        )  # fmt: skip
        started.append(process)
        try:
            fate = _ending(process, Path(folder))
            killed = bool(fate) and process.returncode in _KILLED
        finally:
            _end(process)
        report = _read(Path(folder, "report.json"))
    if report is None:
        return Preflight(reference=reference, fate=fate or "the process that tries it wrote no report"), killed
    return _preflight(reference, report, fate), killed


def _ending(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Wait for the process; a line on what became of it, empty if it ended as it should."""
    limit, start, what = _LOADING_SECONDS, time.monotonic(), "importing it"
    while True:
        try:
            code = process.wait(_POLL_SECONDS)
            break
        except subprocess.TimeoutExpired:
            if what == "importing it" and (folder / "loaded").exists():
                limit, start, what = _TRYING_SECONDS, time.monotonic(), "encrypting and decrypting small images"
            if time.monotonic() - start > limit:
                return f"{what} takes more than {limit:g} s"
    if (folder / "done").exists():
        return ""
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    last = (process.stderr.read() or b"").decode(errors="replace").strip().splitlines()[-1:]
    return f"its process {_said(code)}" + "".join(f": {line}" for line in last)


def _said(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    known = {number.value for number in signal.Signals}
    return f"was killed by {signal.Signals(-code).name if -code in known else f'signal {-code}'}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and those that it left behind."""
    try:
        os.killpg(process.pid, 9)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stderr):
        if stream is not None:
            stream.close()


def _read(path: Path) -> dict[str, Any] | None:
    try:
        report = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return report if isinstance(report, dict) else None


def _preflight(reference: str, report: dict[str, Any], fate: str) -> Preflight:
    card = report.get("card")
    if card is not None:
        lists = {name: tuple(value) for name, value in card.items() if isinstance(value, list)}
        card = Card(**(card | lists | {"key": tuple(KeyField(**field) for field in card["key"])}))
    return Preflight(
        reference=reference, files=tuple(sorted(report["files"].items())), versions=tuple(report["versions"]),
        static=report["static"], card=card, seconds=report["seconds"], samples=report["samples"],
        breaches=tuple(report["breaches"]), fate=fate or report["fate"],
    )  # fmt: skip


def answer(reference: str, folder: str) -> None:
    """What the new process does: load and try the cipher, and leave ``report.json`` in ``folder``. Does not return."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _leave_the_parents_streams()
    report: dict[str, Any] = {
        "files": {}, "versions": [], "static": "", "card": None, "seconds": None, "samples": 0, "breaches": [],
        "fate": "",
    }  # fmt: skip

    def write() -> None:
        part = Path(folder, "report.part")
        part.write_text(json.dumps(report), encoding="utf-8")
        part.replace(Path(folder, "report.json"))

    try:
        _answer(reference, report, write, Path(folder, "loaded"))
    except BaseException as error:
        report["fate"] = _one_line(error)
    write()
    Path(folder, "done").touch()
    os._exit(0)  # threads that the cipher left behind are not waited for


def _leave_the_parents_streams() -> None:
    """Print nowhere, read from nowhere, and end with the parent."""
    parent, nowhere = os.dup(0), os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    threading.Thread(target=lambda: (os.read(parent, 1), os._exit(1)), daemon=True).start()


def _answer(reference: str, report: dict[str, Any], write: Callable[[], None], loaded: Path) -> None:
    from cryptobench.registry import RegistryError, code_version, load_cipher, locate
    from cryptobench.watch import Watch, watching

    watch, location = Watch(), locate("cipher", reference)
    watch.add(str(location.file))
    try:
        with watching(watch):
            cipher = load_cipher(reference)
        report["card"] = asdict(cipher.card)
        _add_named(watch, cipher.card, location.file, report)
    except RegistryError as error:
        report["fate"] = str(error)
    report["static"] = code_version("cipher", reference)
    _add_files(watch, report)
    write()
    loaded.touch()
    if report["fate"]:
        return
    try:
        with watching(watch):
            report["seconds"], report["samples"] = warm_seconds(cipher)
    except BaseException as error:
        report["fate"] = _one_line(error)
    _add_files(watch, report)
    write()
    with watching(watch, calls_only=True):
        report["breaches"] += _breaches(cipher)
    _add_files(watch, report)
    if report["breaches"]:
        report["fate"] = ""  # they say it better


def _add_named(watch: Watch, card: Card, source: Path, report: dict[str, Any]) -> None:
    """Count the files that the card names."""
    for name in card.files:
        path = source.parent / name
        if not path.exists():
            report["breaches"].append(f"{card.name}: the card names the file {name}, which is not beside {source.name}")
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            watch.add(str(file))


def _add_files(watch: Watch, report: dict[str, Any]) -> None:
    """Take over what has been seen, and what it imports by its source text."""
    from cryptobench.own_files import imported_from, versions_of

    watch.add_modules()
    files, others = imported_from(list(watch.files))
    for path in files:
        watch.add(path)
    report["files"] = dict(watch.files)
    report["versions"] = versions_of(others | watch.imported)


def warm_seconds(cipher: Cipher) -> tuple[float, int]:
    """Wall seconds of the second encryption and decryption of a small image, and the image's samples."""
    from cryptobench.cipher import NONCE_BYTES

    image = _image(cipher.card)
    key, nonce = (hashlib.shake_256(label).digest(count) for label, count in (
        (b"preflight|key", cipher.card.key_bytes), (b"preflight|nonce", NONCE_BYTES),
    ))  # fmt: skip
    seconds = 0.0
    for _ in range(2):
        start = time.perf_counter()
        cipher.decrypt(cipher.encrypt(image.copy(), key, nonce), key)
        seconds = time.perf_counter() - start
    return seconds, image.size


def _image(card: Card) -> Image:
    """A picture within the card's limits: a slope, with each sample off it by a little."""
    import numpy as np

    step = card.sides_multiple_of
    side = max(_SIDE, card.min_side)
    side = min(-(-side // step) * step, card.max_side if card.max_side is not None else side + step)
    side = max(side // step * step, 1)
    grey = card.channels is None or 1 in card.channels
    shape = (side, side) if grey else (side, side, min(card.channels or (3,)))
    noise = np.frombuffer(hashlib.shake_256(b"preflight|image").digest(int(np.prod(shape))), np.uint8).reshape(shape)
    rows, columns = np.indices(shape)[:2]
    slope: Image = ((2 * rows + columns) % 240).astype(np.uint8)
    return slope + noise % 16


def _breaches(cipher: Cipher) -> list[str]:
    """Where it breaks the interface, a line each."""
    try:
        contract = importlib.import_module("cryptobench.contract")
    except (ImportError, SyntaxError):
        return []
    return [str(line) for line in contract.find_breaches(cipher)]


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
