"""What keeps two runs from being compared."""

from __future__ import annotations

__all__ = ["CheckError"]


class CheckError(ValueError):
    """Two runs cannot be compared; the message names what was given, what is wanted and what to do."""
