"""Tries a cipher in a process of its own before anything is measured: what its code consists of, and how it behaves.

Only this sees all files that its code comes from, however they are imported, and the data files that it opens. Their
contents make up the digest by which finished measurements are found again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptobench.blame import line_in_file
from cryptobench.card import Card, KeyField
from cryptobench.families import kill_family, marked
from cryptobench.own_files import content_hash, is_own, labels, versions_of
from cryptobench.scratch import ScratchFolder

__all__ = ["Preflight", "PreflightError", "card_of", "code_of", "preflights", "require_sound", "tried"]

_LOADING_SECONDS = 300.0  # a large library on a busy machine, read from a cold disk
_TRYING_SECONDS = 120.0
_TRYING = "encrypting and decrypting small images"
_TRIES = 3
_KILLED = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP)
_BUSY = 5
_POLL_SECONDS = 0.02
_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PROGRAM = (
    "import json, sys; path, *arguments = json.loads(sys.argv[1]); sys.path[:] = path; sys.argv[1:] = []; "
    "from cryptobench.trial import answer; answer(*arguments)"
)


class PreflightError(ValueError):
    """The process that tries a cipher ends before it comes to the cipher, so that the cipher cannot be blamed."""


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """What a cipher did in a process of its own.

    ``files`` are the user's own files that it depends on and the sha256 of each, ``versions`` the installed packages
    (``name==version``) that these import, ``static`` the digest that `registry.code_version` has for it. ``seconds`` is
    wall time of one encryption and decryption of ``samples`` samples, after a first one; None if there was none.
    ``breaches`` says in a line each where it breaks the interface, or why it could not be loaded or encrypt a small
    image: nothing of it is measured then. It is ``harmful`` if it cannot be loaded, or ends, holds up or changes the
    process that it is in. ``fate`` says in one line why it could not be tried to the end; it is empty if it could.
    """

    reference: str
    files: tuple[tuple[str, str], ...] = ()
    versions: tuple[str, ...] = ()
    static: str = ""
    card: Card | None = None
    seconds: float | None = None
    samples: int = 0
    breaches: tuple[str, ...] = ()
    harmful: bool = False
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


def card_of(reference: str) -> Card:
    """A cipher's card; where the source text does not have it as a literal, one that is not built in is tried for it.

    RegistryError if it cannot be had.
    """
    from cryptobench.registry import RegistryError, literal_card, read_card

    if card := literal_card(reference):
        return card
    trial = tried(reference)
    if trial is None:
        return read_card(reference)
    if trial.card is None:
        raise RegistryError(trial.fate)
    return trial.card


def tried(reference: str, seconds: float = math.inf) -> Preflight | None:
    """What a cipher did, which may take so many seconds to load, and as many to encrypt; None if it is built in.

    RegistryError if there is none of that name.
    """
    from cryptobench.catalogue import is_built_in
    from cryptobench.registry import locate

    if is_built_in(locate("cipher", reference).file):
        return None
    return preflights([reference], seconds=seconds)[reference]


def require_sound(reference: str) -> None:
    """Raise ContractError, with the line of the first breach, for a cipher that breaks the interface where it is tried.

    RegistryError if it cannot be loaded, and has no card. A built-in cipher is not tried.
    """
    from cryptobench.cipher import ContractError
    from cryptobench.registry import RegistryError

    trial = tried(reference)
    if trial is None:
        return
    if trial.breaches:
        more = f" (and {len(trial.breaches) - 1} more)" if len(trial.breaches) > 1 else ""
        raise ContractError(f"{trial.breaches[0]}{more}")
    if trial.card is None:
        raise RegistryError(trial.fate)


def code_of(static: str, files: Mapping[str, str], versions: Sequence[str]) -> str:
    """The digest of a cipher's code and data: of names and contents, so that moving its folders together is no change.

    The names matter: two tables that change places are another cipher.
    """
    named = labels(files)
    parts = [static, sorted((named[path], content) for path, content in files.items()), sorted(versions)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def preflights(
    references: Sequence[str], jobs: int | None = None, memory: int | None = None, *, seconds: float = math.inf
) -> dict[str, Preflight]:
    """Try ciphers, by name or ``path/to/file.py:ClassName``, ``jobs`` at once (None: one for each CPU).

    Each has so many bytes of ``memory``, None for all, and at most so many ``seconds`` to load and to encrypt.
    PreflightError if that does not suffice to start.
    """
    if not references:
        return {}
    started: list[subprocess.Popen[bytes]] = []
    stopped = threading.Event()
    width = min(len(references), jobs or os.cpu_count() or 1)
    with ThreadPoolExecutor(width, "preflight", _leave_interrupts_to_the_main_thread) as pool:
        try:
            futures = {
                reference: pool.submit(_try, reference, memory, seconds, started, stopped)
                for reference in dict.fromkeys(references)
            }
            return {reference: future.result() for reference, future in futures.items()}
        except BaseException:  # Ctrl-C
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in started:
                process.kill()
            raise


def _leave_interrupts_to_the_main_thread() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # the processes that this thread starts inherit it


def _try(
    reference: str, memory: int | None, seconds: float, started: list[subprocess.Popen[bytes]], stopped: threading.Event
) -> Preflight:
    """Try it; again where somebody else ended the process, since half a list of files is another digest."""
    for _ in range(_TRIES):
        trial, killed = _try_once(reference, memory, seconds, started)
        if not killed or stopped.is_set():
            break
    return trial


def _try_once(
    reference: str, memory: int | None, seconds: float, started: list[subprocess.Popen[bytes]]
) -> tuple[Preflight, bool]:
    """What it did, and whether its process was killed by a signal that comes from outside."""
    mark = marked()
    with ScratchFolder() as folder:
        question = json.dumps([[entry for entry in sys.path if isinstance(entry, str)], reference, folder, memory])
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, question],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
            env=os.environ | dict.fromkeys(_ONE_THREAD, "1") | mark,
        )  # fmt: skip
        started.append(process)
        try:
            fate = _ending(process, Path(folder), seconds)
            killed = bool(fate) and process.returncode in _KILLED
        finally:
            _end(process, mark)
        report, begun = _read(Path(folder, "report.json")), Path(folder, "begun").exists()
    if not begun and not killed:
        limit = f" within {memory >> 20} MiB of memory" if memory else ""
        reason = fate.removeprefix("importing it ends the process: it ")
        helps = "; a larger --memory or fewer --jobs may help" if memory else ""
        raise PreflightError(f"the process that tries {reference} does not start{limit} ({reason}){helps}")
    if report is None:
        fate = fate or "the process that tries it wrote no report"
        report = {
            "files": {}, "imported": [], "seconds": None, "samples": 0, "breaches": [], "harmful": True, "fate": "",
        }  # fmt: skip
    return _preflight(reference, report, fate), killed


def _ending(process: subprocess.Popen[bytes], folder: Path, most: float) -> str:
    """Wait for the process; a line on what became of it, empty if it ended as it should."""
    limit, start, what, before = min(_LOADING_SECONDS, most), time.monotonic(), "importing it", 0.0
    while True:
        try:
            code = process.wait(_POLL_SECONDS)
            break
        except subprocess.TimeoutExpired:
            if what == "importing it" and (folder / "loaded").exists():
                limit, start, what, before = min(_TRYING_SECONDS, most), time.monotonic(), _TRYING, _computed(process)
            if _is_too_long(process, time.monotonic() - start, limit, before):
                return f"{what} takes more than {limit:g} s{_where(process, folder)}"
    if (folder / "done").exists():
        return ""
    what = _TRYING if (folder / "loaded").exists() else what  # it may have ended before the last look
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    last = (process.stderr.read() or b"").decode(errors="replace").strip().splitlines()[-1:]
    said = f"{what} ends the process: it {_said(code)}" + "".join(f": {line}" for line in last)
    return f"{said}{_where(None, folder)}"


def _is_too_long(process: subprocess.Popen[bytes], seconds: float, limit: float, computed: float) -> bool:
    """Whether it waits or computes for too long, having ``computed`` before; on a busy machine it may take a while."""
    return seconds > limit and (not limit / 10 < _computed(process) - computed < limit or seconds > _BUSY * limit)


def _computed(process: subprocess.Popen[bytes]) -> float:
    """The seconds that a process has had a CPU."""
    import psutil

    try:
        return float(sum(psutil.Process(process.pid).cpu_times()[:2]))
    except psutil.Error:
        return 0.0


def _where(process: subprocess.Popen[bytes] | None, folder: Path) -> str:
    """ " (my_cipher.py, line 12)": the line of the user's own code that a process is at, or has died at, or ""."""
    if process is not None and hasattr(signal, "SIGQUIT"):
        process.send_signal(signal.SIGQUIT)
        time.sleep(0.2)
    try:
        text = (folder / "where").read_text(errors="replace")
    except OSError:
        return ""
    places = re.findall(r'\n  File "(.+)", line (\d+) in ', text)
    own = ((Path(file), line) for file, line in places if Path(file).is_absolute() and is_own(os.path.realpath(file)))
    return next((f" ({file.name}, line {line})" for file, line in own), "")


def _said(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    known = {number.value for number in signal.Signals}
    return f"was killed by {signal.Signals(-code).name if -code in known else f'signal {-code}'}"


def _end(process: subprocess.Popen[bytes], mark: dict[str, str]) -> None:
    """End the process and those that it left behind."""
    kill_family(process.pid, mark)
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
    from cryptobench.registry import code_version

    static = ""
    with contextlib.suppress(SyntaxError, OSError, ValueError):  # loading it has failed for the same reason
        static = code_version("cipher", reference)
    card = report.get("card")
    if card is not None:
        lists = {name: tuple(value) for name, value in card.items() if isinstance(value, list)}
        card = Card(**(card | lists | {"key": tuple(KeyField(**field) for field in card["key"])}))
    breaches = tuple(report["breaches"])
    if "exit code" in fate:
        fate += line_in_file(Path(reference.rpartition(":")[0]), r"\b_exit\(")
    if fate and not breaches:
        breaches = tuple(f"{known.name}: {fate}" for known in (card or _literal_card(reference),) if known)
    return Preflight(
        reference=reference, files=tuple(sorted(report["files"].items())), versions=versions_of(report["imported"]),
        static=static, card=card, seconds=report["seconds"], samples=report["samples"], breaches=breaches,
        harmful=report["harmful"] or bool(fate), fate=fate or report["fate"],
    )  # fmt: skip


def _literal_card(reference: str) -> Card | None:
    from cryptobench.registry import RegistryError, literal_card

    try:
        return literal_card(reference)
    except RegistryError:  # the file has gone
        return None
