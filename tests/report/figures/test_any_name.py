"""Figures of ciphers whose names are formulas, very long, or in letters that no font has."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import islice

import pytest
from matplotlib.text import Text

from cryptobench.layout.style import LONGEST_LABEL, label_width, style
from cryptobench.report.figures import drawings
from cryptobench.report.figures.drawing import cipher_label, file_stem
from cryptobench.results.run import RunData

NAMES = {"caesar": "a$^$b_{", "hua2021": "W" * 64, "aes-256-siv": "_日本<script>\\frac\u05e9"}


@pytest.fixture(scope="module")
def hard(full: RunData) -> RunData:
    """Three ciphers with such names, and an image with another."""
    run = full.only([*NAMES])
    images = run.table["image"].replace("astronaut", "$\\badmath$\u202e")
    return replace(run, table=run.table.assign(cipher=run.table["cipher"].map(NAMES), image=images))


@pytest.mark.parametrize("module", ["heatmap", "differential", "key_bits", "damage_curves", "traceability", "timing"])
def test_figures_take_any_name(module: str, hard: RunData) -> None:
    """Of those that stand beside what is drawn, at both widths, the longest leaves room for the rest."""
    with style():
        made = [drawing.figure() for drawing in islice(drawings(hard, module), 2)]
    assert made
    assert all(axes.get_window_extent().width > 0 for figure in made for axes in figure.axes)


def test_names_are_drawn_as_they_read(hard: RunData) -> None:
    """No dollar sign makes a formula, and nothing is printed about letters that no font has."""
    with style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = next(iter(drawings(hard, "heatmap"))).figure()
        figure.canvas.draw()
    labels = {text.get_text(): text for text in figure.findobj(Text)}
    assert {"a$^$b_{", " _日本<script>\\frac\u05e9"} <= {name.partition(" [")[0] for name in labels}
    assert not labels["a$^$b_{"].get_parse_math()


def test_long_names_lose_their_middle(hard: RunData) -> None:
    """What is left is as wide as there is room, and the marks stay."""
    label = cipher_label(hard, "W" * 64)
    assert label.endswith("W [B]")
    assert "W…W" in label
    assert label_width([label.removesuffix(" [B]")]) <= LONGEST_LABEL


@pytest.mark.parametrize("name", ["../x", "a b", "[l](javascript:x)", "é" * 64, "a" * 200, "", "v1.2"])
def test_odd_names_make_plain_files(name: str) -> None:
    """Letters, digits, hyphens and underscores only, another stem for another name, and the same for a plain one."""
    stem = file_stem(name)
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz-0123456789") or name == ""
    assert len(stem) < 100
    assert (stem == name) is (name == "")
    assert file_stem(f"{name}?") != file_stem(f"{name}!")


def test_plain_names_keep_their_files() -> None:
    """So that addresses of figures stay what they are."""
    assert file_stem("dense-resnet_xor2") == "dense-resnet_xor2"
