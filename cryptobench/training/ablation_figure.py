"""The figure of an ablation: quality, entropy and contours against each setting that was varied."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cryptobench.files import write_text
from cryptobench.layout.markdown import as_text
from cryptobench.layout.style import COLOURS, GREY, ONE_COLUMN, TWO_COLUMNS, cells, page, save, style
from cryptobench.spreadsheet import csv_text

__all__ = ["ablation_figure", "write_ablation"]

_ROWS = {"psnr": "PSNR (dB)", "entropy": "entropy (bit)", "contours": "contour corr."}


def write_ablation(table: pd.DataFrame, folder: Path, title: str) -> list[Path]:
    """Write ``ablation.csv``, ``ablation.md`` and the figure; returns their paths."""
    csv, page_path = folder / "ablation.csv", folder / "ablation.md"
    write_text(csv, csv_text(table, float_format="%.6g"))
    write_text(page_path, _markdown(table, title))
    with style():
        return [csv, page_path, *save(ablation_figure(table), folder, "ablation")]


def ablation_figure(table: pd.DataFrame) -> Figure:
    """A column of panels for each setting; the recipe's own value is drawn filled."""
    settings = list(dict.fromkeys(table["setting"]))
    measures = [name for name in _ROWS if name in table and table[name].notna().any()]
    figure = page(ONE_COLUMN if len(settings) == 1 else TWO_COLUMNS, 0.35 + 1.05 * len(measures))
    grid = cells(figure, len(measures), len(settings), left=0.55, right=0.08, top=0.1, bottom=0.38, gap=(0.15, 0.12))
    for down, name in enumerate(measures):
        low, high = table[name].min(), table[name].max()
        margin = 0.12 * (high - low) or 0.01
        for across, setting in enumerate(settings):
            axes = grid[down][across]
            _panel(axes, table[table["setting"] == setting], name)
            axes.set_ylim(low - margin, high + margin)
            axes.tick_params(labelbottom=down == len(measures) - 1, labelleft=across == 0)
            if across == 0:
                axes.set_ylabel(_ROWS[name])
            if down == len(measures) - 1:
                axes.set_xlabel(setting.replace("_", " "))
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    places = list(range(len(rows)))
    axes.plot(places, rows[name], color=COLOURS[0], marker="o", markerfacecolor="white", clip_on=False)
    own = [place for place, is_own in zip(places, rows["own"], strict=True) if is_own]
    axes.plot(own, rows[name].to_numpy()[own], color=COLOURS[0], marker="o", linestyle="none", clip_on=False)
    axes.set_xticks(places, [f"{value:g}" for value in rows["value"]])
    axes.set_xlim(-0.3, len(rows) - 0.7)
    axes.grid(axis="y", color=GREY, alpha=0.25, linewidth=0.4)


def _markdown(table: pd.DataFrame, title: str) -> str:
    columns = ["setting", "value", "steps", "minutes", "PSNR (dB)", "least (dB)", "SSIM", "entropy (bit)", "contours"]
    lines = [f"# {as_text(title)}", "", "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for row in table.to_dict("records"):
        cells_ = [
            as_text(str(row["setting"])), f"{row['value']:g}" + (" (own)" if row["own"] else ""), f"{row['steps']:.0f}",
            f"{row['minutes']:.1f}", *(
                "" if pd.isna(row[name]) else f"{row[name]:.{digits}f}"
                for name, digits in (("psnr", 2), ("psnr_min", 2), ("ssim", 4), ("entropy", 4), ("contours", 3))
            ),
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells_) + " |")
    lines += [
        "",
        "Each row is a training of its own from the same seed on the same pictures, with one setting changed. PSNR and "
        "SSIM of the decryption and entropy of the network's ciphertext are means over the held-out pictures; contours "
        "is the mean correlation of the ciphertext's local variance with the plaintext's gradient on their middles.",
    ]
    return "\n".join(lines) + "\n"
