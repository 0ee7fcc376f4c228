"""What commands share: durations in words, hints for misspelt names, and signals that ask a long command to stop."""

from __future__ import annotations

import difflib
import signal
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

__all__ = ["Events", "Interrupted", "duration", "nearest", "one_line", "printable", "stop_signals"]

_HARMLESS = "\u200c\u200d"  # joiners, within words of some scripts and within emoji

Events = SimpleQueue[Any]  # finished futures, and the number of a signal that asks to stop


class Interrupted(Exception):
    """A signal asked a long command to stop; everything finished is stored."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


def printable(text: str) -> str:
    """The text, with what is no Unicode (Python's half surrogates for bytes that are not UTF-8) escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def one_line(text: str) -> str:
    """The text on one line that says what it holds: line ends are spaces, other invisible characters their escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _HARMLESS else _visible(c) for c in text.replace("\r\n", "\n"))


def _visible(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Zs":
        return character
    return " " if character.isspace() else ascii(character)[1:-1]


def nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """The end of an error line: "; did you mean ...?" where a known name is near, else ``otherwise``, or all names."""
    names = {one.lower(): one for one in known}
    if close := difflib.get_close_matches(name.lower(), names, n=1):
        return f"; did you mean {names[close[0]]!r}?"
    rest = otherwise or (f"known: {', '.join(names.values())}" if names else "")
    return f"; {rest}" if rest else ""


def duration(seconds: float) -> str:
    """Seconds as people say them: 42 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@contextmanager
def stop_signals(events: Events) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into an event while the context is open; a second Ctrl-C stops at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, frame: object) -> None:
        events.put(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
