"""The judgements of each cipher, then pass or fail, ciphers by metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from cryptobench.attacks.judgements import INTEGRITIES
from cryptobench.layout.style import ONE_COLUMN, fitted, label_width, page, panel
from cryptobench.layout.tables import DAGGER
from cryptobench.report.figures.drawing import Drawing, cipher_label, paged
from cryptobench.report.judged import JUDGEMENTS, NOTE, TONES, Judged, judged_ciphers
from cryptobench.results.run import NothingToShow, RunData
from cryptobench.results.verdicts import RULE, STATISTICS, titles_in

__all__ = ["draw"]

_ROWS = 38  # on one page of a paper, with the titles above and the caption below
_GAP, _WIDE = 0.35, 1.5  # cells between judgements and tests, and cells that a judgement is wide

# state: (face, symbol, meaning); lightness falls from pass to fail, so grey print keeps the order.
_LOOK: dict[str, tuple[str, dict[str, Any], str]] = {
    "pass": ("#DCEBF5", {"marker": "o", "color": "#0072B2"}, "pass"),
    "borderline": ("#F6C667", {"marker": "D", "color": "black", "markerfacecolor": "none"}, "borderline"),
    "fail": ("#B34700", {"marker": "x", "color": "white"}, "fail"),
    "error": ("#FFFFFF", {"marker": "$!$", "color": "black"}, "did not finish"),
    "none": ("#EEEEEE", {}, "no test"),
}
# tone of a judgement: face, ink
_TONES: dict[int, tuple[str, str]] = {
    5: ("#DCEBF5", "#00598F"), 4: ("#F3E3BC", "black"), 3: ("#F6C667", "black"), 2: ("#E08B4C", "black"),
    1: ("#B34700", "white"), 0: ("#5E1C00", "white"),
}  # fmt: skip
_LETTERS = {"rejects": "r", "crashes": "c", "garbles": "g", "malleable": "m", "map recovered": "M"}
_KEY = "In the cells of judgements a level, or for integrity {}. W behind a level: weak keys."


def draw(run: RunData) -> Iterator[Drawing]:
    pooled, judged = run.pooled, judged_ciphers(run)
    titles = titles_in(pooled, attacks=False)
    if not titles and not judged:
        raise NothingToShow("the run holds no test with a verdict, and no attack")
    title, caption = "Judgements, and pass and fail, ciphers by metrics", RULE
    if judged:
        letters = ", ".join(f"{letter}: {word}" for word, letter in _LETTERS.items())
        caption = f"{RULE} {NOTE} {_KEY.format(letters)}"
    yield from paged("heatmap", title, caption, run.ciphers, _ROWS, partial(_figure, run, judged, titles))


def _figure(
    run: RunData, judged: dict[str, dict[str, Judged]], titles: list[str], ciphers: Sequence[str], width: float
) -> Figure:
    size = 7.5 if width > ONE_COLUMN else 5.5
    places = _places(titles, bool(judged))
    left = label_width([cipher_label(run, c) for c in run.ciphers], size) + 0.1  # the same on every page
    top = label_width(list(places), size) + 0.1
    across = max(place + _width(title) for title, place in places.items())
    cell = min((width - left - 0.05) / across, 0.5)
    height = min(max(cell, 0.018 * size), 0.2) * len(ciphers)
    legend = _legend_lines(width, size, bool(judged))
    figure = page(width, top + height + 0.08 + 0.22 * len(legend))
    axes = panel(figure, left, 0.05 + 0.22 * len(legend), cell * across, height)
    axes.set_xlim(0, across)
    axes.set_ylim(len(ciphers), 0)
    states = {
        (places[t], y): run.pooled[c, t].state if (c, t) in run.pooled else "none"
        for y, c in enumerate(ciphers)
        for t in titles
    }
    for state in _LOOK:
        _cells(axes, [place for place, found in states.items() if found == state], state, size)
    weak = set(run.judgements.loc[run.judgements["weak_keys"], "cipher"]) if judged else set()
    judgements = [
        ((places[name], y), one, "W" if cipher in weak and name == JUDGEMENTS[0] else "")
        for y, cipher in enumerate(ciphers if judged else ())
        for name, one in judged[cipher].items()
    ]
    _judgements(axes, judgements, size, cell)
    for row in range(1, len(ciphers)):
        if run.family(ciphers[row]) != run.family(ciphers[row - 1]):
            axes.axhline(row, color="black", linewidth=0.9)
    middles = [place + _width(title) / 2 for title, place in places.items()]
    axes.set_xticks(middles, list(places), rotation=90, fontsize=size)
    axes.set_yticks([row + 0.5 for row in range(len(ciphers))], [cipher_label(run, c) for c in ciphers], fontsize=size)
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)
    for number, line in enumerate(reversed(legend)):
        _legend(figure, 0.04 + 0.22 * number, width, size, line)
    return figure


def _places(titles: list[str], judged: bool) -> dict[str, float]:
    """Where each column begins: statistics and the other judgements, a gap, then the tests."""
    first = [title for title in titles if title == STATISTICS] + list(JUDGEMENTS) * judged
    places: dict[str, float] = {}
    at = 0.0
    for title in [*first, *(title for title in titles if title != STATISTICS)]:
        at += _GAP if places and len(places) == len(first) else 0.0
        places[title] = at
        at += _width(title)
    return places


def _width(title: str) -> float:
    """Of a column, in cells."""
    return _WIDE if title in JUDGEMENTS else 1.0


def _judgements(
    axes: Axes, judgements: Sequence[tuple[tuple[float, float], Judged, str]], size: float, cell: float
) -> None:
    """Cells of judgements by upper left corners, each with what stands behind its level; a cell of a test is ``cell``
    inches wide."""
    _cells(axes, [place for place, one, _ in judgements if one.tone is None], "none", size, (_WIDE, 1))
    toned = []
    for place, one, flag in judgements:
        if one.tone is not None:
            text = _LETTERS.get(one.text, one.text.replace("≤ ", "≤")) + DAGGER * one.refuted + flag
            toned.append((place, one.tone, text, fitted(text, 0.9 * _WIDE * cell, size)))
    _toned(axes, toned, (_WIDE, 1))


def _toned(
    axes: Axes, cells: Sequence[tuple[tuple[float, float], int, str, float]], scale: tuple[float, float]
) -> None:
    """Cells by upper left corners, each with its tone, its text and the type's size."""
    for tone, (face, _) in _TONES.items():
        _boxes(axes, [place for place, found, *_ in cells if found == tone], scale, facecolor=face, edgecolor="white")
    for place, tone, text, size in cells:
        x, y = place[0] + scale[0] / 2, place[1] + 0.52 * scale[1]
        axes.text(x, y, text, color=_TONES[tone][1], ha="center", va="center", fontsize=size)


def _boxes(axes: Axes, places: Sequence[tuple[float, float]], scale: tuple[float, float], **look: Any) -> None:
    """Rectangles as one path, which costs little more than one of them alone: a hatch is drawn once."""
    if places:
        corners = np.array([(0, 0), (scale[0], 0), scale, (0, scale[1]), (0, 0)])
        around = (np.array(places, dtype=float)[:, None] + corners).reshape(-1, 2)
        path = Path(around, [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(places))
        axes.add_artist(PathPatch(path, linewidth=0.4, snap=True, **look))


def _cells(
    axes: Axes, places: Sequence[tuple[float, float]], state: str, size: float, scale: tuple[float, float] = (1, 1)
) -> None:
    """Cells of one state, by their upper left corners."""
    face, symbol, _ = _LOOK[state]
    look: dict[str, Any] = {"hatch": "/////", "edgecolor": "#C8C8C8"} if state == "none" else {"edgecolor": "white"}
    _boxes(axes, places, scale, facecolor=face, **look)
    if symbol and places:
        middles = [(x + scale[0] / 2, y + scale[1] / 2) for x, y in places]
        with rc_context({"text.parse_math": True}):  # a mark that is a letter is given as a formula
            axes.plot(
                [x for x, _ in middles],
                [y for _, y in middles],
                linestyle="none",
                markersize=size * (0.62 if state != "error" else 0.9),
                clip_on=False,
                markeredgewidth=size * 0.12 if state != "error" else 0,
                **symbol,
            )


def _legend_lines(width: float, size: float, judged: bool) -> list[list[tuple[str | int, str, str]]]:
    """Entries of the legend line by line: a state or a tone, the text in its cell, and what it means."""
    levels: list[tuple[str | int, str, str]] = [(level, str(level), "") for level in sorted(_TONES, reverse=True)]
    levels[-1] = (0, "0", "security level")
    words = [(TONES[word], _LETTERS[word], word) for word in reversed(INTEGRITIES)]
    states = [(state, "", meaning) for state, (_, _, meaning) in _LOOK.items()]
    if not judged:
        return [[*states]]
    one = [*levels, *words]
    return [one, [*states]] if sum(_entry(entry, size) for entry in one) < width else [levels, [*words], [*states]]


def _entry(entry: tuple[str | int, str, str], size: float) -> float:
    """How many inches an entry of the legend takes."""
    return 0.21 + label_width([entry[2]], size) + 0.12 if entry[2] else 0.17


def _legend(figure: Figure, bottom: float, width: float, size: float, line: list[tuple[str | int, str, str]]) -> None:
    axes = panel(figure, 0.05, bottom, width - 0.1, 0.15)
    axes.set_axis_off()
    axes.set_xlim(0, width - 0.1)
    axes.set_ylim(0.15, 0)
    at = 0.0
    for entry in line:
        look, text, meaning = entry
        if isinstance(look, int):
            _toned(axes, [((at, 0), look, text, size * 0.92)], (0.17, 0.15))
        else:
            _cells(axes, [(at, 0)], look, size, (0.17, 0.15))
        axes.text(at + 0.21, 0.075, meaning, va="center", fontsize=size)
        at += _entry(entry, size)
