"""Distributions of NPCR, UACI and BACI over the trials, against the critical interval of one trial."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cryptobench.layout.style import COLOURS, FAIL, GREY, ONE_COLUMN, label_width, page, panel
from cryptobench.report.figures.drawing import Drawing, cipher_label, paged
from cryptobench.report.tabular import pick
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["draw"]

_METRICS = {
    "npcr": "Number of pixels change rate", "uaci": "Unified average changing intensity",
    "baci": "Block average changing intensity",
}  # fmt: skip
_MODES = {"fresh nonce": ("fresh",), "fixed nonce": ("fixed", "none")}
_DOTS = 500
_MOST = 38  # ciphers on one page


def draw(run: RunData) -> Iterator[Drawing]:
    found = False
    for metric, name in _METRICS.items():
        title = metric.upper()
        rows = pick(run.table, metric)
        rows = rows[rows["trial"].notna()]
        if rows.empty:
            continue
        found = True
        shape, rows = _one_size(rows)
        caption = (
            f"{name} ({title}) of each trial on images of {shape}, one dot a trial; grey band: the critical interval "
            "of a single trial, which an ideal cipher leaves one time in twenty at significance level 0.05; bar: the "
            "mean. Trials beyond the axis are counted at its edge, with their mean. Fixed nonce: the same nonce and "
            "per-message secret for both messages, which is misuse and measures the cipher itself."
        )
        present = set(rows["cipher"])
        ciphers = [cipher for cipher in run.ciphers if cipher in present]
        yield from paged(metric, f"{title} distributions", caption, ciphers, _MOST, partial(_figure, run, rows, title))
    if not found:
        raise NothingToShow("the run holds no NPCR, UACI or BACI trials")


def _one_size(rows: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """The trials on the most frequent image size: the interval belongs to the size."""
    sizes = rows.groupby(["height", "width", "channels"]).size()
    height, width, channels = sizes.index[int(sizes.to_numpy().argmax())]
    kept = rows[(rows["height"] == height) & (rows["width"] == width) & (rows["channels"] == channels)]
    return f"{height}×{width}×{channels}", kept


def _figure(run: RunData, rows: pd.DataFrame, title: str, ciphers: list[str], width: float) -> Figure:
    labels = [cipher_label(run, cipher) for cipher in ciphers]
    left = label_width(labels) + 0.15
    step = 0.17 if width > ONE_COLUMN else 0.15
    tall, gap = step * len(ciphers) + 0.1, 0.12
    figure = page(width, tall + 0.55)
    wide = (width - left - gap - 0.08) / 2
    without = set(rows.loc[rows["nonce"] == "none", "cipher"])
    for place, (mode, nonces) in enumerate(_MODES.items()):
        axes = panel(figure, left + place * (wide + gap), 0.34, wide, tall)
        _panel(axes, rows[rows["nonce"].isin(nonces)], ciphers, without, np.random.default_rng(place))
        axes.set_title(mode)
        axes.set_xlabel(f"{title} (%)")
        axes.set_yticks(range(len(ciphers)), labels if place == 0 else [""] * len(ciphers))
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, ciphers: list[str], without: set[str], rng: np.random.Generator) -> None:
    if rows.empty:
        text = "has no nonce" if without.issuperset(ciphers) else "not measured"
        axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=GREY)
        axes.set_ylim(len(ciphers) - 0.5, -0.5)
        axes.set_xticks([])
        return
    centre, low, high = (_first(rows[column]) for column in ("expected", "low", "high"))
    near = _span(rows, centre, low, high)
    axes.set_xlim(*near)
    axes.set_ylim(len(ciphers) - 0.5, -0.5)
    if low is not None or high is not None:
        axes.axvspan(
            low if low is not None else near[0], high if high is not None else near[1], color="0.88", linewidth=0
        )
    if centre is not None:
        axes.axvline(centre, color=GREY, linewidth=0.5, linestyle=":")
    dots: list[tuple[np.ndarray, np.ndarray]] = []
    means: list[tuple[float, float]] = []
    by_cipher = dict(list(rows.groupby("cipher", sort=False)["value"]))
    nothing = rows["value"].iloc[:0]
    for row, cipher in enumerate(ciphers):
        values = by_cipher.get(cipher, nothing).to_numpy(dtype=float)
        if not len(values):
            text = "has no nonce" if cipher in without else "not measured"
            axes.text(near[0], row, f"  {text}", ha="left", va="center", color=GREY, fontsize=7)
            continue
        inside = values[(values >= near[0]) & (values <= near[1])]
        inside = inside if len(inside) <= _DOTS else rng.choice(inside, _DOTS, replace=False)
        jitter = rng.uniform(-0.3, 0.3, len(inside))
        dots.append((inside, row + jitter))
        if near[0] <= values.mean() <= near[1]:
            means += [(values.mean(), row - 0.36), (values.mean(), row + 0.36), (np.nan, np.nan)]
        _outside(axes, row, values[values < near[0]], near[0], "left")
        _outside(axes, row, values[values > near[1]], near[1], "right")
    # One artist for all dots and one for all bars: each costs as much as for one cipher.
    if dots:
        x, y = map(np.concatenate, zip(*dots, strict=True))
        axes.plot(x, y, ".", color=COLOURS[0], markersize=2.2, markeredgewidth=0)
    if means:
        axes.plot(*zip(*means, strict=True), color="black", linewidth=1.1)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, prune="both"))
    axes.ticklabel_format(axis="x", useOffset=False)


def _outside(axes: Axes, row: int, values: np.ndarray, edge: float, side: str) -> None:
    if len(values):
        arrow = ("◂ {} × {:.3g}", "{} × {:.3g} ▸")[side == "right"]
        text = arrow.format(len(values), values.mean())
        axes.annotate(
            text, (edge, row), (3 if side == "left" else -3, 0), textcoords="offset points", ha=side, va="center",
            color=FAIL, fontsize=7, zorder=3, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
        )  # fmt: skip


def _span(rows: pd.DataFrame, centre: float | None, low: float | None, high: float | None) -> tuple[float, float]:
    """An axis that shows an ideal cipher's trials at full width."""
    values = rows["value"].to_numpy(dtype=float)
    if centre is None or (low is None and high is None):
        return float(values.min()) - 0.5, float(values.max()) + 0.5
    half = max(abs(centre - bound) for bound in (low, high) if bound is not None)
    return centre - 2.2 * half, centre + 2.2 * half


def _first(column: pd.Series) -> float | None:
    known = column.dropna()
    return None if known.empty else float(known.iloc[0])
