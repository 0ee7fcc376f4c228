"""One drawing gives the PDF that matplotlib gives, and its pixels."""

from __future__ import annotations

import io
import re
import zlib

import numpy as np
import pytest
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray
from PIL import Image

from cryptobench.layout import fonts
from cryptobench.layout.style import page, panel, style
from cryptobench.layout.twice import as_pdf, as_pdf_and_pixels

DPI = 200
PICTURE = np.random.default_rng(3).integers(0, 256, (10, 20, 3), np.uint8)


def drawn(text: str = "") -> Figure:
    """Lines, dashes, markers, hatches, clipped circles, a collection and a picture of 20 by 10 squares of 5 pixels."""
    figure = page(2, 1.5)
    axes = panel(figure, 0.25, 0.25, 1, 1)
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[0.5], yticks=[0.5])
    if not text:
        axes.set(xticklabels=[], yticklabels=[])
    axes.plot([0.1, 0.15, 0.9], [0.2, 0.95, 0.7], "--o", color="#009E73")
    axes.add_patch(Rectangle((0.85, 0.6), 0.1, 0.3, hatch="////", facecolor="white", edgecolor="black"))
    axes.add_collection(PatchCollection([Rectangle((x, 0.05), 0.1, 0.1) for x in (0.2, 0.4)], facecolor="#D55E00"))
    axes.add_patch(Circle((1, 0), 0.2, color="#0072B2"))
    axes.scatter([0.1, 0.2], [0.5, 0.6], s=4, color="black")
    axes.text(0.1, 0.9, text)
    shown = AxesImage(axes, interpolation="none", origin="upper", extent=(0.3, 0.8, 0.4, 0.65))
    shown.set_data(PICTURE)
    axes.add_artist(shown)
    return figure


def streams(pdf: bytes) -> list[bytes]:
    """What the streams of a PDF file hold, unpacked."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return [zlib.decompress(stream) for stream in found]


def pixels_of_matplotlib(figure: Figure) -> NDArray[np.uint8]:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI)
    return np.asarray(Image.open(file).convert("RGBA"))


def test_the_page_is_that_of_matplotlib() -> None:
    """What is drawn on it, stroke by stroke and letter by letter, is what savefig draws."""
    with style():
        file = io.BytesIO()
        drawn("Abc").savefig(file, format="pdf", dpi=2 * DPI)
        pdf, _ = as_pdf_and_pixels(drawn("Abc"), 2 * DPI, DPI)
        assert streams(pdf)[0] == streams(file.getvalue())[0]
        assert as_pdf(drawn("Abc"), 2 * DPI) == pdf


def test_the_pixels_are_those_of_matplotlib() -> None:
    """But for text and the rounding of a few edges."""
    with style():
        _, pixels = as_pdf_and_pixels(drawn(), 2 * DPI, DPI)
        other = pixels_of_matplotlib(drawn())
    assert pixels.shape == other.shape == (300, 400, 4)
    assert (pixels != other).any(axis=2).mean() < 0.002


def test_pictures_show_every_sample() -> None:
    """Each in a square of five pixels, the first row at the top."""
    with style():
        _, pixels = as_pdf_and_pixels(drawn(), 2 * DPI, DPI)
    left, top = 50 + 60, 300 - 50 - 130
    part = pixels[top : top + 50, left : left + 100, :3]
    assert np.array_equal(part, PICTURE.repeat(5, 0).repeat(5, 1))


def test_equal_pictures_are_kept_once() -> None:
    """A picture that a page shows twice is in the file once."""
    with style():
        figure = drawn()
        again = AxesImage(figure.axes[0], interpolation="none", origin="upper", extent=(0, 0.2, 0, 0.1))
        again.set_data(PICTURE.copy())
        figure.axes[0].add_artist(again)
        pdf, _ = as_pdf_and_pixels(figure, 2 * DPI, DPI)
    assert pdf.count(b"/Subtype /Image") == 1


def test_the_figure_keeps_its_resolution() -> None:
    """Whoever draws it again finds it as it was."""
    with style():
        figure = drawn()
        kept = figure.dpi
        as_pdf_and_pixels(figure, 2 * DPI, DPI)
    assert figure.dpi == kept


@pytest.mark.skipif(not fonts._FITS, reason="another matplotlib cuts fonts by itself")
def test_fonts_are_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of other letters share what the first has cut, and no figure depends on those before it."""
    cut: list[object] = []
    original = fonts._ORIGINAL
    assert original is not None

    def counted(fontfile: object, glyphs: set[int]) -> object:
        cut.append(fontfile)
        return original(fontfile, glyphs)

    monkeypatch.setattr(fonts, "_ORIGINAL", counted)
    texts = ["the quick brown fox jumps", "THE LAZY DOG 0123456789"]
    with style():
        fonts._cut.cache_clear()
        first = [as_pdf(drawn(text), DPI) for text in texts]
        assert len(cut) == 1
        fonts._cut.cache_clear()
        again = [as_pdf(drawn(text), DPI) for text in reversed(texts)]
    assert again[::-1] == first
    assert b"STIXGeneral-Regular" in first[0]
