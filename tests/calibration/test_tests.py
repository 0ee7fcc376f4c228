import pytest

from cryptobench.calibration.findings import RowKey
from cryptobench.calibration.tests import (
    CalibratedTest,
    alarm_levels,
    detection_test,
    false_alarm_test,
    is_known_wrong,
)


@pytest.mark.parametrize(
    ("task", "key", "levels"),
    [
        ("histogram", RowKey("m"), (0.05, 0.001)),
        ("attack:locality", RowKey("m"), (0.05, 1e-6)),
        ("attack:locality", RowKey("m", rule=True), (1e-6,)),
        ("sp800_22", RowKey("runs"), (0.01, 0.001)),
        ("entropy", RowKey("local_entropy", statistic="literature", rule=True), (0.05,)),
    ],
)
def test_levels_are_those_that_tests_state(task, key, levels):
    """Analyses state 0.05, attacks' leaks 1e-6, SP 800-22 0.01."""
    assert alarm_levels(task, key) == levels


def test_corrected_standards_are_known_wrong():
    """The tests of SP 800-22 that have been corrected are known to be wrong in their standard form only."""
    assert is_known_wrong("sp800_22", RowKey("spectral"))
    assert not is_known_wrong("sp800_22", RowKey("spectral", statistic="corrected"))
    assert not is_known_wrong("sp800_22", RowKey("runs"))
    assert is_known_wrong("entropy", RowKey("local_entropy", statistic="literature"))


def test_the_second_level_is_judged_and_counts_once():
    """Its standard rows have the right size, so they are judged; its one detection is the corrected battery's."""
    metrics = ("sp800_22_adjusted", "sp800_22_proportion", "sp800_22_uniformity")
    keys = [RowKey(metric, part="spectral", statistic=of) for metric in metrics for of in ("", "corrected")]
    assert not any(is_known_wrong("randomness", key) for key in keys)
    assert {detection_test("randomness", key) for key in keys} == {None}
    assert detection_test("randomness", RowKey("sp800_22_corrected_adjusted")) is not None


def test_summaries_of_a_metric_are_one_test():
    """Mean, extremes and share of passing trials are pooled; single trials are not counted."""
    keys = [RowKey(f"npcr_{name}", nonce="fresh") for name in ("mean", "min", "inside")]
    assert {detection_test("differential", key) for key in keys} == {CalibratedTest("differential", "npcr")}
    assert detection_test("differential", RowKey("npcr", trial=True)) is None
    assert detection_test("attack:locality", RowKey("statistic")) is None


def test_fixed_nonces_are_tests_of_their_own():
    """A fixed nonce is misuse in the differential analysis, and the rule where keys are compared."""
    fixed = detection_test("differential", RowKey("npcr_mean", nonce="fixed"))
    assert fixed == CalibratedTest("differential", "npcr", nonce="fixed")
    keys = detection_test("key_sensitivity", RowKey("key_npcr_mean", nonce="fixed"))
    assert keys == CalibratedTest("key_sensitivity", "key_npcr")


def test_channels_and_directions_are_apart_when_asked():
    """Channels and directions are one test, or apart."""
    key = RowKey("correlation", "R", direction="V", part="cipher")
    assert false_alarm_test("correlation", key) == CalibratedTest("correlation", "correlation", part="cipher")
    apart = false_alarm_test("correlation", key, apart=True)
    assert (apart.channel, apart.direction, str(apart)) == ("R", "V", "correlation correlation R V cipher")


def test_bit_planes_and_templates_are_pooled():
    """The parts of one statistic are one test; tests of SP 800-22 are not."""
    plane, template = RowKey("bit_plane", "all", part="3"), RowKey("non_overlapping_template", part="000000001")
    assert false_alarm_test("randomness", plane).part == ""
    assert false_alarm_test("sp800_22", template).part == ""
    assert false_alarm_test("randomness", RowKey("sp800_22_proportion", "all", part="runs")).part == "runs"
