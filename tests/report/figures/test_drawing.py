"""Figures of many ciphers: they fit a page of a paper, and no label is cut off or runs into another."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from matplotlib.figure import Figure

from cryptobench.layout.style import style
from cryptobench.report.figures import drawings
from cryptobench.report.figures.drawing import Drawing
from cryptobench.results.run import RunData, run_in_memory

TALLEST = 9.2  # inches; a page of a paper has some 9.5 between its margins
FIGURES = ("heatmap", "differential", "timing", "traceability")


@pytest.fixture(scope="module")
def crowd(full: RunData) -> RunData:
    """67 ciphers with names of up to 29 characters: the shared run's rows under other names."""
    few = full.table[full.table["trial"].isna() | ((full.table["trial"] < 3) & (full.table["metric"] == "npcr"))]
    own = [few[few["cipher"] == cipher] for cipher in full.ciphers]
    tables = [own[i % len(own)].assign(cipher=f"{'cipher-of-many-letters-x'[: 4 + i % 20]}-{i:02d}") for i in range(67)]
    tables[5] = tables[5].assign(cipher="dense-resnet-xor-hardened", fidelity="C", family="proposed")
    return run_in_memory(pd.concat(tables, ignore_index=True))


@pytest.fixture(scope="module")
def pages(crowd: RunData) -> dict[str, list[tuple[Drawing, Figure]]]:
    """What each module draws of them."""
    with style():
        return {name: [(one, one.figure()) for one in drawn(name, crowd)] for name in FIGURES}


def drawn(name: str, run: RunData) -> list[Drawing]:
    return [one for one in drawings(run, name) if not one.name.startswith("timing_scaling")]


def labels(figure: Figure, axis: str) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right and top of the tick labels of the first axes, in inches of the PNG."""
    figure.set_dpi(200)
    figure.draw_without_rendering()
    ticks = getattr(figure.axes[0], f"get_{axis}ticklabels")()
    boxes = [tick.get_window_extent() for tick in ticks if tick.get_text()]
    return [tuple(value / 200 for value in box.extents) for box in boxes]  # type: ignore[misc]


@pytest.mark.parametrize("name", FIGURES)
def test_many_ciphers_take_pages(name: str, pages: dict[str, list[tuple[Drawing, Figure]]]) -> None:
    """Pages are numbered, have every cipher once, and fit a paper's; each has its narrow twin."""
    stem = "npcr" if name == "differential" else name
    wanted = [f"{stem}_{number}{ending}" for number in (1, 2) for ending in ("", "_one_column")]
    assert [one.name for one, _ in pages[name]] == wanted
    assert all(figure.get_size_inches()[1] < TALLEST for _, figure in pages[name])
    listed = [figure for one, figure in pages[name] if one.listed]
    shown = [tick.get_text() for figure in listed for tick in figure.axes[0].get_yticklabels()]
    assert len(listed) == 2
    assert len(shown) == len(set(shown)) > 50  # damage cannot be traced where it is rejected


def test_few_ciphers_take_one_page(full: RunData) -> None:
    """A small run's heat map has the name without a number."""
    assert [one.name for one in drawn("heatmap", full)] == ["heatmap", "heatmap_one_column"]


@pytest.mark.parametrize("name", FIGURES)
def test_no_label_is_cut_off(name: str, pages: dict[str, list[tuple[Drawing, Figure]]]) -> None:
    """The names of all ciphers, and above the heat map those of all tests, lie inside the figure."""
    for _, figure in pages[name]:
        width, height = figure.get_size_inches()
        boxes = labels(figure, "y") + (labels(figure, "x") if name == "heatmap" else [])
        assert len(boxes) > 25
        for left, bottom, right, top in boxes:
            assert left > 0.01
            assert bottom > 0.01
            assert right < width
            assert top < height


def test_labels_of_the_heat_map_do_not_overlap(pages: dict[str, list[tuple[Drawing, Figure]]]) -> None:
    """Neighbours keep apart, on the narrow pages too: type sits within its row or column."""
    for _, figure in pages["heatmap"]:
        rows, columns = labels(figure, "y"), labels(figure, "x")
        for upper, lower in itertools.pairwise(sorted(rows, key=lambda box: -box[1])):
            assert lower[3] < upper[1] + 0.03  # boxes have the height of a line, with room for accents
        for first, second in itertools.pairwise(sorted(columns)):
            assert first[2] < second[0] + 0.03
