"""Advice on what a card says of a cipher's cost: by the ratio to the calibration loop, and to nothing else."""

from dataclasses import replace

import pytest

from cryptobench.bench.declared_cost import SLOW, cost_advice
from cryptobench.card import Card, KeyField

CARD = Card(name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 8),))
SLOW_CARD = replace(CARD, cost="slow")
SAMPLES = 64 * 64 * 3


@pytest.mark.parametrize("calibration", [0.005, 0.02, 1.0])
def test_slow_and_quick_ciphers_are_told(calibration: float) -> None:
    """Above half of the loop, below an eighth, and nothing between or where the card is right, on any machine."""
    slow, quick, between = (factor * SLOW * calibration for factor in (2, 0.1, 0.5))
    assert 'with cost="slow" on its card' in cost_advice(CARD, slow, SAMPLES, calibration)
    assert "take 1 times the calibration loop" in cost_advice(CARD, slow, SAMPLES, calibration)
    assert 'cost="slow" may go' in cost_advice(SLOW_CARD, quick, SAMPLES, calibration)
    for card, seconds in ((CARD, quick), (SLOW_CARD, slow), (CARD, between), (SLOW_CARD, between)):
        assert cost_advice(card, seconds, SAMPLES, calibration) == ""


def test_seconds_are_taken_by_the_sample() -> None:
    """A grey image of 64x64 pixels counts three times."""
    assert cost_advice(CARD, SLOW * 0.02 / 2, SAMPLES // 3, 0.02)
    assert not cost_advice(CARD, SLOW * 0.02 / 4, SAMPLES // 3, 0.02)
