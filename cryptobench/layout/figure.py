"""A figure that shows names as they read."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib import figure, rcParams
from matplotlib.backend_bases import RendererBase
from matplotlib.text import Text
from matplotlib.ticker import LogFormatter

__all__ = ["Figure", "boxes_for_missing_letters"]


class Figure(figure.Figure):
    """A matplotlib Figure in which a dollar sign is one; only labels of logarithmic axes are formulas."""

    def draw(self, renderer: RendererBase) -> None:
        powers = {
            label
            for axis in (axis for axes in self.axes for axis in (axes.xaxis, axes.yaxis))
            if isinstance(axis.get_major_formatter(), LogFormatter)
            for label in axis.get_ticklabels(which="both")
        }
        if rcParams["text.parse_math"]:  # who draws it in another style than the report's
            for text in self.findobj(Text):
                text.set_parse_math(False)
        for label in powers:
            label.set_parse_math(True)
        with boxes_for_missing_letters():
            super().draw(renderer)


@contextmanager
def boxes_for_missing_letters() -> Iterator[None]:
    """A letter that no font has is a box while the context is open, and no more is said of it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        yield
