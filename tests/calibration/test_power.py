import pytest

from cryptobench.calibration.error_rates import blind, measure_power, uncaught
from cryptobench.calibration.execute import play_seeds
from cryptobench.calibration.sources import IDEAL, Source, controls
from cryptobench.calibration.store import Unit
from cryptobench.calibration.tables import power_text
from cryptobench.calibration.tasks import Task
from tests.calibration import samples

IDENTITY, IDEAL_SOURCE = Source("identity", False), Source(IDEAL, True)


def powers_of(task, seeds, *sources):
    return measure_power({unit: play_seeds(unit, range(seeds)) for unit in (Unit(task, s) for s in sources)})


def test_an_obvious_defect_is_always_caught():
    """The identity is caught under every seed, and the interval of its power ends at 1."""
    for power in powers_of(Task("analysis", "histogram", 48), 10, IDENTITY):
        assert power.share == 1
        assert power.interval[1] == 1


def test_the_ideal_cipher_is_caught_about_as_often_as_the_level_says():
    """A test that is right raises an alarm on the ideal cipher in about 5 % of cases."""
    (power,) = powers_of(samples.task("Right"), 400, IDEAL_SOURCE)
    low, high = power.interval
    assert low < 0.05 < high


def test_pooling_many_rows_raises_no_more_alarms():
    """Fifteen correlations pooled into two rows of the matrix stay below the level too."""
    for power in powers_of(Task("analysis", "correlation", 48), 300, IDEAL_SOURCE):
        assert power.interval[0] < 0.05


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0.00"), (0.001, "<0.01"), (0.25, "0.25"), (0.999, ">0.99"), (1.0, "1.00")]
)
def test_a_share_that_rounds_to_none_or_all_says_so(share, text):
    """Only no alarm reads 0.00, and only an alarm under every seed 1.00."""
    assert power_text(share) == text


def test_attacks_count_by_their_outcome():
    """An attack that breaks or leaks counts as a detection; on the ideal cipher it holds."""
    task = Task("attack", "keystream_reuse", 16)
    found = {p.source.name: p for p in powers_of(task, 3, Source("xor-pad", False), IDEAL_SOURCE) if not p.test.nonce}
    assert found["xor-pad"].share == 1
    assert found[IDEAL].share == 0


def test_a_blind_test_and_a_missed_control_are_named():
    """A test that catches no control is named, and so is a control that no test catches."""
    powers = powers_of(Task("analysis", "quality", 32), 2, IDENTITY)
    assert "exact" in [test.metric for test in blind(powers)]
    assert uncaught(powers) == ["identity"]


def test_every_control_names_its_defect():
    """Controls are those of the family, and each card says what is planted."""
    found = controls()
    assert "sum-ctr" in {source.name for source in found}
    assert all(source.card.defect and not source.sound for source in found)
