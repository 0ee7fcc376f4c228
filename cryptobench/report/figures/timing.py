"""Time beside AES-256-CTR, and how it grows with the image."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import partial
from math import nan
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cryptobench.layout.style import (
    COLOURS,
    GREY,
    HATCHES,
    LINES,
    MARKERS,
    TWO_COLUMNS,
    chunks,
    label_width,
    page,
    panel,
)
from cryptobench.layout.tables import Digits
from cryptobench.report.figures.drawing import Drawing, cipher_label, paged, plain_powers
from cryptobench.report.tabular import KEYS, pick, widen
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["draw"]

_MOST = 8
_BARS = 34  # ciphers on one page
_OPERATIONS = ("encrypt", "decrypt")


def draw(run: RunData) -> Iterator[Drawing]:
    found = False
    values = _bars(run)
    if not values.empty:
        found = True
        caption = (
            f"Time to encrypt and decrypt {values['image'].iloc[0]} on one thread, as a multiple of that of "
            "AES-256-CTR, measured in the same minutes (dotted: 1): median of the repetitions; whiskers: interquartile "
            "range."
        )
        yield from paged(
            "timing",
            "Time beside AES-256-CTR",
            caption,
            list(values["cipher"]),
            _BARS,
            partial(_bar_figure, run, values),
        )
    rows = _scaling(run)
    if rows["pixels"].nunique() > 1:
        found = True
        present = set(rows["cipher"])
        pages = chunks([cipher for cipher in run.ciphers if cipher in present], 3 * _MOST)
        for number, shown in enumerate(pages, 1):
            name = f"timing_scaling_{number}" if len(pages) > 1 else "timing_scaling"
            title = "Time by image size" + (f" ({number} of {len(pages)})" if len(pages) > 1 else "")
            caption = "Median time to encrypt square images by number of pixels, and the fitted exponent (1 is linear)."
            yield Drawing(name, title, caption, partial(_scaling_figure, run, rows, shown), shown)
    if not found:
        raise NothingToShow("the run holds no timing beside AES-256-CTR or of several image sizes")


def _bars(run: RunData) -> pd.DataFrame:
    ratios = pick(run.numbers, "encrypt_ratio", "decrypt_ratio")
    if ratios.empty:
        return ratios
    image = next(image for image in run.images if image in set(ratios["image"]))
    ratios = ratios[ratios["image"] == image]
    clocks = pick(run.numbers, "encrypt_time", "decrypt_time", parameter="", image=image)
    base = ratios[KEYS].drop_duplicates().reset_index(drop=True)
    base = widen(base, ratios, "metric", ["value"])
    return run.ordered(widen(base, clocks, clocks["metric"] + " " + clocks["statistic"], ["value"]))


def _bar_figure(run: RunData, values: pd.DataFrame, ciphers: list[str], width: float) -> Figure:
    values = values[values["cipher"].isin(ciphers)]
    labels = [cipher_label(run, cipher) for cipher in values["cipher"]]
    left = label_width(labels) + 0.15
    tall = 0.23 * len(labels) + 0.1
    figure = page(width, tall + 0.62)
    axes = panel(figure, left, 0.52, width - left - 0.45, tall)
    whiskers: list[tuple[float, float]] = []
    for place, operation in enumerate(_OPERATIONS):
        if f"{operation}_ratio" not in values:
            continue
        for row, record in enumerate(values.to_dict("records")):
            ratio = record[f"{operation}_ratio"]
            if not ratio > 0:
                continue
            at = row + (place - 0.5) * 0.38
            axes.barh(
                at,
                ratio,
                0.36,
                left=0,
                color=COLOURS[0] if place == 0 else "white",
                edgecolor=COLOURS[0],
                linewidth=0.5,
                hatch=HATCHES[place] or None,
                label=operation if row == 0 else None,
            )
            ends = _quartiles(record, operation, ratio)
            whiskers += [*((end, at) for end in ends), (nan, nan)]
            axes.annotate(
                Digits(3)(ratio),
                (max([ratio, *ends]), at),
                (3, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
                annotation_clip=False,
            )
    if whiskers:  # all of them are two artists, as each costs as much as one whisker
        axes.plot(*zip(*whiskers, strict=True), color="black", linewidth=0.8)
        axes.plot(*zip(*whiskers, strict=True), "|", color="black", markersize=2.6, markeredgewidth=0.6)
    axes.axvline(1, color="black", linewidth=0.6, linestyle=":")
    axes.set_xscale("log")
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    plain_powers(axes.xaxis)
    axes.set_xlabel("time relative to AES-256-CTR")
    figure.legend(*axes.get_legend_handles_labels(), loc="lower center", ncols=2, borderaxespad=0.2)
    return figure


def _quartiles(record: dict[Hashable, Any], operation: str, ratio: float) -> list[float]:
    """Quartiles as ratios to AES, by the factor that turns the median into ``ratio``; empty where one is missing."""
    first, median, third = (float(record.get(f"{operation}_time {part}", "nan")) for part in ("q25", "median", "q75"))
    return [first / median * ratio, third / median * ratio] if min(first, median, third) > 0 else []


def _scaling(run: RunData) -> pd.DataFrame:
    rows = pick(run.numbers, "encrypt_time", statistic="median")
    rows = rows[(rows["parameter"] != "") & (rows["value"] > 0)]
    return rows.assign(pixels=rows["parameter"].astype(int) ** 2).drop_duplicates(["cipher", "pixels"])


def _scaling_figure(run: RunData, rows: pd.DataFrame, ciphers: list[str]) -> Figure:
    exponents = pick(run.numbers, "encrypt_exponent").drop_duplicates("cipher").set_index("cipher")["value"].dropna()
    halves = chunks(ciphers, _MOST)
    wide = (TWO_COLUMNS - 0.42 - 0.1 - 0.14 * (len(halves) - 1)) / len(halves)
    legend = 0.13 * max(map(len, halves)) + 0.08
    figure = page(TWO_COLUMNS, 2.1 + 0.38 + legend)
    low, high = rows["value"].min() * 1e3 / 1.6, rows["value"].max() * 1e3 * 1.6
    for place, half in enumerate(halves):
        axes = panel(figure, 0.42 + place * (wide + 0.14), 0.34 + legend, wide, 2.1)
        for index, cipher in enumerate(half):
            exponent = f", exponent {exponents[cipher]:.2f}" if cipher in exponents.index else ""
            label = f"{cipher_label(run, cipher)}{exponent}"
            _line(axes, rows[rows["cipher"] == cipher].sort_values("pixels"), index, label)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_ylim(low, high)
        axes.set_xticks(sorted(set(rows["pixels"])), [f"{side}²" for side in sorted(set(rows["parameter"]), key=int)])
        axes.minorticks_off()
        plain_powers(axes.yaxis)
        axes.set_xlabel("pixels")
        axes.grid(color=GREY, alpha=0.25, linewidth=0.4)
        if place:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("time to encrypt (ms)")
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(0, -0.34 / 2.1),
            handlelength=3.2,
            labelspacing=0.25,
            borderaxespad=0,
            borderpad=0,
        )
    return figure


def _line(axes: Axes, rows: pd.DataFrame, index: int, label: str) -> None:
    axes.plot(
        rows["pixels"],
        rows["value"] * 1e3,
        color=COLOURS[index],
        marker=MARKERS[index],
        linestyle=LINES[index],
        label=label,
        markersize=3,
        markerfacecolor="white" if index % 2 else None,
        markeredgewidth=0.6,
        linewidth=0.8,
    )
