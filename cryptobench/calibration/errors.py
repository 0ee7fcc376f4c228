"""What a calibration can stop with."""

from __future__ import annotations

__all__ = ["CalibrationError"]


class CalibrationError(ValueError):
    """A calibration cannot start or go on; the message names what was given, what is wanted and what to do."""
