"""Rows: which number one is, and where it was taken."""

from __future__ import annotations

import dataclasses

import pytest

from cryptobench.check.rows import Row, paired_rows, rows_of, where
from cryptobench.measurement import Measurement, frame

CELL = {
    "cipher": "toy", "family": "toy", "fidelity": "A", "image": "astronaut", "height": 32, "width": 32, "channels": 3,
    "analysis": "differential", "seed": 1, "seconds": 0.0,
}  # fmt: skip
NUMBER = Measurement("npcr_mean", 99.6, nonce="fresh")


def rows(*measurements: Measurement) -> list[Row]:
    return rows_of(frame(CELL | measurement.row() for measurement in measurements))


@pytest.mark.parametrize(
    "column",
    ["channel", "other_channel", "direction", "place", "condition", "parameter", "part", "statistic", "nonce"],
)
def test_each_column_tells_numbers_apart(column: str) -> None:
    """Rows that differ in one column alone are two numbers; each finds its own in the other run."""
    other = dataclasses.replace(NUMBER, **{column: "other"}, value=1.0)
    pairs = list(paired_rows(rows(NUMBER, other), rows(other, NUMBER)))
    assert [(before.value, after.value) for before, after in pairs] == [(99.6, 99.6), (1.0, 1.0)]


def test_trials_of_one_number_are_one_number() -> None:
    """So that their row numbers, which the seed gives them, pair nothing."""
    first, second = rows(dataclasses.replace(NUMBER, trial=0), dataclasses.replace(NUMBER, trial=1))
    assert first.number == second.number


def test_a_place_is_written_in_words() -> None:
    """Cell, channels, direction, and what else sets the number apart; columns that are empty are left out."""
    (pair,) = rows(Measurement("channel_correlation", 0.0, channel="R", other_channel="G", part="cipher"))
    assert where(pair) == "astronaut 32x32, R-G, cipher"
    (change,) = rows(Measurement("npcr_mean", 99.6, place="corner", condition="lsb", nonce="fixed"))
    assert where(change) == "astronaut 32x32, lsb, corner, fixed nonce"
