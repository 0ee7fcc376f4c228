"""Sees which files a cipher's code comes from and which data files it opens, by Python's audit events.

What native code reads without Python's `open` is not seen.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import Any

from cryptobench import cipher
from cryptobench.own_files import content_hash, is_own, source_of

__all__ = ["Watch", "watch_calls", "watching"]

_current: Watch | None = None
_busy = threading.local()
_EVENTS = ("open", "ctypes.dlopen", "sqlite3.connect")
_CIPHER = cipher.__file__
_INSTALLED = re.compile(r"[\\/](?:site|dist)-packages[\\/](?:__pycache__[\\/])?([^\\/.]+)")
_IMPORTS = ("<frozen importlib", importlib.__file__)


class Watch:
    """The own files that were read, with the hash of their content when that was first done.

    ``imported`` are the top-level names of modules that own code imported itself while it was watched.
    """

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.imported: set[str] = set()
        self._written: set[str] = set()

    def add(self, path: str) -> None:
        """Count a file, if it is an own one that has content."""
        real = os.path.realpath(source_of(path))
        if real in self.files or real in self._written or not is_own(real):
            return
        content = content_hash(real)
        if content is not None:
            self.files[real] = content

    def add_modules(self, but: Collection[str] = ()) -> None:
        """Count the files of all modules that are loaded, but for these names, which others have loaded before."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__dict__", {}).get("__file__")
            if isinstance(file, str) and name not in but:
                self.add(os.path.abspath(file))  # noqa: PTH100

    def opened(self, path: str, flags: int) -> None:
        """Count a file that is opened for reading, and remember one that is made or emptied."""
        absolute = os.path.abspath(path)  # noqa: PTH100
        if flags & os.O_ACCMODE == os.O_WRONLY or flags & (os.O_TRUNC | os.O_EXCL):
            if flags & (os.O_TRUNC | os.O_EXCL):
                self._written.add(os.path.realpath(absolute))
        else:
            self.add(absolute)


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
    if watch is None or event not in _EVENTS or getattr(_busy, "now", False):
        return
    _busy.now = True
    try:
        _note(watch, event, arguments)
    except Exception:
        pass  # an error here would be one of the code that is watched
    finally:
        _busy.now = False


def _note(watch: Watch, event: str, arguments: tuple[Any, ...]) -> None:
    path = arguments[0]
    if not isinstance(path, str | bytes | os.PathLike):
        return
    if getattr(_busy, "calls_only", True) and not _in_a_call(sys._getframe(2), watch):
        return
    name = os.fsdecode(path)
    if (installed := _INSTALLED.search(name)) is not None:
        if _imports_for_own_code(sys._getframe(2)):
            watch.imported.add(installed[1])
        return
    watch.opened(name, arguments[2] if event == "open" and isinstance(arguments[2], int) else 0)


def _imports_for_own_code(frame: FrameType | None) -> bool:
    """Whether this is Python's import system at work, for a line of a user's own code."""
    importing = False
    while frame is not None and frame.f_code.co_filename.startswith(_IMPORTS):
        importing, frame = True, frame.f_back
    return importing and frame is not None and is_own(os.path.realpath(frame.f_code.co_filename))


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
