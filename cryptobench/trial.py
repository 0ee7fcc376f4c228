"""What the process does in which a cipher is tried: it loads it, looks for breaches, times it, and writes a report."""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptobench import libraries
from cryptobench.card import Card
from cryptobench.families import end_with_the_parent
from cryptobench.own_files import content_hash, imported_from, is_own
from cryptobench.watch import Watch, watching

if TYPE_CHECKING:
    from cryptobench.cipher import Cipher, Image
    from cryptobench.contract import ProcessState

__all__ = ["answer", "warm_seconds"]

_SIDE = 64


def answer(reference: str, folder: str, memory: int | None) -> None:
    """Load and try the cipher, with so many bytes of memory, and leave ``report.json`` in ``folder``; no return.

    A file ``begun`` there says that all is there but the cipher, ``loaded`` that it is loaded, ``done`` that this came
    to its end. SIGQUIT writes where it is to ``where``, as a fatal error does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(memory)
    from cryptobench import contract, registry  # noqa: F401 - what takes memory, NumPy, and says so if there is none

    _leave_the_parents_streams()
    Path(folder, "begun").touch()
    _tell_where(Path(folder, "where"))
    report: dict[str, Any] = {
        "files": {}, "imported": [], "card": None, "seconds": None, "samples": 0, "breaches": [],
        "harmful": False, "fate": "",
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
    end_with_the_parent(parent)
    threading.Thread(target=lambda: (os.read(parent, 1), os._exit(1)), daemon=True).start()


def _limit(memory: int | None) -> None:
    if memory is not None and sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (memory if hard == -1 else min(memory, hard), hard))


def _tell_where(path: Path) -> None:
    where = path.open("w")  # for as long as the process lives
    faulthandler.enable(where, all_threads=False)
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGQUIT, where, all_threads=False)


def _answer(reference: str, report: dict[str, Any], write: Callable[[], None], loaded: Path) -> None:
    from cryptobench.contract import Harm, process_state
    from cryptobench.registry import locate

    location = locate("cipher", reference)
    watch = Watch(str(location.file))
    watch.add(str(location.file))
    before, state = libraries.functions(), process_state(alone=True)
    cipher, found = _loaded(reference, watch, report, before)
    report["breaches"] += _harm(reference, location.file, found, state, report)
    report["harmful"] = bool(report["breaches"])
    _add_files(watch, report)
    write()
    loaded.touch()
    if cipher is None or report["breaches"]:
        return
    _add_named(watch, cipher.card, location.file, report)
    with watching(watch, calls_only=True):
        breaches = _breaches(cipher, before)
    report["breaches"] += breaches
    report["harmful"] = any(isinstance(line, Harm) for line in breaches)
    _add_files(watch, report)
    if not report["breaches"]:
        write()
        _time(cipher, watch, report)
    changed = [Path(file).name for file, content in watch.files.items() if content_hash(file) != content]
    report["breaches"] += [f"{cipher.card.name}: {name}, a file of its own, changes as it runs" for name in changed]


def _loaded(
    reference: str, watch: Watch, report: dict[str, Any], before: libraries.Functions
) -> tuple[Cipher | None, list[libraries.Replaced]]:
    """The cipher, None, and why in the report, if it cannot be loaded; and what it has replaced, which is put back."""
    from cryptobench.registry import RegistryError, load_cipher

    cipher: Cipher | None = None
    failure: BaseException | None = None
    try:
        with watching(watch):
            cipher = load_cipher(reference)
        report["card"] = asdict(cipher.card)
    except BaseException as error:
        failure = error
    found = libraries.replaced(before)
    libraries.restore(found)  # before anything else is done, which may need it
    if isinstance(failure, RegistryError):
        report["fate"] = f"{failure}{_own_line(failure.__cause__)}"
    elif failure is not None:
        report["fate"] = f"{reference}: importing it raised {_one_line(failure)}{_own_line(failure)}"
    return None if failure else cipher, found


def _harm(
    reference: str, file: Path, found: list[libraries.Replaced], state: ProcessState, report: dict[str, Any]
) -> list[str]:
    """What loading it has done, or why it could not be loaded; what it has changed is put back."""
    from cryptobench.contract import replacements
    from cryptobench.registry import RegistryError, literal_card

    harm = [f"the cipher's code {one}" for one in replacements(file, found, _is_users)]
    harm += [f"importing it {change} ({file.name})" for change in state.changes()]
    if report["fate"] and not harm:
        reason = report["fate"].removeprefix(f"{reference}: ")
        harm = [f"it cannot be loaded: {reason}{'' if file.name in reason else f' ({file.name})'}"]
    try:
        known = literal_card(reference)
    except RegistryError:  # its name is no name, or the file has gone
        known = None
    name = known.name if known else report["card"]["name"] if report["card"] else ""
    return [f"{name}: {one}" for one in harm] if name else []


def _own_line(error: BaseException | None) -> str:
    """ " (my_cipher.py, line 12)": the deepest line of the user's own code that it came through, or ""."""
    frames = [] if error is None else traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_users(frame.filename)]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


def _breaches(cipher: Cipher, before: libraries.Functions) -> list[str]:
    """Where it breaks the interface, a line each."""
    from cryptobench.contract import find_breaches

    try:
        return find_breaches(cipher, before, _is_users, alone=True)
    except BaseException as error:  # a KeyboardInterrupt of its own: this process ignores the real ones
        if place := _own_line(error):
            return [f"{cipher.card.name}: encrypt or decrypt raised {_one_line(error)}{place}"]
        raise


@cache
def _is_users(file: str) -> bool:
    """Whether code from this file, as code objects name it, is the user's own."""
    return Path(file).is_absolute() and is_own(os.path.realpath(file))


def _time(cipher: Cipher, watch: Watch, report: dict[str, Any]) -> None:
    try:
        with watching(watch):
            report["seconds"], report["samples"] = warm_seconds(cipher)
    except BaseException as error:  # it refuses the image, or the key
        report["fate"] = _one_line(error)
    _add_files(watch, report)


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
    watch.add_modules()
    watch.add_mapped()
    files, others = imported_from(list(watch.files))
    for path in files:
        watch.add(path)
    report["files"] = dict(watch.files)
    report["imported"] = sorted(others | watch.imported)


def _one_line(error: BaseException) -> str:
    from cryptobench.blame import said_by

    said = said_by(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
