"""How figures look: widths of a paper's columns, type sizes, colours that survive colour blindness and grey print."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from cryptobench.files import write_bytes
from cryptobench.layout.figure import Figure as PlainFigure
from cryptobench.layout.figure import boxes_for_missing_letters
from cryptobench.layout.panels import Panel
from cryptobench.layout.png import png
from cryptobench.layout.twice import as_pdf, as_pdf_and_pixels
from cryptobench.terminal import one_line

__all__ = [
    "CHANNEL_COLOURS", "COLOURS", "FAIL", "GREY", "HATCHES", "LINES", "LONGEST_LABEL", "MARKERS", "ONE_COLUMN",
    "TWO_COLUMNS", "cells", "chunks", "files_of", "fitted", "folded", "label_width", "page", "panel", "save",
    "save_pdf", "shortened", "style",
]  # fmt: skip

ONE_COLUMN, TWO_COLUMNS = 3.5, 7.16
LONGEST_LABEL = 1.25
GREY = "0.45"
FAIL = "#D55E00"

# Okabe and Ito's palette without its yellow, which is too light for lines.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#7F7F7F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
LINES = ("-", "--", "-.", (0, (3, 1, 1, 1, 1, 1)), (0, (5, 1)), (0, (1, 1)), "-", "--")
HATCHES = ("", "////")
CHANNEL_COLOURS = {"R": "#D55E00", "G": "#009E73", "B": "#0072B2", "grey": "#000000"}

_STYLE: dict[str, Any] = {
    "font.family": ["STIXGeneral", "DejaVu Sans"],  # the second for letters that the first lacks
    "mathtext.fontset": "stix",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.linewidth": 0.5,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.minor.width": 0.35,
    "ytick.minor.width": 0.35,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "axes.titlepad": 3.0,
    "axes.titley": 1.0,  # else each drawing looks for ticks above that would push the title up
    "axes.labelpad": 2.0,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "lines.linewidth": 0.9,
    "lines.markersize": 3.0,
    "hatch.linewidth": 0.4,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "image.interpolation": "none",
    "image.composite_image": False,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.hashsalt": "cryptobench",
    "path.simplify": True,
    "text.parse_math": False,
    "axes.unicode_minus": True,
}
_PIXELS_PER_INCH = 200
_MEASURED = text_to_path.FONT_SCALE
_HINTED = 1.06  # type on whole pixels (figures in a notebook) takes up to this much more room than its outlines


@contextmanager
def style() -> Iterator[None]:
    """Draw and save in the report's style, whatever the user's own matplotlib settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)  # type: ignore[arg-type]
        yield


def page(width: float, height: float) -> Figure:
    """An empty figure; inches."""
    figure = PlainFigure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def panel(figure: Figure, left: float, bottom: float, width: float, height: float, **options: Any) -> Axes:
    """Axes at a place in inches from the figure's lower left corner."""
    across, up = figure.get_size_inches()
    place = (left / across, bottom / up, width / across, height / up)
    return figure.add_axes(place, axes_class=Panel, **options)


def cells(
    figure: Figure,
    rows: int,
    columns: int,
    *,
    left: float,
    right: float,
    top: float,
    bottom: float,
    gap: tuple[float, float],
) -> list[list[Axes]]:
    """A grid of axes between margins in inches, ``gap`` (across, down) apart; rows from the top."""
    across, up = figure.get_size_inches()
    width = (across - left - right - (columns - 1) * gap[0]) / columns
    height = (up - top - bottom - (rows - 1) * gap[1]) / rows
    return [
        [
            panel(figure, left + c * (width + gap[0]), bottom + (rows - 1 - r) * (height + gap[1]), width, height)
            for c in range(columns)
        ]
        for r in range(rows)
    ]


def label_width(labels: Sequence[str], size: float = 7) -> float:
    """Inches that the longest of some labels takes, in the PDF and in the PNG."""
    return _HINTED * max((_text_width(label) * (size / _MEASURED) for label in labels if label), default=0.0) / 72


def shortened(label: str, width: float = LONGEST_LABEL) -> str:
    """The label on one line, at most ``width`` inches wide at size 7: the middle of a longer one is left out."""
    shown = label = one_line(label)
    kept = len(label)
    while kept > 1 and label_width([shown]) > width:
        kept -= 1
        shown = f"{label[: (kept + 1) // 2]}…{label[len(label) - kept // 2 :]}"
    return shown


def fitted(label: str, width: float, size: float) -> float:
    """The type size, ``size`` or less, at which a label is at most ``width`` inches wide."""
    return min(size, size * width / max(label_width([label], size), 1e-9))


def folded(label: str, width: float, size: float) -> dict[str, Any]:
    """A label that is at most ``width`` inches wide, as text options: marks on a second line, a long name shortened."""
    lines = label.split(" ", 1) if label_width([label], size) > width else [label]
    lines = [shortened(line, width * 7 / size) for line in lines]
    return {"s": "\n".join(lines), "fontsize": size, "linespacing": 0.95, "multialignment": "center"}


@functools.cache
def _text_width(label: str) -> float:
    """Points at the size at which matplotlib measures: outlines are as many times as wide at another."""
    font = FontProperties(family=_STYLE["font.family"], size=_MEASURED)
    with boxes_for_missing_letters():
        return float(text_to_path.get_text_width_height_descent(label, font, ismath=False)[0])


def chunks(items: Sequence[str], most: int) -> list[list[str]]:
    """Split into runs of nearly equal length, none longer than ``most``."""
    count = -(-len(items) // most)
    return [list(items[len(items) * i // count : len(items) * (i + 1) // count]) for i in range(count)]


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as PDF with embedded fonts and as PNG; equal figures give equal bytes."""
    return [write_bytes(folder / f"{name}{ending}", content) for ending, content in files_of(figure).items()]


def files_of(figure: Figure) -> dict[str, bytes]:
    """What `save` writes, by the endings of the files."""
    pdf, pixels = as_pdf_and_pixels(figure, 2 * _PIXELS_PER_INCH, _PIXELS_PER_INCH)
    return {".pdf": pdf, ".png": png(pixels, _PIXELS_PER_INCH)}


def save_pdf(figure: Figure, folder: Path, name: str) -> Path:
    """Write a figure as PDF with embedded fonts; equal figures give equal bytes."""
    return write_bytes(folder / f"{name}.pdf", as_pdf(figure, 2 * _PIXELS_PER_INCH))
