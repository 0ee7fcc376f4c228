"""What a run can stop with: each is one line that says what happened and what to do."""

from __future__ import annotations

__all__ = ["BenchError", "WorkerError"]


class BenchError(ValueError):
    """A run cannot start or go on; the message names what was given, what is wanted and what to do."""


class WorkerError(BenchError):
    """Worker processes do not start, or are lost, so no cell can be blamed."""
