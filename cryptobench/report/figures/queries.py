"""What a break costs: the share of the image recovered against the queries, at the attacked size and at 512x512x3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import log10
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cryptobench.attacks.judgements import FEW_PAIRS, MANY_QUERIES
from cryptobench.attacks.query_formula import REFERENCE_SIZE
from cryptobench.layout.style import COLOURS, GREY, ONE_COLUMN, label_width, page, panel, shortened
from cryptobench.measurement import Outcome
from cryptobench.report.figures.drawing import Drawing, cipher_label, paged, plain_powers
from cryptobench.results.attacks import worst
from cryptobench.results.rounding import percentage
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["draw"]

_ROWS = 26  # ciphers on one page
_STEP, _TOP, _BOTTOM = 0.27, 0.2, 0.58  # inches: a row, the words above, the axis and the legend below
_LEFT = 0.3  # queries at the left end, which leaves room for the scale of shares
_LOOKS = {"proper": (COLOURS[0], "o", "fresh or no nonce"), "fixed": (COLOURS[1], "s", "fixed nonce (misuse)")}


def draw(run: RunData) -> Iterator[Drawing]:
    """A row a cipher that falls, a point an attack: across the queries, upwards the share of the image."""
    broken = run.attacks if run.attacks.empty else worst(run.attacks[run.attacks["word"] == Outcome.RECOVERED])
    if broken.empty:
        raise NothingToShow("no attack of this run recovered an image without chosen ciphertexts")
    broken = run.ordered(broken)
    caption = (
        "A row for each cipher of which an attack without chosen ciphertexts recovers the image; the height of a row "
        "is the share of the samples recovered, from none to all. Filled: an attack at the largest size at which it "
        f"recovers the image; open, joined to it: what it needs at {REFERENCE_SIZE} by its formula, where N is the "
        "number of samples. At the right the attack that needs least there. Dotted: where security levels change; up "
        f"to {FEW_PAIRS} queries are level 0 for known pairs and 1 for chosen plaintexts, and more than "
        f"{MANY_QUERIES:,} are level 2."
    )
    ciphers = list(dict.fromkeys(broken["cipher"]))
    yield from paged("queries", "Queries of attacks that recover the image", caption, ciphers, _ROWS,
                     partial(_figure, run, broken))  # fmt: skip


def _figure(run: RunData, broken: pd.DataFrame, ciphers: Sequence[str], width: float) -> Figure:
    size = 8 if width > ONE_COLUMN else 7
    labels = [cipher_label(run, cipher) for cipher in ciphers]
    accounts = [_account(broken[broken["cipher"] == cipher]) for cipher in ciphers]
    left = label_width([cipher_label(run, cipher) for cipher in broken["cipher"]], size) + 0.12
    right = min(label_width(accounts, 7), 0.34 * width) + 0.1
    tall = _STEP * len(ciphers)
    figure = page(width, _TOP + tall + _BOTTOM)
    axes = panel(figure, left, _BOTTOM, width - left - right, tall)
    axes.set_xscale("log")
    most = max(broken["queries"].max(), broken["queries_at_reference"].fillna(0).max(), 10 * MANY_QUERIES)
    axes.set_xlim(_LEFT, 2 * most)
    axes.set_ylim(len(ciphers), 0)
    for row in range(len(ciphers)):
        axes.axhspan(row + 0.1, row + 0.9, color="#EEF1F4" if row % 2 else "#F6F7F9", linewidth=0, zorder=0)
        text = shortened(accounts[row], right - 0.1)
        axes.annotate(text, (1, row + 0.5), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                      va="center", fontsize=7, annotation_clip=False)  # fmt: skip
    _points(axes, [broken[broken["cipher"] == cipher] for cipher in ciphers])
    for share, height in (("100 %", 0.1), ("0 %", 0.9)):
        where: dict[str, Any] = {"va": "top" if height < 0.5 else "bottom", "color": GREY, "fontsize": 7}
        axes.text(1.1 * _LEFT, height, share, **where)
    _levels(axes, size)
    axes.set_yticks([row + 0.5 for row in range(len(ciphers))], labels, fontsize=size)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=size)
    plain_powers(axes.xaxis)
    axes.set_xlabel("queries", fontsize=size)
    _legend(figure, set(broken["nonce"]), size)
    return figure


def _points(axes: Axes, rows: Sequence[pd.DataFrame]) -> None:
    """The attacks of each row: filled markers where they were run, open ones where they stand at the reference size.

    Markers of one look are one artist, as each costs as much as all of them; of those that lie in one row, which may
    cover one another, the later stays above.
    """
    places: dict[tuple[int, bool, bool], list[tuple[float, float]]] = {}  # by order, misuse, and whether it is filled
    arcs: list[list[tuple[float, float]]] = []
    colours: list[str] = []
    for row, attacks in enumerate(rows):
        modes = ["fixed" if nonce == "fixed" else "proper" for nonce in attacks["nonce"]]
        order = 0
        found: Any
        for place, (found, mode) in enumerate(zip(attacks.itertuples(), modes, strict=True)):
            order += place > 0 and modes[place - 1] != mode
            height = row + 0.9 - 0.8 * min(max(found.recovered, 0.0), 1.0)
            queries, larger = max(found.queries, 0.8), found.queries_at_reference
            if larger == larger:
                larger = max(larger, 0.8)
                arcs.append(list(zip(*_arc(queries, larger, height), strict=True)))
                colours.append(_LOOKS[mode][0])
                places.setdefault((order, mode == "fixed", False), []).append((larger, height))
            places.setdefault((order, mode == "fixed", True), []).append((queries, height))
    ends: dict[str, Any] = {"capstyle": "projecting", "joinstyle": "round"}
    axes.add_artist(LineCollection(arcs, colors=colours, linewidths=0.6, zorder=2, **ends))
    for (_, misuse, filled), points in sorted(places.items()):
        colour, marker, _ = _LOOKS["fixed" if misuse else "proper"]
        look: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 3.4, "clip_on": False, "linewidth": 0}
        look |= {"markeredgewidth": 0, "zorder": 4} if filled else {"markeredgewidth": 0.7, "zorder": 3}
        axes.plot(*zip(*points, strict=True), **look, markerfacecolor=colour if filled else "white")


def _arc(start: float, end: float, height: float) -> tuple[list[float], list[float]]:
    """From one marker to the other, hanging the lower the farther they are apart, so that pairs are told apart."""
    low, high = log10(start), log10(end)
    depth = min(0.5, 0.1 * abs(high - low))
    steps = [step / 24 for step in range(25)]
    return [10 ** (low + (high - low) * t) for t in steps], [height + depth * 4 * t * (1 - t) for t in steps]


def _account(rows: pd.DataFrame) -> str:
    """The attack that needs least at the reference size, of those in proper use if there are any: queries, share."""
    proper = rows[rows["nonce"] != "fixed"]
    rows = proper if len(proper) else rows
    needed = rows["queries_at_reference"].fillna(rows["queries"])
    best = rows.loc[needed.sort_values(kind="stable").index[0]]
    queries = best["formula"] or f"{best['queries']:.0f}"
    return f"{best['attack'].replace('_', ' ')}: {queries}, {percentage(1)(best['recovered'])}"


def _levels(axes: Axes, size: float) -> None:
    low, high = axes.get_xlim()
    for border in (FEW_PAIRS, MANY_QUERIES):
        axes.axvline(border, color=GREY, linewidth=0.6, linestyle=":", zorder=1)
    for level, (start, end) in enumerate(((max(low, 0.6), FEW_PAIRS), (FEW_PAIRS, MANY_QUERIES), (MANY_QUERIES, high))):
        words = f"level {level}" if level else "level 0, or 1"
        axes.annotate(words, ((start * end) ** 0.5, 1), (0, 3), xycoords=("data", "axes fraction"),
                      textcoords="offset points", ha="center", fontsize=7, color=GREY)  # fmt: skip


def _legend(figure: Figure, nonces: set[str], size: float) -> None:
    modes = [mode for mode in _LOOKS if (mode == "fixed") in {nonce == "fixed" for nonce in nonces}]
    handles = [
        Line2D(
            [], [], color=_LOOKS[mode][0], marker=_LOOKS[mode][1], markersize=3.4, linewidth=0, label=_LOOKS[mode][2]
        )
        for mode in modes
    ]
    handles += [
        Line2D([], [], color=GREY, marker="o", markersize=3.4, linewidth=0, label="as attacked"),
        Line2D([], [], color=GREY, marker="o", markersize=3.4, linewidth=0.6, markerfacecolor="white",
               label=f"at {REFERENCE_SIZE}"),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="lower center", ncols=len(handles), fontsize=size, handletextpad=0.3,
                  columnspacing=1.2, borderaxespad=0.2)  # fmt: skip
