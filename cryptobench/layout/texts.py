"""Texts of figures laid out once: a label that many figures show is measured and its letters are drawn one time.

matplotlib asks for the font, lays the letters out and draws each anew wherever a text stands, which is a third of
what a figure costs.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib import _text_helpers, backends
from matplotlib.backends import backend_agg, backend_pdf
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags
from numpy.typing import NDArray

__all__ = ["Page", "Pixels", "known_layouts"]

_AGG: Any = backend_agg  # these have no types, or not all
_PDF: Any = backend_pdf
_HELPERS: Any = _text_helpers
_UNHINTED = LoadFlags.NO_HINTING
_STEPS = 4  # letters stand on quarters of a pixel, so that one drawing of a letter serves wherever it comes again
_UNITS = 64  # of FreeType in a pixel
_ONE = 0x10000  # in the matrices of FreeType
_ORIGINAL = getattr(_HELPERS, "layout", None)
_PARTS = [
    getattr(backends.backend_pdf.RendererPdf, "_get_font_ttf", None),
    getattr(backend_agg.RendererAgg, "_draw_text_glyphs_and_boxes", None),
    _ORIGINAL,
]
_WANTED = [["self", "prop"], ["self", "gc", "x", "y", "angle", "glyphs", "boxes"],
           ["string", "font", "features", "language"]]  # fmt: skip
FITS = [list(inspect.signature(part).parameters) if part else [] for part in _PARTS] == _WANTED
"""Whether this matplotlib draws texts by the functions of version 3.11; another draws them as it does."""


class Page(_PDF.RendererPdf):  # type: ignore[misc]
    """A page of a PDF file, the same as matplotlib's."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._fonts: dict[FontProperties, FT2Font] = {}

    def _get_font_ttf(self, prop: FontProperties) -> FT2Font:
        font = self._fonts.get(prop)
        if font is None:
            font = self._fonts[prop] = super()._get_font_ttf(prop)
        _size_of[font] = size = prop.get_size_in_points()
        font.clear()
        font.set_size(size, 72)
        return font

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        if ismath or not FITS:
            found: tuple[float, float, float] = super().get_text_width_height_descent(s, prop, ismath)
            return found
        return _measured(self._get_font_ttf(prop), prop.get_size_in_points(), s)

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float | None, float | None, float | None]:
        """What a line needs above and below, and the gap between lines, in points; asked for by each text."""
        return _line(self._get_font_ttf(prop), prop.get_size_in_points()) if FITS else (None, None, None)


class Pixels(_AGG.RendererAgg):  # type: ignore[misc]
    """matplotlib's raster, on which letters stand on quarters of a pixel."""

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: FontProperties, angle: float, ismath: Any = False,
        mtext: Any = None, font: FT2Font | None = None,
    ) -> None:  # fmt: skip
        if ismath or font is None or not FITS:
            super().draw_text(gc, x, y, s, prop, angle, ismath=ismath, mtext=mtext)
            return
        size = prop.get_size_in_points()
        self._draw_text_glyphs_and_boxes(gc, x, y, angle, _placed(font, size, self.dpi, s), [])

    def _draw_text_glyphs_and_boxes(
        self, gc: Any, x: float, y: float, angle: float, glyphs: Iterable[Any], boxes: list[Any]
    ) -> None:
        if not gc.get_antialiased():
            super()._draw_text_glyphs_and_boxes(gc, x, y, angle, glyphs, boxes)
            return
        height = int(self.height)
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        up = self.height - y  # of the baseline, as FreeType counts
        found: list[tuple[NDArray[np.float32], int, int]] = []
        for font, size, index, slant, extend, dx, dy in glyphs:
            right, across = divmod(round(_STEPS * (x + dx * cos - dy * sin)), _STEPS)
            rise, above = divmod(round(_STEPS * (up + dx * sin + dy * cos)), _STEPS)
            letter, left, top = _letter(font, size, self.dpi, index, slant, extend, angle, across, above)
            if letter.size:
                found.append((letter, left + right, height - top - rise))
        if found:
            text, x0, y0 = _together(found)
            self._renderer.draw_text_image(text, x0, y0 + text.shape[0], 0, gc)
        if boxes:
            super()._draw_text_glyphs_and_boxes(gc, x, y, angle, (), boxes)


@contextmanager
def known_layouts() -> Iterator[None]:
    """While the context is open, matplotlib's PDF pages take texts that are laid out already."""
    if not FITS:
        yield
        return
    _HELPERS.layout = _shared
    try:
        yield
    finally:
        _HELPERS.layout = _ORIGINAL


_size_of: dict[FT2Font, float] = {}


def _shared(string: str, font: FT2Font, *, features: Any = None, language: Any = None) -> Iterable[Any]:
    if features is not None or language is not None or font not in _size_of:
        assert _ORIGINAL is not None
        other: Iterable[Any] = _ORIGINAL(string, font, features=features, language=language)
        return other
    return _laid_out(font, _size_of[font], 72.0, string)


@functools.lru_cache(maxsize=1 << 14)
def _laid_out(font: FT2Font, size: float, dpi: float, text: str) -> tuple[Any, ...]:
    """The letters of a text with their places, in dots."""
    some: Any = font
    some.clear()
    some.set_size(size, dpi)
    return tuple(some._layout(text, flags=_UNHINTED, features=None, language=None))


@functools.lru_cache(maxsize=1 << 14)
def _placed(font: FT2Font, size: float, dpi: float, text: str) -> list[tuple[Any, ...]]:
    """The same, as `Pixels` draws them."""
    return [(one.ft_object, size, one.glyph_index, 0, 1, one.x, one.y) for one in _laid_out(font, size, dpi, text)]


@functools.lru_cache(maxsize=1 << 14)
def _measured(font: FT2Font, size: float, text: str) -> tuple[float, float, float]:
    """Width, height and descent in points."""
    font.clear()
    font.set_size(size, 72)
    font.set_text(text, 0.0, flags=_UNHINTED)
    width, height = font.get_width_height()
    return width / _UNITS, height / _UNITS, font.get_descent() / _UNITS


@functools.lru_cache(maxsize=1 << 10)
def _line(font: FT2Font, size: float) -> tuple[float | None, float | None, float | None]:
    """What a font says of the ascent, descent and gap of its lines, in points; None where it says nothing."""
    names = (("OS/2", "sTypoAscender", "sTypoDescender", "sTypoLineGap"), ("hhea", "ascent", "descent", "lineGap"))
    some: Any = font
    for name, *keys in names:
        table = some.get_sfnt_table(name)
        if table is not None:
            scale = 1 / some.get_sfnt_table("head")["unitsPerEm"] * size
            ascent, descent, gap = (table[key] * scale for key in keys)
            return ascent, -descent, gap
    return None, None, None


@functools.lru_cache(maxsize=1 << 15)
def _letter(
    font: FT2Font, size: float, dpi: float, index: int, slant: float, extend: float, angle: float, across: int,
    above: int,
) -> tuple[NDArray[np.float32], int, int]:  # fmt: skip
    """How much of each pixel a letter leaves free, from 0 to 1, with the place of its upper left corner, so many
    quarters right of and above the corner of a pixel."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    matrix = np.array([[cos, -sin], [sin, cos]]) @ [[extend, extend * slant], [0, 1]]
    some: Any = font
    some.set_size(size, dpi)
    unit = _UNITS // _STEPS
    some._set_transform((_ONE * matrix).round().astype(int), [across * unit, above * unit])
    bitmap = some._render_glyph(index, _UNHINTED, _AGG.RenderMode.NORMAL)
    covered = np.array(bitmap.buffer, dtype=np.float32) / np.float32(255)
    return np.float32(1) - covered, bitmap.left, bitmap.top


def _together(letters: Sequence[tuple[NDArray[np.float32], int, int]]) -> tuple[NDArray[np.uint8], int, int]:
    """The coverage of pixels by some letters, given with the places of their upper left corners; with its own place.

    To draw one picture takes as long as to draw one letter.
    """
    left, top = min(x for _, x, _ in letters), min(y for _, _, y in letters)
    right = max(x + letter.shape[1] for letter, x, _ in letters)
    bottom = max(y + letter.shape[0] for letter, _, y in letters)
    free = np.ones((bottom - top, right - left), np.float32)
    for letter, x, y in letters:
        free[y - top : y - top + letter.shape[0], x - left : x - left + letter.shape[1]] *= letter
    return np.rint(255 * (1 - free)).astype(np.uint8), left, top
