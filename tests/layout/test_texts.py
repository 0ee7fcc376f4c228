"""Texts are laid out once, and look as matplotlib draws them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

from cryptobench.layout import texts
from cryptobench.layout.style import page, style
from cryptobench.layout.twice import as_pdf, as_pdf_and_pixels
from tests.layout.test_twice import DPI


def written(shift: float = 0.0) -> Figure:
    """Upright, turned and slanted text, accents and a letter of the second font."""
    figure = page(2, 1)
    figure.text(0.1 + shift, 0.6, "arnold-cat Ä × ◂ 3", fontsize=8)
    figure.text(0.1 + shift, 0.3, "two\nlines", fontsize=7, rotation=30)
    figure.text(0.8 + shift, 0.2, "NPCR (%)", fontsize=7, rotation=90)
    return figure


def as_matplotlib(self: RendererAgg, *given: Any, font: object = None, **options: Any) -> None:
    """A text as matplotlib draws it, without what ours are told of the font."""
    drawn: Any = RendererAgg.draw_text
    drawn(self, *given, **options)


def test_letters_move_an_eighth_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ink is that of matplotlib, and each letter stands within an eighth of a pixel of where matplotlib has it."""
    with style():
        _, pixels = as_pdf_and_pixels(written(), 2 * DPI, DPI)
        monkeypatch.delattr(texts.Pixels, "_draw_text_glyphs_and_boxes")
        monkeypatch.setattr(texts.Pixels, "draw_text", as_matplotlib)
        _, others = as_pdf_and_pixels(written(), 2 * DPI, DPI)
    own, other = (255.0 - image[..., 0] for image in (pixels, others))
    assert own.sum() == pytest.approx(other.sum(), rel=0.01)
    for axis in (0, 1):
        middles = [(image.sum(1 - axis) * np.arange(image.shape[axis])).sum() / image.sum() for image in (own, other)]
        assert middles[0] == pytest.approx(middles[1], abs=0.13)
    assert np.abs(own - other).mean() < 0.25 * other.mean()


@pytest.mark.skipif(not texts.FITS, reason="another matplotlib lays texts out by itself")
def test_a_text_is_laid_out_once() -> None:
    """Drawn again on another page, neither lines nor letters are made anew, and both files are the same."""
    with style():
        first = as_pdf_and_pixels(written(), 2 * DPI, DPI)
        known = [each.cache_info().misses for each in (texts._laid_out, texts._measured, texts._letter)]
        again = as_pdf_and_pixels(written(), 2 * DPI, DPI)
        assert [each.cache_info().misses for each in (texts._laid_out, texts._measured, texts._letter)] == known
        for each in (texts._laid_out, texts._placed, texts._measured, texts._line, texts._letter):
            each.cache_clear()
        fresh = as_pdf_and_pixels(written(), 2 * DPI, DPI)
    assert first[0] == again[0] == fresh[0]
    assert np.array_equal(first[1], again[1])
    assert np.array_equal(first[1], fresh[1])


def test_another_matplotlib_draws_texts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its functions are not those of version 3.11, the PDF is the same all the same."""
    with style():
        own = as_pdf(written(), DPI)
        monkeypatch.setattr(texts, "FITS", False)
        pdf, pixels = as_pdf_and_pixels(written(), DPI, DPI)
    assert pdf == own
    assert (pixels[..., 0] < 128).any()


def test_letters_of_a_text_are_put_together() -> None:
    """Each at its place, with nothing between them; where two cover a pixel, what both leave free is multiplied."""
    first, second = np.array([[0.0, 0.5]], np.float32), np.array([[0.5], [1.0]], np.float32)
    picture, left, top = texts._together([(first, 3, 7), (second, 4, 7), (first, 6, 6)])
    assert (left, top) == (3, 6)
    np.testing.assert_array_equal(picture, [[0, 0, 0, 255, 128], [255, 191, 0, 0, 0], [0, 0, 0, 0, 0]])
