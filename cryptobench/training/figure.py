"""The figure of a training run: its losses, and the quality on held-out pictures, by step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cryptobench.layout.style import COLOURS, GREY, LINES, ONE_COLUMN, cells, page, save, style
from cryptobench.training.log import HELD_OUT, Row

__all__ = ["training_figure", "write_figure"]

_NOT_LOSSES = ("step", "seconds", "skipped")


def write_figure(path: Path, rows: Sequence[Row]) -> list[Path]:
    """Write the figure beside ``path`` as PDF and PNG; nothing if there is no row with a loss."""
    if not _names(rows):
        return []
    with style():
        return save(training_figure(rows), path.parent, path.stem)


def training_figure(rows: Sequence[Row]) -> Figure:
    """One column wide: losses on a logarithmic axis above, held-out PSNR in dB below if there is any."""
    names = _names(rows)
    scored = any(f"{HELD_OUT}psnr" in row for row in rows)
    legend = 0.13 * -(-len(names) // 3)
    figure = page(ONE_COLUMN, (2.9 if scored else 1.7) + legend)
    grid = cells(figure, 2 if scored else 1, 1, left=0.5, right=0.1, top=0.08 + legend, bottom=0.36, gap=(0, 0.14))
    losses, quality = grid[0][0], grid[-1][0]
    for index, name in enumerate(names):
        x, y = _points(rows, name)
        losses.plot(
            x, y, color=COLOURS[index % 8], linestyle=LINES[index % 8], label=name.replace("_", " "), linewidth=0.8
        )
    losses.set_yscale("log" if _all_positive(rows, names) else "linear")
    losses.set_ylabel("loss")
    figure.legend(loc="upper center", ncols=min(3, len(names)), borderaxespad=0.2, labelspacing=0.25, handlelength=2.4)
    if scored:
        x, y = _points(rows, f"{HELD_OUT}psnr")
        quality.plot(x, y, color=COLOURS[0], marker="o", markersize=2.4, clip_on=False)
        quality.set_ylabel("held-out PSNR (dB)")
        losses.tick_params(labelbottom=False)
    quality.set_xlabel("step")
    for axes in {losses, quality}:
        _frame(axes, max(row["step"] for row in rows))
    return figure


def _frame(axes: Axes, steps: float) -> None:
    axes.set_xlim(0, steps)
    axes.grid(axis="y", color=GREY, alpha=0.25, linewidth=0.4)


def _names(rows: Sequence[Row]) -> list[str]:
    """The losses, in the order in which they first occur."""
    found = dict.fromkeys(name for row in rows for name in row)
    return [name for name in found if name not in _NOT_LOSSES and not name.startswith(HELD_OUT)]


def _points(rows: Sequence[Row], name: str) -> tuple[list[float], list[float]]:
    points = [(row["step"], row[name]) for row in rows if name in row]
    return [x for x, _ in points], [y for _, y in points]


def _all_positive(rows: Sequence[Row], names: Sequence[str]) -> bool:
    return all(row[name] > 0 for row in rows for name in names if name in row)
