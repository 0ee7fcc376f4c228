"""Axes whose ticks are copies of the first look as matplotlib's own do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from cryptobench.layout import style
from cryptobench.layout.panels import Panel
from cryptobench.layout.twice import as_pdf_and_pixels

LOOKS = ["names", "above", "logarithmic", "grid", "labelled"]


@pytest.mark.parametrize("look", LOOKS)
def test_drawn_as_matplotlibs_axes(look: str) -> None:
    """Both files of a figure are the same, byte for byte."""
    assert np.array_equal(*(_drawn(kind, look)[1] for kind in (Panel, Axes)))
    assert _drawn(Panel, look)[0] == _drawn(Axes, look)[0]


def test_a_tick_changes_alone() -> None:
    """What is set on one tick, or moves it, leaves the first and the next as they were."""
    with style.style():
        axes = style.page(2, 2).add_axes((0.2, 0.2, 0.7, 0.7), axes_class=Panel)
        axes.set_xticks([0.1, 0.5, 0.9], ["a", "b", "c"])
        first, second, third = axes.xaxis.get_major_ticks()
        second.label1.set_fontsize(20)
        second.label2.set_visible(True)
        second.tick1line.set_markersize(9)
        second.gridline.set_color("red")
        for other in (first, third):
            assert other.label1.get_fontsize() == 7
            assert not other.label2.get_visible()
            assert other.tick1line.get_markersize() == 2.5
            assert other.gridline.get_color() != "red"
        assert [tick.get_loc() for tick in axes.xaxis.get_major_ticks()] == [0.1, 0.5, 0.9]
        assert [tick.label1.get_text() for tick in axes.xaxis.get_major_ticks()] == ["a", "b", "c"]


def _drawn(kind: type[Axes], look: str) -> tuple[bytes, Any]:
    with style.style():
        figure = style.page(2, 2)
        axes = figure.add_axes((0.3, 0.3, 0.6, 0.6), axes_class=kind)
        axes.plot([1, 50, 900], [0.2, 0.4, 0.9])
        if look == "names":
            axes.set_yticks([0.2, 0.5, 0.8], ["first", "second", "third"], fontsize=6)
            axes.tick_params(axis="y", length=0)
        elif look == "above":
            axes.set_xticks([100, 500, 800], ["a", "b", "c"], rotation=90)
            axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
        elif look == "logarithmic":
            axes.set_xscale("log")
        elif look == "grid":
            axes.grid(True, which="both")
            axes.minorticks_on()
        else:
            axes.set(xlabel="across", ylabel="up")
        return as_pdf_and_pixels(figure, 400, 200)
