"""Says how a run is getting on: one line that updates on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from typing import TextIO

from cryptobench.bench.cell import Cell, CellResult
from cryptobench.terminal import duration, one_line

__all__ = ["Progress"]

_TERMINAL_SECONDS = 0.1
_PLAIN_SECONDS = 10.0
_SHOWN_FAILURES = 10


class Progress:
    """What is running, how many cells are done, how long is left.

    ``left`` estimates the remaining seconds, or gives None. A quiet progress says nothing. ``log`` is a file that gets
    every line too, with the time, quiet or not.
    """

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False, log: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._log = log
        self.about = ""  # what the run is about to do; said when it begins
        self._terminal = self._stream.isatty()
        self._running: list[Cell] = []
        self._total = self._done = self._failed = 0
        self._said: set[tuple[str, str, str]] = set()
        self._shown = self._logged = time.monotonic()
        self._left: Callable[[], float | None] = lambda: None

    def begin(self, total: int, done: int, left: Callable[[], float | None], cost: str) -> None:
        """A run of ``total`` cells begins, ``done`` of them finished by an earlier one; ``cost`` says what it takes."""
        self._total, self._done, self._left = total, done, left
        if self.about:
            self.say(self.about)
        self.say(cost)

    def started(self, cell: Cell) -> None:
        """A cell has been handed to a worker."""
        self._running.append(cell)
        self.tick()

    def finished(self, cell: Cell, result: CellResult) -> None:
        """A cell is done and stored."""
        self._running.remove(cell)
        self._done += 1
        if result.status not in ("ok", "unsupported"):
            self._failed += 1
            what = cell.cipher_name, result.status, result.message
            if what not in self._said and len(self._said) < _SHOWN_FAILURES:
                self._said.add(what)
                self.say(f"{result.status}: {cell}: {result.message}")
        self.tick()

    def not_run(self, cells: Sequence[Cell], breaches: Sequence[str]) -> None:
        """None of these cells of a cipher is run, since it breaks the interface; each line is said once."""
        more = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
        for line in breaches if cells else ():
            self.say(f"failed: {cells[0]}{more}: {line}")

    def tick(self) -> None:
        """Show the line if it is time to."""
        now = time.monotonic()
        if self._log is not None and now - self._logged >= _PLAIN_SECONDS:
            self._logged = now
            self.note(self.line())
        if self._quiet or now - self._shown < (_TERMINAL_SECONDS if self._terminal else _PLAIN_SECONDS):
            return
        self._shown = now
        if self._terminal:
            width = shutil.get_terminal_size().columns
            self._write(f"\r\x1b[K{self.line()[: width - 1]}")
        else:
            self._write(f"{self.line()}\n")

    def end(self) -> None:
        """Clear the line."""
        if self._terminal:
            self._write("\r\x1b[K")

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self.note(text)
        self._write(f"\r\x1b[K{text}\n" if self._terminal else f"{text}\n")

    def note(self, text: str) -> None:
        """Put a line into the log only, if there is one."""
        if self._log is not None:
            self._log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {one_line(text)}\n")
            self._log.flush()

    def line(self) -> str:
        """The state in one line."""
        left = self._left()
        parts = [f"{self._done}/{self._total} cells", "about " + duration(left) + " left" if left is not None else ""]
        parts += [f"{self._failed} failed"] if self._failed else []
        if self._running:
            more = f" and {len(self._running) - 1} more" if len(self._running) > 1 else ""
            parts.append(f"running {self._running[0]}{more}")
        return " | ".join(part for part in parts if part)

    def _write(self, text: str) -> None:
        if not self._quiet:
            self._stream.write(text)
            self._stream.flush()
