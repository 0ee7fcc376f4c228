"""Many pictures on one page: a single set of axes in inches, which draws far faster than one set for each picture."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from cryptobench.layout.style import GREY, panel

__all__ = ["Page", "Pictures", "planes"]

_TICK = 0.03
_TEXT: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7}


class Page:
    """The whole of a figure as one drawing surface; x runs right and y down, in inches from the upper left corner."""

    def __init__(self, figure: Figure) -> None:
        width, height = figure.get_size_inches()
        self._axes = panel(figure, 0, 0, width, height)
        self._axes.set_axis_off()
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(height, 0)
        self._axes.set_autoscale_on(False)
        self._lines: dict[float, LineCollection] = {}
        self._areas: dict[str, _Outlines] = {}
        self._pictures, self._frames = Pictures(), _Outlines(fill=False, edgecolor="black", linewidth=0.3)
        self._axes.add_artist(self._pictures)
        self._axes.add_artist(self._frames)

    def picture(self, image: NDArray[np.uint8], left: float, top: float, side: float) -> None:
        """A picture, (H, W) or (H, W, 3) uint8, pixel by pixel in a thin frame, fitted into a square."""
        height, width = (length * side / max(image.shape[:2]) for length in image.shape[:2])
        left, top = left + (side - width) / 2, top + (side - height) / 2
        self._pictures.shown.append((image, (left, left + width, top + height, top)))
        self.frame(left, top, width, height)

    def frame(self, left: float, top: float, width: float, height: float) -> None:
        right, bottom = left + width, top + height
        self._frames.add(np.array([(left, top), (right, top), (right, bottom), (left, bottom)]))

    def text(self, x: float, y: float, s: str, **options: Any) -> None:
        """A text, centred at a point unless ``options`` of matplotlib say otherwise."""
        self._axes.text(x, y, s, **(_TEXT | options))

    def missing(self, left: float, top: float, side: float, text: str) -> None:
        """An empty frame that says why."""
        self.frame(left, top, side, side)
        self.text(left + side / 2, top + side / 2, text, color=GREY)

    def bars(
        self, heights: NDArray[np.float64], left: float, base: float, width: float, full: float, colour: str
    ) -> None:
        """A histogram without gaps, standing on ``base``; heights are shares of ``full`` inches."""
        edges = left + np.repeat(np.arange(len(heights) + 1) / len(heights) * width, 2)
        tops = np.concatenate([[base], base - np.repeat(heights, 2) * full, [base]])
        if colour not in self._areas:
            self._areas[colour] = _Outlines(facecolor=colour, linewidth=0, snap=True)
            self._axes.add_artist(self._areas[colour])
        self._areas[colour].add(np.column_stack([edges, tops]))
        self._line(0.3, (left, base), (left + width, base))

    def ticks_below(self, places: list[float], y: float, labels: list[str] | None) -> None:
        """Ticks along a lower edge, with their labels where there are some."""
        for x in places:
            self._line(0.4, (x, y), (x, y + _TICK))
        for x, label in zip(places, labels or [], strict=False):
            self.text(x, y + _TICK + 0.02, label, va="top")

    def ticks_left(self, places: list[float], x: float, labels: list[str] | None) -> None:
        """Ticks along a left edge, with their labels where there are some."""
        for y in places:
            self._line(0.4, (x, y), (x - _TICK, y))
        for y, label in zip(places, labels or [], strict=False):
            self.text(x - _TICK - 0.02, y, label, ha="right")

    def _line(self, width: float, start: tuple[float, float], end: tuple[float, float]) -> None:
        """All lines of a width are one artist, which costs as much as one line."""
        if width not in self._lines:
            self._lines[width] = LineCollection([], colors="black", linewidths=width)
            self._axes.add_artist(self._lines[width])
        cast(list[Path], self._lines[width].get_paths()).append(Path([start, end]))


class Pictures(Artist):
    """All pictures of a page with their places (left, right, bottom, top), each a sample to a square."""

    def __init__(self) -> None:
        super().__init__()
        self.set_zorder(0)
        self.shown: list[tuple[NDArray[np.uint8], tuple[float, float, float, float]]] = []

    def draw(self, renderer: RendererBase) -> None:
        if not renderer.option_scale_image():  # a raster alone, to which matplotlib fits each picture
            for image, place in self.shown:
                self._fitted(image, place).draw(renderer)
            return
        context = renderer.new_gc()
        self._set_gc_clip(context)  # type: ignore[attr-defined]
        axes = cast(Axes, self.axes)
        for image, (left, right, bottom, top) in self.shown:
            (x0, y0), (x1, y1) = axes.transData.transform([(left, bottom), (right, top)])
            shown = np.full((*image.shape[:2], 4), 255, np.uint8)
            shown[..., :3] = image if image.ndim == 3 else image[..., None]
            renderer.draw_image(context, x0, y0, shown, Affine2D.from_values(x1 - x0, 0, 0, y0 - y1, 0, y1 - y0))
        context.restore()

    def _fitted(self, image: NDArray[np.uint8], place: tuple[float, float, float, float]) -> AxesImage:
        shown = AxesImage(cast(Axes, self.axes), cmap="gray", interpolation="none", origin="upper", extent=place)
        shown.set_data(image)
        shown.set_clim(0, 255)
        shown.set_transform(self.get_transform())
        shown.set_clip_path(cast(Axes, self.axes).patch)
        return shown


class _Outlines(PathPatch):
    """Polygons of one look, all of them one path."""

    def __init__(self, **look: Any) -> None:
        super().__init__(Path(np.zeros((0, 2))), **look)
        self._corners: list[NDArray[np.float64]] = []
        self._codes: list[np.uint8] = []

    def add(self, corners: NDArray[np.float64]) -> None:
        """One more, by its corners, (N, 2)."""
        self._corners += [corners, corners[:1]]
        self._codes += [Path.MOVETO, *([Path.LINETO] * (len(corners) - 1)), Path.CLOSEPOLY]

    def draw(self, renderer: RendererBase) -> None:
        if self._corners:
            self.set_path(Path(np.concatenate(self._corners), self._codes))
            super().draw(renderer)


def planes(image: NDArray[np.uint8]) -> list[tuple[str, NDArray[np.uint8]]]:
    """Each channel's name and its (H, W) plane."""
    if image.ndim == 2:
        return [("grey", image)]
    return [(name, image[..., index]) for index, name in enumerate("RGB")]
