"""PSNR of the decryption against the level of damage."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cryptobench.layout.style import COLOURS, GREY, LINES, MARKERS, ONE_COLUMN, TWO_COLUMNS, cells, chunks, page
from cryptobench.layout.tables import REJECTED
from cryptobench.report.figures.drawing import Drawing, cipher_label
from cryptobench.report.tables.robustness import damage_of, kind_text, level_order, level_text
from cryptobench.report.tabular import pick
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["draw"]

_MOST = 8
_OWN_SCALE = "bit flips"
_AXES = {
    "occlusion corner": "occluded share", "occlusion centre": "occluded share", "salt and pepper": "density",
    "gaussian": "standard deviation", "speckle": "level", "bit flips": "flipped bits", "jpeg": "quality",
    "lost rows": "lost share",
}  # fmt: skip


def draw(run: RunData) -> Iterator[Drawing]:
    rows = pick(run.numbers, "damaged_psnr")
    measured = rows[pd.to_numeric(rows["value"], errors="coerce").notna()]
    if measured.empty:
        reason = "every damaged ciphertext was rejected" if len(rows) else "the run holds no robustness measurement"
        raise NothingToShow(reason)
    image = next(image for image in run.images if image in set(measured["image"]))
    measured = measured[measured["image"] == image]
    measured = measured.assign(value=measured["value"].astype(float), damage=damage_of(measured))
    present = set(measured["cipher"])
    refused = rows.loc[(rows["image"] == image) & (rows["value"] == REJECTED), "cipher"]
    rejecting = sorted(run.label(cipher) for cipher in set(refused) - present)
    pages = chunks([cipher for cipher in run.ciphers if cipher in present], _MOST)
    for number, shown in enumerate(pages, 1):
        name = f"damage_curves_{number}" if len(pages) > 1 else "damage_curves"
        title = "PSNR by level of damage" + (f" ({number} of {len(pages)})" if len(pages) > 1 else "")
        caption = (
            f"Peak signal-to-noise ratio (PSNR) in dB between {image} and the decryption, by kind and level of the "
            "damage to the ciphertext."
            + (f" Without curve, since they reject damaged ciphertexts: {', '.join(rejecting)}." if rejecting else "")
        )
        part = measured[measured["cipher"].isin(shown)]
        yield Drawing(name, title, caption, partial(_figure, run, part, shown, TWO_COLUMNS, 4), shown)
        narrow = partial(_figure, run, part, shown, ONE_COLUMN, 2)
        yield Drawing(f"{name}_one_column", title, caption, narrow, shown, listed=False)


def _figure(run: RunData, rows: pd.DataFrame, ciphers: list[str], width: float, across: int) -> Figure:
    kinds = [kind for kind in _AXES if kind in set(rows["damage"])]
    kinds += sorted(set(rows["damage"]) - set(kinds))
    down = -(-len(kinds) // across)
    legend = 0.13 * -(-len(ciphers) // across) + 0.1
    figure = page(width, down * 1.35 + legend + 0.1)
    gap = (0.27, 0.5)
    grid = cells(figure, down, across, left=0.36, right=0.06, top=0.16, bottom=legend + 0.3, gap=gap)
    # A few flipped bits leave the image nearly whole: their panel has a scale of its own.
    tops = {kind: _top(rows[(rows["damage"] == _OWN_SCALE) == (kind == _OWN_SCALE)]) for kind in kinds}
    for place, axes in enumerate(axes for line in grid for axes in line):
        if place >= len(kinds):
            axes.remove()
            continue
        part = rows[rows["damage"] == kinds[place]]
        top = tops[kinds[place]]
        _panel(axes, part, ciphers, top)
        axes.set_title(kind_text(kinds[place]))
        axes.set_xlabel(_AXES.get(kinds[place], "level"))
        axes.set_ylim(0, top)
        if place % across == 0:
            axes.set_ylabel("PSNR (dB)")
    handles = grid[0][0].get_lines()
    figure.legend(
        handles, [cipher_label(run, c) for c in ciphers], loc="lower center", ncols=min(across, len(ciphers)),
        handlelength=3, borderaxespad=0.2, labelspacing=0.25,
    )  # fmt: skip
    return figure


def _top(rows: pd.DataFrame) -> float:
    """Upper end of a PSNR axis, dB; an exact recovery, of infinite PSNR, is drawn there."""
    finite = rows.loc[rows["value"].abs() != float("inf"), "value"]
    return float(finite.max()) * 1.06 + 1 if len(finite) else 60.0


def _panel(axes: Axes, rows: pd.DataFrame, ciphers: list[str], top: float) -> None:
    levels = sorted({str(level) for level in rows["parameter"]}, key=level_order)
    if rows["damage"].iloc[0] == "jpeg":
        levels.reverse()
    places = {level: place for place, level in enumerate(levels)}
    values: dict[str, dict[str, float]] = {cipher: {} for cipher in ciphers}  # the first of each level
    for cipher, level, value in zip(rows["cipher"], rows["parameter"], rows["value"], strict=True):
        values[cipher].setdefault(str(level), value)
    for index, cipher in enumerate(ciphers):
        points = sorted((places[level], min(value, top)) for level, value in values[cipher].items())
        axes.plot(
            [p[0] for p in points],
            [p[1] for p in points],
            color=COLOURS[index % 8],
            marker=MARKERS[index % 8],
            linestyle=LINES[index % 8],
            markersize=2.8,
            markerfacecolor="white" if index % 2 else None,
            markeredgewidth=0.6,
            linewidth=0.8,
            clip_on=False,
        )
    axes.grid(axis="y", color=GREY, alpha=0.25, linewidth=0.4)
    axes.set_xticks(range(len(levels)), [level_text(level) for level in levels])
    axes.set_xlim(-0.3, len(levels) - 0.7)
