import numpy as np

from cryptobench.calibration.findings import findings
from cryptobench.measurement import Artifact, Measurement


def row(**columns):
    return Measurement("m", 1.0, **{"p_value": 0.5, "verdict": "pass"} | columns)


def test_trials_of_one_test_are_kept_together():
    """Trials have one key and as many values; the summary beside them has a key of its own."""
    found = findings("differential", [row(trial=0, p_value=0.1), row(trial=1, p_value=0.9), row(p_value=0.3)])
    assert [one.values for one in found] == [(0.1, 0.9), (0.3,)]
    assert [one.key.trial for one in found] == [True, False]


def test_every_column_tells_tests_apart():
    """Rows that differ in any column of the measurement table that names a test are different tests."""
    columns = (
        "channel", "other_channel", "direction", "place", "condition", "parameter", "part", "statistic", "nonce",
    )  # fmt: skip
    found = findings("differential", [row(), *(row(**{column: "x"}) for column in columns)])
    assert len({one.key for one in found}) == len(columns) + 1
    assert all(getattr(one.key, column) == "x" for one, column in zip(found[1:], columns, strict=True))


def test_rules_are_zeros_and_ones():
    """A rule has no p-value: failed it is 0, passed 1."""
    found = findings("quality", [row(p_value=None, verdict="fail"), row(p_value=None), row(p_value=0.2)])
    assert [(one.key.rule, one.values) for one in found] == [(True, (0.0, 1.0)), (False, (0.2,))]


def test_rows_without_a_verdict_are_left_out():
    """Pictures, unfinished rows and numbers without a null distribution are no verdicts."""
    rows = [row(verdict="none"), row(status="failed"), Artifact("plain", np.zeros((2, 2), np.uint8))]
    assert findings("quality", rows) == []


def test_key_fields_are_one_test():
    """The part that an analysis of keys measures is a field of the cipher's own key, so it names no test."""
    found = findings("key_sensitivity", [row(part="mac_key"), row(part="encryption_key")])
    assert [one.key.part for one in found] == [""]


def test_the_literature_is_judged_at_its_own_size():
    """A literature row is an alarm outside its interval, for 30 blocks, and nothing for fewer."""
    full = "outside the literature's interval for 30 blocks of 1936"
    rows = [
        Measurement("local_entropy", 7.9, statistic="literature", low=7.901, high=7.903, message=message)
        for message in (full, f"{full}; 2 blocks fit instead of 30")
    ]
    (found,) = findings("entropy", rows)
    assert found.values == (0.0,)
