"""What can go wrong with a report."""

from __future__ import annotations

__all__ = ["NothingToShow", "ReportError"]


class ReportError(ValueError):
    """A run folder cannot be reported on; the message names what was given and what is wanted."""


class NothingToShow(Exception):
    """A run lacks what one table or figure needs; the message says what that is."""
