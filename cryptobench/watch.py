"""Sees which files a cipher's code comes from and which data files it opens, by Python's audit events.

What native code reads without Python's `open` is seen only as far as it stays mapped into memory, on Linux.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from cryptobench import cipher, fresh_code
from cryptobench.own_files import MADE, content_hash, is_own, source_of

__all__ = ["Watch", "watch_calls", "watching"]

_current: Watch | None = None
_busy = threading.local()
_PLACE_OF_PATH = {"open": 0, "ctypes.dlopen": 0, "sqlite3.connect": 0, "import": 1}  # among an event's arguments
_LOADS_NATIVE_CODE = ("ctypes.dlopen", "import")
_CODE = (".py", ".pyc", ".so", ".pyd", ".dll", ".dylib", ".zip")
_CIPHER = cipher.__file__
_INSTALLED = re.compile(r"[\\/](?:site|dist)-packages[\\/](?:__pycache__[\\/])?([^\\/.]+)")
_IMPORTS = ("<frozen importlib", importlib.__file__, fresh_code.__file__)


class Watch:
    """The own files that were read, as paths that were asked for, with the hash of their content at the first time.

    Code that the cipher made itself, such as a library that it has compiled, counts by content under whatever name;
    data that it made do not count. ``imported`` are the top-level names of modules that own code imported itself.
    ``source`` is the cipher's source file, which is own code wherever it lies.
    """

    def __init__(self, source: str = "") -> None:
        self.files: dict[str, str] = {}
        self.imported: set[str] = set()
        self.source = source
        self._others: set[str] = set()  # of no account
        self._written: set[str] = set()
        self._began, self._before = time.time(), frozenset(sys.modules)

    def add(self, path: str, *, code: bool = False) -> None:
        """Count a file, if it is an own one that has content; ``code`` says that it is native code."""
        if path in self._others or (place := os.path.abspath(source_of(path))) in self.files:  # noqa: PTH100
            return
        real = os.path.realpath(place)
        if not is_own(real):
            if os.path.isabs(path):  # noqa: PTH117
                self._others.add(path)
            return
        made = real in self._written or self._is_new_and_temporary(real)
        if made and not code and not real.endswith(_CODE):
            return
        content = content_hash(real)
        if content is not None:
            self.files[f"{MADE}{content}" if made else place] = content

    def add_modules(self) -> None:
        """Count the files of all modules that have been loaded since this watch was made."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__dict__", {}).get("__file__")
            if isinstance(file, str) and name not in self._before:
                self.add(file, code=True)

    def add_mapped(self) -> None:
        """Count the files that are mapped into memory now: libraries that native code loaded, tables that it shares."""
        with contextlib.suppress(OSError):  # there is no such list but on Linux
            lines = Path("/proc/self/maps").read_bytes().splitlines()
            for path in {os.fsdecode(line[line.index(b"/") :]) for line in lines if b"/" in line}:
                self.add(path, code=True)

    def opened(self, path: str, flags: int) -> None:
        """Count a file that is opened for reading, and remember one that is made or emptied."""
        if flags & os.O_ACCMODE == os.O_WRONLY or flags & (os.O_TRUNC | os.O_EXCL):
            if flags & (os.O_TRUNC | os.O_EXCL):
                self._written.add(os.path.realpath(path))
        else:
            self.add(path)

    def _is_new_and_temporary(self, real: str) -> bool:
        """Whether a file came into being as this watch went on, where temporary files do: by a process of its own."""
        if not real.startswith(_temporary()):
            return False
        try:
            return os.stat(real).st_ctime > self._began  # noqa: PTH116
        except OSError:
            return False


@contextmanager
def watching(watch: Watch, *, calls_only: bool = False) -> Iterator[None]:
    """Have ``watch`` see what is read in this block; with ``calls_only`` what a cipher's encrypt or decrypt reads."""
    global _current
    _install()
    before, _current = _current, watch
    limited, _busy.calls_only = getattr(_busy, "calls_only", True), calls_only
    try:
        yield
    finally:
        _current = before
        _busy.calls_only = limited


def watch_calls(watch: Watch | None) -> None:
    """From now on have ``watch`` see what ciphers read while they encrypt and decrypt, in this thread or their own."""
    global _current
    if watch is not None:
        _install()
    _current, _busy.calls_only = watch, True


@cache
def _install() -> None:
    sys.addaudithook(_hook)  # it stays for as long as the process lives


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    watch = _current
    if watch is None or event not in _PLACE_OF_PATH or getattr(_busy, "now", False):
        return
    _busy.now = True
    try:
        _note(watch, event, arguments)
    except Exception:
        pass  # an error here would be one of the code that is watched
    finally:
        _busy.now = False


def _note(watch: Watch, event: str, arguments: tuple[Any, ...]) -> None:
    path = arguments[_PLACE_OF_PATH[event]]
    if not isinstance(path, str | bytes | os.PathLike):
        return
    if getattr(_busy, "calls_only", True) and not _in_a_call(sys._getframe(2), watch):
        return
    name = os.fsdecode(path)
    if (installed := _INSTALLED.search(name)) is not None and not is_own(os.path.realpath(name)):
        if _imports_for_own_code(sys._getframe(2), watch):
            watch.imported.add(installed[1])
    elif event in _LOADS_NATIVE_CODE:
        watch.add(name, code=True)
    elif name.endswith(_CODE) or not _is_for_a_package(sys._getframe(2), watch):
        watch.opened(name, arguments[2] if event == "open" and isinstance(arguments[2], int) else 0)


def _imports_for_own_code(frame: FrameType | None, watch: Watch) -> bool:
    """Whether this is Python's import system at work, for a line of a user's own code."""
    importing = False
    while frame is not None and frame.f_code.co_filename.startswith(_IMPORTS):
        importing, frame = True, frame.f_back
    return importing and frame is not None and _is_own_code(frame.f_code.co_filename, watch)


def _is_for_a_package(frame: FrameType | None, watch: Watch) -> bool:
    """Whether an installed package is being imported and reads for itself: its settings, its list of fonts."""
    while frame is not None:
        code = frame.f_code
        if _is_own_code(code.co_filename, watch):
            return False
        if code.co_name == "<module>" and _INSTALLED.search(code.co_filename):
            return True
        frame = frame.f_back
    return False


def _is_own_code(file: str, watch: Watch) -> bool:
    return file == watch.source or _is_own_file(file)


@cache
def _is_own_file(file: str) -> bool:
    return not file.startswith("<") and is_own(os.path.realpath(file))


@cache
def _temporary() -> str:
    return os.path.realpath(tempfile.gettempdir()) + os.sep


def _in_a_call(frame: FrameType | None, watch: Watch) -> bool:
    """Whether a call of a cipher's encrypt or decrypt is going on; in a thread of its own, whether a line of its is."""
    elsewhere = threading.current_thread() is not threading.main_thread()
    while frame is not None:
        code = frame.f_code
        if code.co_filename == _CIPHER and code.co_name in ("encrypt", "decrypt"):
            return True
        if elsewhere and code.co_filename in watch.files:
            return True
        frame = frame.f_back
    return False
