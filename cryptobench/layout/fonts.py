"""Fonts in the PDF of figures: cut once a process to the letters that most figures use, not once a figure.

matplotlib cuts each font for each file, which takes longer than to draw many a figure.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from matplotlib.backends import _backend_pdf_ps as _module
from matplotlib.font_manager import get_font

__all__ = ["common_subsets"]

_PS: Any = _module
_COMMON = frozenset(map(ord, [*map(chr, range(32, 127)), *"–—…−×≤≥±≈≠½⅓⅔¼¾∞√→σμχ²³°ÄÖÜäöüßéèçñ"]))
_FEW = 16  # a font of which fewer letters are used is cut to just these: ten kilobytes less
_NAME = "get_glyphs_subset"
_ORIGINAL = getattr(_PS, _NAME, None)
_FITS = _ORIGINAL is not None and list(inspect.signature(_ORIGINAL).parameters) == ["fontfile", "glyphs"]


@dataclass(frozen=True)
class _Saved:
    """A font that has been cut, as matplotlib saves one."""

    content: bytes

    def save(self, file: BytesIO, **_: Any) -> None:
        file.write(self.content)


@dataclass(frozen=True)
class _Subset:
    font: _Saved
    glyph_index_map: Mapping[int, int]


@contextmanager
def common_subsets() -> Iterator[None]:
    """While the context is open, PDF files of matplotlib share their cut fonts; equal figures still give equal bytes.

    Where matplotlib cuts fonts by another function than that of version 3.11, nothing is changed.
    """
    if not _FITS:
        yield
        return
    setattr(_PS, _NAME, _shared)
    try:
        yield
    finally:
        setattr(_PS, _NAME, _ORIGINAL)


@contextmanager
def _shared(fontfile: Any, glyphs: Iterable[int]) -> Iterator[_Subset]:
    wanted = frozenset(glyphs)
    common = _common(fontfile) if len(wanted) > _FEW else frozenset()
    yield _cut(fontfile, common if wanted <= common else wanted)


@functools.lru_cache(maxsize=32)
def _common(fontfile: Any) -> frozenset[int]:
    """The glyphs of the common letters, and the one of letters that the font lacks."""
    return frozenset(glyph for letter, glyph in get_font(fontfile).get_charmap().items() if letter in _COMMON) | {0}


@functools.lru_cache(maxsize=32)
def _cut(fontfile: Any, glyphs: frozenset[int]) -> _Subset:
    assert _ORIGINAL is not None
    with _ORIGINAL(fontfile, set(glyphs)) as subset:
        content = _PS.font_as_file(subset.font).getvalue()
        return _Subset(_Saved(content), dict(subset.glyph_index_map))
