"""The DCT in lanes: where its numbers stand."""

from __future__ import annotations

import numpy as np

from cryptobench.primitives.learned.dct_lanes import HALF, INPUTS, LINE, ORDER, SIDE, tables


def test_every_number_stands_once() -> None:
    """All 9025 outputs, under one length but for the first; all 4096 inputs, side by side."""
    t = tables()
    kept = t.scale != 0
    assert sorted(t.outputs[kept].tolist()) == list(range(ORDER))
    assert np.allclose(np.abs(t.scale[kept & (t.outputs > 0)]), np.sqrt(2 / ORDER))
    assert np.allclose(np.abs(t.scale[kept & (t.outputs == 0)]), np.sqrt(1 / ORDER))
    places = np.sort(t.inputs // LINE * SIDE + t.inputs % LINE)
    assert places.tolist() == list(range(places[0], places[0] + INPUTS))


def test_frequencies_are_those_of_both_factors() -> None:
    """k mod 19 and k mod 5 for each of 95; half of them for real numbers, or their conjugates."""
    t = tables()
    assert [(k % 19, k % 5) for k in t.targets.tolist()] == [(one, two) for one in range(19) for two in range(5)]
    used = t.halves[t.weights[0] != 0]
    assert sorted(used.tolist()) == list(range(HALF))
    signs = t.weights[1][t.weights[0] != 0]
    assert [(sign * k) % 5 for sign, k in zip(signs, used, strict=True)] == [0, 1, 2, *([0, 1, 2, 3, 4] * 9)]
