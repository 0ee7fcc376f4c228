"""What a figure module hands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from matplotlib.figure import Figure

from cryptobench.report.run import Run

__all__ = ["Draw", "Drawing"]


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure with its file name, title and caption, drawn when it is asked for.

    ``listed`` is False for the narrow twin of another one.
    """

    name: str
    title: str
    caption: str
    figure: Callable[[], Figure]
    listed: bool = True


Draw = Callable[[Run], Iterator[Drawing]]
