"""The fourth figure of a paper: what attacks recover of the cipher's images, or else the time that it takes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray

from cryptobench.layout.style import COLOURS, label_width, page, panel, shortened
from cryptobench.layout.tables import Digits
from cryptobench.measurement import Outcome
from cryptobench.report.figures.drawing import plain_powers
from cryptobench.report.figures.pictures import Page
from cryptobench.report.paper.chosen import Subject
from cryptobench.report.paper.figure import NARROW, TYPE, PaperFigure
from cryptobench.report.tabular import pick
from cryptobench.results.attacks import worst
from cryptobench.results.rounding import percentage
from cryptobench.results.run import NothingToShow

__all__ = ["attack_or_time"]


def attack_or_time(of: Subject) -> PaperFigure:
    """What attacks recover of the cipher's own images, if the run kept pictures of that; else time."""
    results = of.attacks
    if not results.empty:
        found = worst(results[results["word"] == str(Outcome.RECOVERED)])
        kept = [row for row in found.itertuples() if _taken(of, row)[-1] is not None]
        if kept:
            return _attack(of, kept)
    return _time(of)


def _taken(of: Subject, row: Any) -> list[NDArray[np.uint8] | None]:
    side = min(row.height, row.width)
    names = ("original", "cipher", "recovered")
    return [of.run.picture(of.cipher, row.image, f"attack {row.attack} {side} {row.nonce} {name}") for name in names]


def _attack(of: Subject, kept: list[Any]) -> PaperFigure:
    ranked = sorted(kept, key=lambda row: (row.nonce == "fixed", row.queries, -row.height, row.attack))
    best = ranked[:1]
    if other := [row for row in ranked if row.nonce != best[0].nonce]:
        best.append(other[0])
    hidden = len(kept) - len(best)
    modes = "" if best[0].nonce == "none" else " of each use of nonces"
    told = "; ".join(
        f"{row.attack} ({row.model}{', one nonce for all messages' * (row.nonce == 'fixed')}), "
        f"{row.queries:,.0f} quer{'y' if row.queries == 1 else 'ies'}, "
        f"{percentage(1)(row.recovered).replace('%', ' %')} of the samples, "
        f"{row.height}×{row.width}×{row.channels}"
        for row in best
    )
    caption = (
        f"What attacks on {of.name} recover without the key and without chosen ciphertexts: {told}. "
        + (f"The cheapest{modes}; {hidden} more recover images. " if hidden > 0 else "")
        + f"Of an ideal cipher 0.4 % of the samples would be right by chance. {of.legend([of.cipher])}"
    )
    return PaperFigure("attack", caption.strip(), partial(_draw_attack, of, best))


def _draw_attack(of: Subject, rows: list[Any]) -> Figure:
    side, step, down, top = 1.0, 1.07, 1.2, 0.18
    figure = page(NARROW, top + len(rows) * down)
    sheet = Page(figure)
    left = (NARROW - 3 * step + 0.07) / 2
    for number, row in enumerate(rows):
        y = top + number * down
        for place, (title, picture) in enumerate(
            zip(("original", "ciphertext", "recovered"), _taken(of, row), strict=True)
        ):
            x = left + place * step
            if number == 0:
                sheet.text(x + side / 2, top - 0.09, title, fontsize=8)
            if picture is None:
                sheet.missing(x, y, side, "no picture")
            else:
                sheet.picture(picture, x, y, side)
        account = shortened(row.attack, 1.7) + (", one nonce" if row.nonce == "fixed" else "")
        sheet.text(NARROW / 2, y + side + 0.08, account, fontsize=TYPE)
    return figure


def _time(of: Subject) -> PaperFigure:
    ciphers = [of.cipher, *of.others]
    sizes = _sizes(of)
    if not of.others and len(sizes) > 1:
        return _growth(of, sizes)
    ratios = pick(of.run.numbers, "encrypt_ratio", "decrypt_ratio")
    ratios = ratios[ratios["cipher"].isin(ciphers)].drop_duplicates(["cipher", "metric"])
    ratios = ratios[ratios["value"] > 0]
    own = ratios[ratios["cipher"] == of.cipher]
    if own.empty:
        raise NothingToShow("no attack recovered an image of the cipher, and the run holds no time beside AES-256-CTR")
    size = "×".join(str(int(own.iloc[0][side])) for side in ("height", "width", "channels"))
    shown = [cipher for cipher in ciphers if cipher in set(ratios["cipher"])]
    caption = (
        f"Time of {of.name}{' and of other ciphers' * (len(shown) > 1)} on {own.iloc[0]['image']}, {size}, one thread, "
        "as a multiple of that of AES-256-CTR (dotted: 1) in the same minutes; median of the repetitions. "
        f"{of.legend(shown)}"
    )
    return PaperFigure("time", caption.strip(), partial(_draw_time, of, ratios, shown))


def _sizes(of: Subject) -> pd.DataFrame:
    """The median times to encrypt square images, by side."""
    rows = pick(of.numbers, "encrypt_time", statistic="median")
    rows = rows[(rows["parameter"] != "") & (rows["value"] > 0)]
    return rows.assign(side=rows["parameter"].astype(int)).drop_duplicates("side").sort_values("side")


def _growth(of: Subject, rows: pd.DataFrame) -> PaperFigure:
    exponent = pick(of.numbers, "encrypt_exponent")["value"].dropna().head(1)
    fitted = f"; it grows as the {exponent.iloc[0]:.2f}th power of their number (1 is linear)" if len(exponent) else ""
    caption = (
        f"Median time of {of.name} to encrypt square images, one thread, by their number of pixels{fitted}. "
        f"{of.legend([of.cipher])}"
    )
    return PaperFigure("time", caption.strip(), partial(_draw_growth, rows))


def _draw_growth(rows: pd.DataFrame) -> Figure:
    figure = page(NARROW, 1.7)
    axes = panel(figure, 0.55, 0.4, NARROW - 0.65, 1.22)
    axes.plot(rows["side"] ** 2, rows["value"] * 1e3, "o-", color=COLOURS[0], markersize=3.4, linewidth=0.9)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks([side**2 for side in rows["side"]], [f"{side}²" for side in rows["side"]], fontsize=TYPE)
    plain_powers(axes.yaxis)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="y", labelsize=TYPE)
    axes.set_xlabel("pixels", fontsize=8)
    axes.set_ylabel("time (ms)", fontsize=8)
    return figure


def _draw_time(of: Subject, ratios: pd.DataFrame, ciphers: list[str]) -> Figure:
    labels = [shortened(cipher, 1.0) + of.label(cipher).removeprefix(cipher) for cipher in ciphers]
    left, tall = label_width(labels, TYPE) + 0.12, 0.2 * len(labels) + 0.1
    figure = page(NARROW, tall + 0.62)
    axes = panel(figure, left, 0.54, NARROW - left - 0.5, tall)
    for place, (operation, colour) in enumerate((("encrypt", COLOURS[0]), ("decrypt", "white"))):
        values = ratios[ratios["metric"] == f"{operation}_ratio"].set_index("cipher")["value"]
        rows = [(row, float(values[cipher])) for row, cipher in enumerate(ciphers) if cipher in values.index]
        at = [row + (place - 0.5) * 0.38 for row, _ in rows]
        axes.barh(
            at, [value for _, value in rows], 0.36, color=colour, edgecolor=COLOURS[0], linewidth=0.5, label=operation
        )
        if operation == "encrypt":
            for row, value in rows:
                axes.annotate(
                    Digits(3)(value), (max(value, 1), row), (3, 0), textcoords="offset points", va="center",
                    fontsize=TYPE, annotation_clip=False,
                )  # fmt: skip
    axes.axvline(1, color="black", linewidth=0.6, linestyle=":")
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(10, (1, 2, 5) if high < 100 * low else (1,), numticks=6))
    plain_powers(axes.xaxis)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), labels, fontsize=TYPE)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=TYPE)
    axes.set_xlabel("time relative to AES-256-CTR", fontsize=8)
    figure.legend(*axes.get_legend_handles_labels(), loc="lower center", ncols=2, borderaxespad=0.1, fontsize=TYPE)
    return figure
