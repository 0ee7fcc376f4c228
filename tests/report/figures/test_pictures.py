"""A page of pictures is a few artists, whatever stands on it, and looks the same on every canvas."""

from __future__ import annotations

import io

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from cryptobench.layout.style import page, style
from cryptobench.layout.twice import as_pdf_and_pixels
from cryptobench.report.figures.pictures import Page

COLOUR = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 99, 199]]], np.uint8)
GREY = np.array([[0, 85], [170, 254]], np.uint8)


def sheet(times: int = 1) -> Figure:
    """Both pictures with sides of an inch, and a histogram, so many times over one another."""
    figure = page(4, 1.2)
    drawn = Page(figure)
    for _ in range(times):
        drawn.picture(COLOUR, 0.1, 0.1, 1)
        drawn.picture(GREY, 1.2, 0.1, 1)
        drawn.bars(np.array([0.5, 1.0]), 2.4, 1.1, 1, 1, "#009E73")
    return figure


def test_a_page_looks_alike_everywhere() -> None:
    """In a report and where matplotlib alone draws it: each sample of a picture, and the bars, in their colours."""
    with style():
        _, own = as_pdf_and_pixels(sheet(), 200, 100)
        file = io.BytesIO()
        sheet().savefig(file, format="png", dpi=100)
    other = np.asarray(Image.open(file).convert("RGBA"))
    for pixels in (own, other):
        assert np.array_equal(pixels[[[35], [85]], [[35, 85]], :3], COLOUR)
        assert np.array_equal(pixels[[[35], [85]], [[145, 195]], 0], GREY)
        bars = pixels[[30, 100, 30, 100], [265, 265, 315, 315], :3]
        assert bars.tolist() == [[255, 255, 255], [0, 158, 115], [0, 158, 115], [0, 158, 115]]
        assert (pixels[10, 15:105, :3] < 255).any(axis=1).all(), "the frame"


def test_more_pictures_are_no_more_artists() -> None:
    """Pictures, frames and histograms of one colour are one artist each."""
    with style():
        one, ten = (len(sheet(times).axes[0].get_children()) for times in (1, 10))
    assert one == ten
