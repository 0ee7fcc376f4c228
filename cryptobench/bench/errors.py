"""What a run can stop with: each is one line that says what happened and what to do."""

from __future__ import annotations

__all__ = ["BenchError", "Interrupted", "WorkerError"]


class BenchError(ValueError):
    """A run cannot start or go on; the message names what was given, what is wanted and what to do."""


class WorkerError(BenchError):
    """Worker processes do not start, so no cell can be blamed."""


class Interrupted(Exception):
    """A signal asked the run to stop; every finished cell is stored."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number
