"""Pass or fail, ciphers by metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cryptobench.layout.style import ONE_COLUMN, label_width, page, panel
from cryptobench.report.figures.drawing import Drawing, cipher_label, paged
from cryptobench.results.run import NothingToShow, RunData
from cryptobench.results.verdicts import RULE, Pooled, titles_in

__all__ = ["draw"]

_ROWS = 38  # on one page of a paper, with the titles above and the caption below

# state: (face, symbol, meaning); lightness falls from pass to fail, so grey print keeps the order.
_LOOK: dict[str, tuple[str, dict[str, Any], str]] = {
    "pass": ("#DCEBF5", {"marker": "o", "color": "#0072B2"}, "pass"),
    "borderline": ("#F6C667", {"marker": "D", "color": "black", "markerfacecolor": "none"}, "borderline"),
    "fail": ("#B34700", {"marker": "x", "color": "white"}, "fail"),
    "error": ("#FFFFFF", {"marker": "$!$", "color": "black"}, "did not finish"),
    "none": ("#EEEEEE", {}, "no test"),
}


def draw(run: RunData) -> Iterator[Drawing]:
    pooled = run.pooled
    titles = titles_in(pooled)
    if not titles:
        raise NothingToShow("the run holds no test with a verdict")
    title = "Pass and fail, ciphers by metrics"
    yield from paged("heatmap", title, RULE, run.ciphers, _ROWS, partial(_figure, run, pooled, titles))


def _figure(
    run: RunData, pooled: dict[tuple[str, str], Pooled], titles: list[str], ciphers: Sequence[str], width: float
) -> Figure:
    size = 7.5 if width > ONE_COLUMN else 5.5
    left = label_width([cipher_label(run, c) for c in run.ciphers], size) + 0.1  # the same on every page
    top = label_width(titles, size) + 0.1
    cell = min((width - left - 0.05) / len(titles), 0.5)
    height = min(max(cell, 0.018 * size), 0.2) * len(ciphers)
    figure = page(width, top + height + 0.3)
    axes = panel(figure, left, 0.27, cell * len(titles), height)
    axes.set_xlim(0, len(titles))
    axes.set_ylim(len(ciphers), 0)
    states = [[pooled[c, t].state if (c, t) in pooled else "none" for t in titles] for c in ciphers]
    for state in _LOOK:
        places = [(x, y) for y, line in enumerate(states) for x, found in enumerate(line) if found == state]
        _cells(axes, places, state, size)
    for row in range(1, len(ciphers)):
        if run.family(ciphers[row]) != run.family(ciphers[row - 1]):
            axes.axhline(row, color="black", linewidth=0.9)
    axes.set_xticks([column + 0.5 for column in range(len(titles))], titles, rotation=90, fontsize=size)
    axes.set_yticks([row + 0.5 for row in range(len(ciphers))], [cipher_label(run, c) for c in ciphers], fontsize=size)
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)
    _legend(figure, width, size)
    return figure


def _cells(
    axes: Axes, places: Sequence[tuple[float, float]], state: str, size: float, scale: tuple[float, float] = (1, 1)
) -> None:
    """Cells of one state, by their upper left corners."""
    face, symbol, _ = _LOOK[state]
    look: dict[str, Any] = {"hatch": "/////", "edgecolor": "#C8C8C8"} if state == "none" else {"edgecolor": "white"}
    patches = [Rectangle(place, *scale) for place in places]
    axes.add_artist(PatchCollection(patches, facecolor=face, linewidth=0.4, **look))
    if symbol:
        middles = [(x + scale[0] / 2, y + scale[1] / 2) for x, y in places]
        axes.plot(
            [x for x, _ in middles],
            [y for _, y in middles],
            linestyle="none",
            markersize=size * (0.62 if state != "error" else 0.9),
            clip_on=False,
            markeredgewidth=size * 0.12 if state != "error" else 0,
            **symbol,
        )


def _legend(figure: Figure, width: float, size: float) -> None:
    axes = panel(figure, 0.05, 0.04, width - 0.1, 0.15)
    axes.set_axis_off()
    axes.set_xlim(0, width - 0.1)
    axes.set_ylim(0.15, 0)
    at = 0.0
    for state, (_, _, meaning) in _LOOK.items():
        _cells(axes, [(at, 0)], state, size, (0.17, 0.15))
        axes.text(at + 0.21, 0.075, meaning, va="center", fontsize=size)
        at += 0.21 + label_width([meaning], size) + 0.12
