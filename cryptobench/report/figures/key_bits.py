"""What flipping each single key bit does to the ciphertext."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cryptobench.layout.style import COLOURS, FAIL, GREY, TWO_COLUMNS, cells, chunks, label_width, page
from cryptobench.report.figures.drawing import Drawing, cipher_label
from cryptobench.report.tabular import pick
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["draw"]

_ROWS = 9
_TESTS = ("key sensitivity", "key space")
# A metric, its name, and its value under an ideal cipher, in %.
_METRICS = (("key_avalanche", "flipped bits", 50.0), ("key_npcr", "NPCR", 99.609375))


def draw(run: RunData) -> Iterator[Drawing]:
    trials = run.table[run.table["trial"].notna() & run.table["value"].notna()]
    found = [(pick(trials, metric), title, ideal) for metric, title, ideal in _METRICS]
    rows, title, ideal = next((known for known in found if not known[0].empty), (trials.iloc[:0], "", 0.0))
    if rows.empty:
        raise NothingToShow("the run holds no key sensitivity by bit")
    image = next(image for image in run.images if image in set(rows["image"]))
    rows = rows[rows["image"] == image]
    meaning = " NPCR: number of pixels change rate." if title == "NPCR" else ""
    present = [cipher for cipher in run.ciphers if cipher in set(rows["cipher"])]
    deviating = [cipher for cipher in present if _deviates(run, cipher, rows)]
    if not deviating:
        raise NothingToShow(f"each key bit of {_count(len(present))} has the effect that an ideal cipher's has")
    others = len(present) - len(deviating)
    rest = (
        f" Not shown: {_count(others)} whose key bits all have the effect that an ideal cipher's have."
        if others
        else ""
    )
    pages = chunks(deviating, _ROWS)
    for number, shown in enumerate(pages, 1):
        yield Drawing(
            f"key_bits_{number}" if len(pages) > 1 else "key_bits",
            "Key sensitivity by bit" + (f" ({number} of {len(pages)})" if len(pages) > 1 else ""),
            f"{title[0].upper()}{title[1:]} of the ciphertext of {image} in % after one key bit is flipped, by the "
            f"index of that bit; dotted: an ideal cipher ({ideal:g} %). Vertical lines separate the fields of the key. "
            f"Crosses on the axis: dead bits, whose flip changes nothing.{meaning} Ciphers with dead or weak key bits, "
            f"or which the test of key sensitivity fails or finds borderline.{rest}",
            partial(_figure, run, rows, shown, f"{title} (%)", ideal),
            shown,
        )


def _deviates(run: RunData, cipher: str, rows: pd.DataFrame) -> bool:
    """Whether key bits are dead or weak, or a test of the key finds something."""
    states = {run.pooled[key].state for test in _TESTS if (key := (cipher, test)) in run.pooled}
    dead = bool((rows.loc[rows["cipher"] == cipher, "value"] == 0).any())
    weak = pick(run.numbers, "dead_key_bits", "weak_key_bits", cipher=cipher, part="")
    return dead or bool((weak["value"] > 0).any()) or bool(states & {"fail", "borderline"})


def _count(number: int) -> str:
    return f"{number} cipher{'s' * (number != 1)}"


def _figure(run: RunData, rows: pd.DataFrame, ciphers: list[str], title: str, ideal: float) -> Figure:
    figure = page(TWO_COLUMNS, 0.66 * len(ciphers) + 0.45)
    names = [cipher_label(run, cipher) for cipher in ciphers]
    left = label_width(names, 7.5) + 0.45
    grid = cells(figure, len(ciphers), 1, left=left, right=0.08, top=0.12, bottom=0.34, gap=(0, 0.2))
    lengths = rows[rows["cipher"].isin(ciphers)].groupby("cipher")["trial"].max()
    differ = lengths.nunique() > 1
    for (axes,), cipher, name in zip(grid, ciphers, names, strict=True):
        own = rows[rows["cipher"] == cipher].sort_values("trial")
        _strip(axes, own, ideal)
        axes.tick_params(labelbottom=differ or axes is grid[-1][0])
        axes.annotate(
            name,
            (0, 0.5),
            (-left * 72 + 14, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=7.5,
        )
    grid[-1][0].set_xlabel("index of the flipped key bit")
    figure.text(0.008, 0.5, title, rotation=90, va="center", ha="left", fontsize=8)
    return figure


def _strip(axes: Axes, rows: pd.DataFrame, ideal: float) -> None:
    bits = rows["trial"].to_numpy(dtype=int)
    values = rows["value"].to_numpy(dtype=float)
    dead = values == 0
    top = 100
    axes.axhline(ideal, color=GREY, linewidth=0.5, linestyle=":", zorder=0)
    axes.plot(
        bits[~dead], values[~dead], ".", color=COLOURS[0], markersize=1.8 if len(bits) > 128 else 4, markeredgewidth=0
    )
    axes.plot(
        bits[dead],
        values[dead],
        "x",
        color=FAIL,
        markersize=2.6 if len(bits) > 128 else 4,
        markeredgewidth=0.6,
        clip_on=False,
    )
    last = bits.max() + 0.5
    axes.set_xlim(-0.5, last)
    axes.set_ylim(0, top)
    axes.set_yticks([0, 50, 100])
    _fields(axes, bits, rows["part"].astype(str).to_numpy(), last, 0.78 * top if ideal < 75 else 0.4 * top)


def _fields(axes: Axes, bits: np.ndarray, fields: np.ndarray, last: float, height: float) -> None:
    """Boundaries between key fields, and the names of those that have room."""
    starts = [0, *(np.flatnonzero(fields[1:] != fields[:-1]) + 1), len(fields)]
    width = axes.get_position().width * axes.figure.get_size_inches()[0]  # type: ignore[union-attr]
    for start, stop in pairwise(starts):
        first = (bits[start - 1] + bits[start]) / 2 if start else -0.5
        end = (bits[stop - 1] + bits[stop]) / 2 if stop < len(bits) else last
        if start:
            axes.axvline(first, color="black", linewidth=0.5)
        name = fields[start]
        if name and label_width([name], 7) < (end - first) / (last + 0.5) * width * 0.96:
            axes.text((first + end) / 2, height, name, ha="center", va="center", fontsize=7)
