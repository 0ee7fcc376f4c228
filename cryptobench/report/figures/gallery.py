"""Plaintext, cipher image and decryption, with histograms by channel."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from cryptobench.layout.style import CHANNEL_COLOURS, TWO_COLUMNS, chunks, folded, page
from cryptobench.report.figures.drawing import Drawing, cipher_label
from cryptobench.report.figures.pictures import Page, planes
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["draw"]

_ROWS = 6
_TIMES = 4
# Inches: side of a picture, step from row to row, margins, width of a histogram and its distance from the picture.
_SIDE, _STEP, _LEFT, _TOP_EDGE, _SPACE, _WIDE = 0.88, 0.96, 0.2, 0.2, 0.18, 1.12
_PAIR = _SIDE + _SPACE + _WIDE + 0.14
_COLUMNS = (("plain", "plaintext"), ("cipher", "ciphertext"), ("decrypted", "decrypted"))


def draw(run: RunData) -> Iterator[Drawing]:
    image = run.picture_image()
    ciphers = [c for c in run.ciphers if image is not None and "cipher" in run.picture_names(c, image)]
    if image is None or not ciphers:
        raise NothingToShow("the run kept no pictures; they come from the analysis quality")
    pages = chunks(ciphers, _ROWS)
    for number, shown in enumerate(pages, 1):
        yield Drawing(
            f"gallery_{number}" if len(pages) > 1 else "gallery",
            "Gallery" + (f" ({number} of {len(pages)})" if len(pages) > 1 else ""),
            f"Plaintext, ciphertext and decryption of {image}, each with the histogram of its channels "
            f"(R, G, B; each band reaches up to {_TIMES} times the mean count).",
            partial(_figure, run, image, shown),
            shown,
        )


def _figure(run: RunData, image: str, ciphers: list[str]) -> Figure:
    figure = page(TWO_COLUMNS, _TOP_EDGE + len(ciphers) * _STEP + 0.32)
    sheet = Page(figure)
    for column, (_, title) in enumerate(_COLUMNS):
        sheet.text(_LEFT + column * _PAIR + _SIDE / 2, _TOP_EDGE - 0.08, title, fontsize=8)
        sheet.text(_LEFT + column * _PAIR + _SIDE + _SPACE + _WIDE / 2, _TOP_EDGE - 0.08, "histogram", fontsize=8)
    for row, cipher in enumerate(ciphers):
        top = _TOP_EDGE + row * _STEP
        sheet.text(0.1, top + _SIDE / 2, **folded(cipher_label(run, cipher), _SIDE, 7), rotation=90)
        for column, (name, _) in enumerate(_COLUMNS):
            left = _LEFT + column * _PAIR
            picture = run.picture(cipher, image, name)
            if picture is None:
                sheet.missing(left, top, _SIDE, "no picture")
                continue
            sheet.picture(picture, left, top, _SIDE)
            _histogram(sheet, picture, left + _SIDE + _SPACE, top, last=cipher == ciphers[-1])
    return figure


def _histogram(sheet: Page, image: NDArray[np.uint8], left: float, top: float, last: bool) -> None:
    bands = planes(image)
    full = _SIDE / len(bands)
    for place, (name, plane) in enumerate(bands, 1):
        counts = np.bincount(plane.ravel(), minlength=256)
        heights = np.minimum(counts / (plane.size / 256) / _TIMES, 1)
        sheet.bars(heights, left, top + place * full, _WIDE, full * 0.92, CHANNEL_COLOURS[name])
        if len(bands) > 1:
            sheet.text(left - 0.07, top + (place - 0.5) * full, name, fontsize=7)
    places = [left + (value + 0.5) / 256 * _WIDE for value in (0, 128, 255)]
    sheet.ticks_below(places, top + _SIDE, ["0", "128", "255"] if last else None)
    if last:
        sheet.text(left + _WIDE / 2, top + _SIDE + 0.22, "pixel value", fontsize=8)
