"""Presets and schedules of a training run."""

import pytest

from cryptobench.cipher import CipherError
from cryptobench.primitives.learned.recipe import learning_rate_factor, ramp, settings_of


def test_learning_rate_warms_up_stays_and_falls():
    """One fiftieth at first, 1 from step 50 to the middle, half-way down at three quarters, near 2 % at the end."""
    assert learning_rate_factor(0, 10_000) == pytest.approx(1 / 50)
    assert learning_rate_factor(49, 10_000) == learning_rate_factor(4999, 10_000) == 1
    assert learning_rate_factor(7500, 10_000) == pytest.approx((1 + 0.02) / 2)
    assert learning_rate_factor(9999, 10_000) == pytest.approx(0.02, abs=2e-4)


def test_ramp_rises_between_start_and_end():
    """Low before the start, 1 after the end, in the middle half-way."""
    assert ramp(0, 0.1, 0.6) == ramp(0.1, 0.1, 0.6) == 0.01
    assert ramp(0.35, 0.1, 0.6) == pytest.approx((0.01 + 1) / 2)
    assert ramp(0.6, 0.1, 0.6) == ramp(1, 0.1, 0.6) == 1


def test_ramp_of_no_length_is_a_step():
    """Equal start and end switch the term on at once."""
    assert ramp(0.5, 0.5, 0.5) == 0.01
    assert ramp(0.51, 0.5, 0.5) == 1


def test_an_unknown_preset_is_refused():
    """The message names the presets that there are."""
    with pytest.raises(CipherError, match="no preset 'gpu'; there are cpu and paper"):
        settings_of({"cpu": {}, "paper": {}}, "gpu")
