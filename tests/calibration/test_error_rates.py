import pytest

from cryptobench.calibration.error_rates import (
    POOLED,
    at_stated_level,
    detection_rates,
    false_alarm_rates,
    too_high,
    undetected_controls,
    undetecting_tests,
)
from cryptobench.calibration.execute import run_seeds
from cryptobench.calibration.sources import IDEAL, Source, sound_sources
from cryptobench.calibration.store import TaskOnSource
from cryptobench.calibration.tasks import CalibrationTask
from tests.calibration import samples
from tests.calibration.samples import IDEAL_SOURCE, IDENTITY


def results_of(task, seeds, *sources):
    return {unit: run_seeds(unit, range(seeds)) for unit in (TaskOnSource(task, source) for source in sources)}


def test_a_too_narrow_interval_is_found():
    """A halved standard deviation gives 33 % false alarms, and is called too high on every source and over all."""
    rates = false_alarm_rates(results_of(samples.task("TooNarrow"), 200, *sound_sources()))
    assert {rate.source for rate in too_high(rates) if rate.stated} == {POOLED, *(s.name for s in sound_sources())}
    (pooled,) = at_stated_level(rates)
    assert pooled.seeds == 1000
    low, high = pooled.share.interval()
    assert low < 0.3274 < high  # 2 Phi(-1.96 / 2)


def test_a_right_test_passes():
    """An exact standard deviation gives a false alarm rate that does not differ from 5 %, nor in the tail."""
    rates = false_alarm_rates(results_of(samples.task("Right"), 300, *sound_sources()))
    assert {rate.verdict for rate in rates} == {"ok"}
    assert {rate.level for rate in rates} == {0.05, 0.001}


def test_the_literatures_local_entropy_is_known_wrong():
    """The literature's interval fails ideal images in 72 % of cases, the corrected one in 5 %."""
    rates = false_alarm_rates(results_of(CalibrationTask("analysis", "entropy", 144), 250, IDEAL_SOURCE))
    found = {rate.test.statistic: rate for rate in at_stated_level(rates) if rate.test.metric == "local_entropy"}
    literature, corrected = found["literature"], found["corrected"]
    low, high = literature.share.interval()
    assert low < 0.7205 < high  # 2 Phi(-1.96 / sqrt(30))
    assert (literature.verdict, corrected.verdict) == ("known wrong", "ok")
    assert literature.share.verdicts == 250  # of 30 blocks, which only the whole image holds


def test_rows_apart_keep_channels_and_directions():
    """With rows apart each channel and direction is a test of its own."""
    rates = false_alarm_rates(results_of(CalibrationTask("analysis", "correlation", 48), 3, IDEAL_SOURCE), apart=True)
    found = {(rate.test.channel, rate.test.direction) for rate in rates if rate.test.metric == "correlation"}
    assert found == {(channel, direction) for channel in "RGB" for direction in "HVDA"}


def test_misuse_is_no_false_alarm():
    """A stream cipher under a fixed nonce is left out; AES-SIV and the ideal cipher stay in."""
    task = CalibrationTask("analysis", "avalanche", 32, {"trials": 3})
    by_nonce = {}
    for rate in false_alarm_rates(results_of(task, 2, *sound_sources())):
        by_nonce.setdefault(rate.test.nonce, set()).add(rate.source)
    assert by_nonce["fresh"] - by_nonce["fixed"] == {"chacha20-poly1305"}
    assert by_nonce["none"] == {"hctr2"}


@pytest.mark.parametrize("name", ["NoVerdict", "Failing"])
def test_without_verdicts_there_is_no_rate(name):
    """A number without a null distribution, or an error, is no test."""
    assert false_alarm_rates(results_of(samples.task(name), 2, IDEAL_SOURCE)) == []


def test_an_obvious_defect_is_always_detected():
    """The identity is detected under every seed, and the interval of that rate ends at 1."""
    for rate in detection_rates(results_of(CalibrationTask("analysis", "histogram", 48), 10, IDENTITY)):
        assert rate.value == 1
        assert rate.interval[1] == 1


def test_right_tests_detect_ideal_ciphers_at_their_level():
    """A test that is right raises an alarm on the ideal cipher in about 5 % of cases."""
    (rate,) = detection_rates(results_of(samples.task("Right"), 400, IDEAL_SOURCE))
    low, high = rate.interval
    assert low < 0.05 < high


def test_pooling_many_rows_raises_no_more_alarms():
    """Fifteen correlations pooled into two tests stay below the level too."""
    for rate in detection_rates(results_of(CalibrationTask("analysis", "correlation", 48), 300, IDEAL_SOURCE)):
        assert rate.interval[0] < 0.05


def test_attacks_count_by_their_outcome():
    """An attack that recovers the image or finds a leak counts as a detection; on the ideal cipher it holds."""
    results = results_of(CalibrationTask("attack", "keystream_reuse", 16), 3, Source("xor-pad", False), IDEAL_SOURCE)
    found = {rate.source.name: rate for rate in detection_rates(results) if not rate.test.nonce}
    assert found["xor-pad"].value == 1
    assert found[IDEAL].value == 0


def test_missing_detections_are_named():
    """A test that detects no control is named, and so is a control that no test detects."""
    rates = detection_rates(results_of(CalibrationTask("analysis", "quality", 32), 2, IDENTITY))
    assert "exact" in [test.metric for test in undetecting_tests(rates)]
    assert undetected_controls(rates) == ["identity"]
