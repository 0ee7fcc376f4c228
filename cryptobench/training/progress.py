"""Says how training is getting on: one line that updates on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

from cryptobench.terminal import duration
from cryptobench.training.log import HELD_OUT, Row

__all__ = ["TrainingProgress"]

_PLAIN_SECONDS = 10.0


class TrainingProgress:
    """Lines about a run to ``stream``, standard error if none is given; a quiet one says nothing."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._terminal = self._stream.isatty()
        self._shown = -_PLAIN_SECONDS
        self._began: tuple[int, float] | None = None
        self._score = ""

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self._write(f"\r\x1b[K{text}\n" if self._terminal else f"{text}\n")

    def begin(self, step: int) -> None:
        """Steps are counted from here for the time that is left."""
        self._began = (step, time.monotonic())

    def row(self, row: Row, steps: int) -> None:
        """A new row of the log; without a terminal it is shown if it has a score, ends the run, or is due."""
        scores = [name for name in row if name.startswith(HELD_OUT)]
        if scores:
            self._score = f"held-out {scores[0].removeprefix(HELD_OUT)} {row[scores[0]]:.2f}"
        now = time.monotonic()
        line = self._line(row, steps, now)
        if self._terminal:
            self._write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}")
        elif scores or row["step"] >= steps or now - self._shown >= _PLAIN_SECONDS:
            self._write(f"{line}\n")
            self._shown = now

    def end(self) -> None:
        """Leave the last line standing."""
        if self._terminal:
            self._write("\n")

    def _line(self, row: Row, steps: int, now: float) -> str:
        step = int(row["step"])
        losses = [
            f"{name} {value:.4g}"
            for name, value in row.items()
            if name not in ("step", "seconds", "skipped") and not name.startswith(HELD_OUT)
        ]
        skipped = f"{row['skipped']:.0f} steps left out" if row.get("skipped") else ""
        parts = [f"step {step}/{steps}", self._score, self._left(step, steps, now), "  ".join(losses), skipped]
        return " | ".join(part for part in parts if part)

    def _left(self, step: int, steps: int, now: float) -> str:
        if self._began is None or step <= self._began[0] or step >= steps:
            return ""
        first, started = self._began
        return f"about {duration((steps - step) * (now - started) / (step - first))} left"

    def _write(self, text: str) -> None:
        if not self._quiet:
            self._stream.write(text)
            self._stream.flush()
