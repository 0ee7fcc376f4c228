"""Detection rates as a heat map: tests by planted defects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cryptobench.calibration.error_rates import DetectionRate
from cryptobench.calibration.sources import Source
from cryptobench.calibration.tables import defect_title, rate_text, row_title
from cryptobench.calibration.tests import CalibratedTest
from cryptobench.layout.style import TWO_COLUMNS, label_width, page, panel

__all__ = ["draw_detections"]

_SHADES = LinearSegmentedColormap.from_list("detections", ["#FFFFFF", "#DCEBF5", "#56B4E9", "#0072B2"])
_ROW, _LEGEND, _GAP = 0.145, 0.32, 0.3
_SIZE = 6.5


def draw_detections(
    rates: Sequence[DetectionRate], tests: Sequence[CalibratedTest], sources: Sequence[Source]
) -> Figure:
    """Each cell is the share of seeds under which a test (row) raised an alarm on a source (column).

    Columns are titled with the defect that the control's card names; sound sources stand to the right.
    """
    values = {(rate.test, rate.source.name): rate.value for rate in rates}
    sound = sum(source.sound for source in sources)
    titles = [source.name if source.sound else defect_title(source) for source in sources]
    rows = [row_title(test) for test in tests]
    left, top = label_width(rows, _SIZE) + 0.15, label_width(titles, _SIZE) + 0.3
    names = label_width([source.name for source in sources], _SIZE) + 0.12
    cell = (TWO_COLUMNS - left - 0.05) / max(len(sources) + _GAP, 8)
    height = _ROW * len(tests)
    figure = page(TWO_COLUMNS, top + height + names + _LEGEND)
    places = [index + (_GAP if source.sound and sound < len(sources) else 0) for index, source in enumerate(sources)]
    width = len(sources) + _GAP
    axes = panel(figure, left, names + _LEGEND, cell * width, height)
    axes.set_xlim(0, width)
    axes.set_ylim(len(tests), 0)
    cells = {
        (x, y): values.get((test, s.name)) for y, test in enumerate(tests) for x, s in zip(places, sources, strict=True)
    }
    _fill(axes, cells)
    middles = [place + 0.5 for place in places]
    axes.set_yticks([row + 0.5 for row in range(len(rows))], rows, fontsize=_SIZE)
    axes.set_xticks(middles, [source.name for source in sources], rotation=90, fontsize=_SIZE)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    above = axes.secondary_xaxis("top")
    above.set_xticks(middles, titles, rotation=90, fontsize=_SIZE)
    above.tick_params(length=0)
    above.spines[:].set_visible(False)
    _legend(figure, left)
    return figure


def _fill(axes: Axes, cells: dict[tuple[float, int], float | None]) -> None:
    found = {place: rate for place, rate in cells.items() if rate is not None}
    faces = [_SHADES(rate) for rate in found.values()]
    patches = [Rectangle(place, 1, 1) for place in found]
    axes.add_artist(PatchCollection(patches, facecolor=faces, edgecolor="#D0D0D0", linewidth=0.3))
    missing = [Rectangle(place, 1, 1) for place, rate in cells.items() if rate is None]
    look: dict[str, Any] = {"facecolor": "#EEEEEE", "hatch": "/////", "edgecolor": "#C8C8C8", "linewidth": 0.3}
    axes.add_artist(PatchCollection(missing, **look))
    for (x, y), rate in found.items():
        if rate > 0:
            text = "1" if rate == 1 else rate_text(rate).replace("0.", ".")
            colour = "white" if rate > 0.75 else "black"
            axes.text(x + 0.5, y + 0.54, text, ha="center", va="center", fontsize=5, color=colour)


def _legend(figure: Figure, left: float) -> None:
    axes = panel(figure, left, 0.06, 3.2, 0.14)
    axes.set_axis_off()
    axes.set_xlim(0, 3.2)
    axes.set_ylim(0.14, 0)
    at = 0.0
    for rate, meaning in (
        (0.0, "no alarm"),
        (0.5, "alarm under half of the seeds"),
        (1.0, "under all"),
        (None, "not run"),
    ):
        look: dict[str, Any] = (
            {"facecolor": "#EEEEEE", "hatch": "/////"} if rate is None else {"facecolor": _SHADES(rate)}
        )
        axes.add_patch(Rectangle((at, 0), 0.2, 0.14, edgecolor="#C8C8C8", linewidth=0.3, **look))
        axes.text(at + 0.24, 0.07, meaning, va="center", fontsize=_SIZE)
        at += 0.24 + label_width([meaning], _SIZE) + 0.12
