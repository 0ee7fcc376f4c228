"""Where damage to a ciphertext shows in the decrypted picture, and how far it spreads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cryptobench.layout.style import COLOURS, GREY, ONE_COLUMN, label_width, page, panel
from cryptobench.report.figures.drawing import Drawing, cipher_label, paged
from cryptobench.report.tabular import pick
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["draw"]

# A panel: title, axis label, metric with the original at hand, metric without, value of pure chance.
_MOST = 38  # ciphers on one page
_PANELS = (
    ("damaged region found", "area under ROC curve", "trace_auc", "trace_auc_blind", 0.5),
    ("error inside that region", "share of squared error", "trace_energy", "trace_energy_blind", None),
    ("picture changed", "share of pixels", "damage_spread", "", None),
)
_CAPTION = (
    "Part of the ciphertext is damaged; where does the decrypted picture show it? Left: how well a pixel's error tells "
    "that it lies in the damaged region, as the area under the ROC curve (receiver operating characteristic; 1: "
    "always, 0.5, dotted: no better than chance). Middle: share of the squared error that lies inside the region. "
    "Right: share of the picture's pixels that change. Point: median over the kinds of damage that have a place, their "
    "levels and the images; line: their range. Circle: the error is measured against the original picture; square: "
    "without it, from the noise in the decrypted picture alone."
)


def draw(run: RunData) -> Iterator[Drawing]:
    rows = pick(run.numbers, *(metric for panel in _PANELS for metric in panel[2:4] if metric))
    rows = rows[pd.to_numeric(rows["value"], errors="coerce").notna()]
    if rows.empty:
        raise NothingToShow("the run holds no traceability measurement")
    present = set(rows["cipher"])
    ciphers = [cipher for cipher in run.ciphers if cipher in present]
    yield from paged("traceability", "Where damage shows", _CAPTION, ciphers, _MOST, partial(_figure, run, rows))


def _figure(run: RunData, rows: pd.DataFrame, ciphers: list[str], width: float) -> Figure:
    labels = [cipher_label(run, cipher) for cipher in ciphers]
    left, gap = label_width(labels) + 0.15, 0.14
    panels = _PANELS if width > ONE_COLUMN else (_PANELS[0], _PANELS[2])  # a column has room for two
    tall = 0.15 * len(ciphers) + 0.1
    figure = page(width, tall + 0.7)
    wide = (width - left - 0.1 - gap * (len(panels) - 1)) / len(panels)
    for place, (title, label, known, blind, chance) in enumerate(panels):
        axes = panel(figure, left + place * (wide + gap), 0.48, wide, tall)
        _panel(axes, rows, ciphers, known, blind)
        if chance is not None:
            axes.axvline(chance, color=GREY, linewidth=0.6, linestyle=":")
        axes.set_title(title)
        axes.set_xlabel(label)
        axes.set_xlim(-0.03, 1.03)
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        axes.set_ylim(len(ciphers) - 0.5, -0.5)
        axes.set_yticks(range(len(ciphers)), labels if place == 0 else [""] * len(ciphers))
        if place == 0:
            handles = axes.get_legend_handles_labels()
    figure.legend(*handles, loc="lower center", ncols=2, borderaxespad=0.2)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, ciphers: list[str], known: str, blind: str) -> None:
    looks = ((known, -0.14, "o", COLOURS[0], "with the original"), (blind, 0.16, "s", COLOURS[1], "without it"))
    for metric, shift, marker, colour, label in looks:
        if not metric:
            continue
        found = rows[(rows["metric"] == metric) & rows["cipher"].isin(ciphers)]
        values = found["value"].astype(float).groupby(found["cipher"]).agg(["min", "median", "max"])
        values = values.reindex([cipher for cipher in ciphers if cipher in values.index])
        heights = np.array([row + shift for row, cipher in enumerate(ciphers) if cipher in values.index])
        # All lines are one artist, and so are all points: each costs as much as for one cipher.
        ends = np.column_stack([values["min"], values["max"], np.full(len(values), np.nan)])
        axes.plot(ends.ravel(), np.repeat(heights, 3), color=colour, linewidth=0.7)
        axes.plot(
            values["median"], heights, marker, color=colour, markersize=2.8, label=label,
            markerfacecolor="white" if metric == blind else colour, markeredgewidth=0.6,
        )  # fmt: skip
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=GREY, alpha=0.2, linewidth=0.4)
