"""The one error of the image sets."""

from __future__ import annotations

__all__ = ["ImageError"]


class ImageError(ValueError):
    """A picture or image set cannot be had; the message names what was given, what is wanted and what to do."""
