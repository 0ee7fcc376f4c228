"""The figure of what breaks cost: points where attacks were run and where they stand at 512x512x3."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from cryptobench.measurement import frame
from cryptobench.report.figures.queries import draw
from cryptobench.results.run import NothingToShow, RunData, run_in_memory
from tests.results.doubles import attack_rows, judged_ciphers


@pytest.fixture(scope="module")
def run() -> RunData:
    rows = [
        *judged_ciphers(), *attack_rows("broken", "slow", "recovered", queries=5000, formula="8 * (N + 1)", share=0.5),
        *attack_rows("broken", "slow", "recovered", side=16, queries=900, formula="8 * (N + 1)"),
    ]  # fmt: skip
    return run_in_memory(frame(rows))


@pytest.fixture(scope="module")
def axes(run: RunData) -> Axes:
    figure = next(iter(draw(run))).figure()
    return figure.axes[0]


def points(axes: Axes, filled: bool) -> set[tuple[float, float]]:
    """Queries and heights of the markers."""
    lines = [line for line in axes.lines if line.get_marker() in ("o", "s")]
    chosen = [line for line in lines if (line.get_markerfacecolor() != "white") == filled]
    places = [place for line in chosen for place in np.column_stack(line.get_data()).tolist()]
    return {(across, round(down, 3)) for across, down in places}


def test_only_ciphers_that_fall_have_rows(axes: Axes) -> None:
    """Not one that is only malleable, or of which chosen ciphertexts give a map."""
    assert [label.get_text() for label in axes.get_yticklabels()] == ["broken [B]", "ctr [B]"]


def test_points_are_queries_and_shares(axes: Axes) -> None:
    """Filled ones at the measured queries of the largest size that fell, as high in the row as the share."""
    high = round(0.9 - 0.8 * 0.98765, 3)
    assert points(axes, filled=True) == {(3093, high), (5000, 0.5), (2, 1 + high)}


def test_open_points_are_those_of_the_formula(axes: Axes) -> None:
    """At 512x512x3, as high as the measured one."""
    high, samples = round(0.9 - 0.8 * 0.98765, 3), 512 * 512 * 3
    assert points(axes, filled=False) == {(samples + 21, high), (8 * (samples + 1), 0.5), (2, 1 + high)}


def test_arcs_join_each_attack_to_its_own(axes: Axes) -> None:
    """From the measured queries to those at 512x512x3, lower in between where these are far apart."""
    (arcs,) = (lines for lines in axes.collections if isinstance(lines, LineCollection))
    found = {}
    for line in arcs.get_segments():
        across, down = np.asarray(line).T
        assert down[0] == down[-1]
        found[round(float(across[0]), 6), round(float(across[-1]), 3)] = round(float(down.max() - down[0]), 3)
    samples = 512 * 512 * 3
    assert found.keys() == {(3093, samples + 21), (5000, 8 * (samples + 1)), (2, 2)}
    assert found[2, 2] == 0 < found[3093, samples + 21] < found[5000, 8 * (samples + 1)] < 0.6


def test_the_cheapest_attack_is_named(axes: Axes) -> None:
    """By its queries at 512x512x3, with its formula and the share."""
    texts = [text.get_text() for text in axes.texts]
    assert {"book: N + 21, 98.8%", "reuse: 2, 98.8%"} <= set(texts)


def test_levels_change_at_dotted_lines(axes: Axes) -> None:
    """At 3 known pairs and at 1,024 queries."""
    dotted = {float(line.get_xdata()[0]) for line in axes.lines if line.get_linestyle() == ":"}  # type: ignore[index]
    assert dotted == {3, 1024}


def test_an_older_run_has_filled_points_alone() -> None:
    """Without queries at the reference size nothing open is drawn; both widths are."""
    run = run_in_memory(frame(attack_rows("old", "book", "recovered", queries=7)))
    drawings = list(draw(run))
    assert [drawing.name for drawing in drawings] == ["queries", "queries_one_column"]
    axes = drawings[1].figure().axes[0]
    assert len(points(axes, filled=True)) == 1
    assert points(axes, filled=False) == set()


def test_what_does_not_fall_has_no_figure(full: RunData) -> None:
    """No attacks, or attacks with chosen ciphertexts alone."""
    malleable = run_in_memory(frame(attack_rows("a", "flip", "recovered", "fresh", "CCA")))
    for run in (full, malleable):
        with pytest.raises(NothingToShow, match="without chosen ciphertexts"):
            next(iter(draw(run)))
