"""A figure of a paper before it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

__all__ = ["NARROW", "TYPE", "PaperFigure"]

NARROW = 3.48  # inches: a column of an IEEE page
TYPE = 7.6  # pt, the smallest


@dataclass(frozen=True, eq=False)
class PaperFigure:
    """A figure with its file name, its caption as plain text, and how to draw it, as wide as a column."""

    name: str
    caption: str
    draw: Callable[[], Figure]
