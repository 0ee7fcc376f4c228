"""The heat map: judgements first, then pass or fail."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle

from cryptobench.layout.style import ONE_COLUMN, page, style
from cryptobench.measurement import Measurement, frame
from cryptobench.report.figures.heatmap import _cells, draw
from cryptobench.results.run import NothingToShow, RunData, run_in_memory
from tests.results.doubles import attack_rows, judged_ciphers, two_ciphers


@pytest.fixture(scope="module")
def run() -> RunData:
    rows = judged_ciphers()
    entropy = {"analysis": "entropy"} | Measurement("global_entropy", 7.9, part="cipher", p_value=0.5).row()
    rows += [rows[0] | entropy | {"cipher": cipher} for cipher in ("ctr", "siv", "broken", "mapped", "leaking")]
    return run_in_memory(frame(rows), cards={"mapped": {"claims": "integrity=rejects"}})


@pytest.fixture(scope="module")
def figure(run: RunData) -> Figure:
    return next(iter(draw(run))).figure()


def texts_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_judgements_stand_before_the_tests(figure: Figure) -> None:
    """Four of them, none of them overall, then a gap."""
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == ["statistics", "confidentiality", "misuse", "integrity", "global entropy"]
    places = figure.axes[0].get_xticks()
    assert places[4] - places[3] > 1.25 + 0.3


def test_cells_hold_levels_and_letters(run: RunData, figure: Figure) -> None:
    """Row by row: levels, W for weak keys, a letter for integrity, a dagger for a claim that attacks refute."""
    assert run.ciphers == ["broken", "ctr", "leaking", "mapped", "siv"]
    assert texts_of(figure) == [
        "2W", "2", "r", "5", "0", "m", "3", "4", "r", "5", "4", "M†", "5", "4", "r",
    ]  # fmt: skip


def test_a_bound_and_nothing_show_as_such() -> None:
    """At most 0 where the minimum set has not ended; an empty cell where nothing is known; no test, still a figure."""
    figure = next(iter(draw(run_in_memory(frame(two_ciphers()))))).figure()
    assert texts_of(figure) == ["≤0", "≤0", "≤0"]


def test_grey_print_keeps_the_order(figure: Figure) -> None:
    """Cells are darker the lower the level is, and level 4 under misuse is as light as a 5."""
    axes = figure.axes[0]
    corners = [(patch, np.reshape(patch.get_path().vertices, (-1, 5, 2))) for patch in axes.patches]
    wide = [(*cell[0][::-1], patch) for patch, cells in corners for cell in cells if np.ptp(cell[:, 0]) > 1.25]
    faces = [patch.get_facecolor() for _, _, patch in sorted(wide, key=lambda cell: cell[:2])]  # row by row
    grey = [0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue, _ in faces]
    tones = dict(zip(zip(range(15), texts_of(figure), strict=True), grey, strict=True))
    lightness = {text: tones[place, text] for place, text in ((4, "0"), (1, "2"), (6, "3"), (3, "5"))}
    assert sorted(lightness, key=lightness.__getitem__) == ["0", "2", "3", "5"]
    assert tones[13, "4"] == tones[12, "5"]


def test_the_legend_fits_either_width(run: RunData) -> None:
    """Every entry of the legend ends within the figure, in one column on one line more."""
    for drawing in draw(run):
        figure = drawing.figure()
        width = figure.get_size_inches()[0]
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        legend = figure.axes[1:]
        assert len(legend) == (3 if width == ONE_COLUMN else 2)
        for axes in legend:
            for text in axes.texts:
                assert text.get_window_extent(renderer).x1 <= width * figure.dpi


def test_the_caption_explains_letters(run: RunData) -> None:
    """What r, c, g, m and M stand for, and each level."""
    caption = next(iter(draw(run))).caption
    assert re.search(r"r: rejects, c: crashes, g: garbles, m: malleable, M: map recovered", caption)
    assert "0: falls to ciphertexts alone" in caption


def test_without_attacks_there_are_no_judgements(full: RunData) -> None:
    """Statistics alone, and a caption that does not speak of levels."""
    drawing = next(iter(draw(full)))
    labels = [label.get_text() for label in drawing.figure().axes[0].get_xticklabels()]
    assert labels[0] == "statistics"
    assert "confidentiality" not in labels
    assert "security level" not in drawing.caption


def test_nothing_is_said_so() -> None:
    """A run of numbers without verdicts has no heat map."""
    row = attack_rows("a", "x", "holds")[0] | {"analysis": "entropy"} | Measurement("mean", 1.0).row()
    with pytest.raises(NothingToShow, match="no test with a verdict, and no attack"):
        next(iter(draw(run_in_memory(frame([row])))))


def test_an_unfinished_cell_shows_an_exclamation_mark() -> None:
    """Its outline, not the text of the formula that gives it."""
    with style():
        figure = page(1, 1)
        _cells(axes := figure.add_subplot(), [(0, 0)], "error", 7)
        with rc_context({"text.parse_math": True}):
            wanted = MarkerStyle("$!$")
        shown: MarkerStyle = vars(axes.lines[0])["_marker"]
        assert len(shown.get_path()) == len(wanted.get_path())
