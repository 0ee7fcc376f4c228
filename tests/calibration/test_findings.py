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


def test_rules_without_a_p_value_are_zeros_and_ones():
    """A failed rule is 0, a passed one 1."""
    found = findings("quality", [row(p_value=None, verdict="fail"), row(p_value=None), row(p_value=0.2)])
    assert [(one.key.rule, one.values) for one in found] == [(True, (0.0, 1.0)), (False, (0.2,))]


def test_rows_without_a_verdict_are_left_out():
    """Pictures, unfinished rows and numbers without a null distribution are no verdicts."""
    rows = [row(verdict="none"), row(status="failed"), Artifact("plain", np.zeros((2, 2), np.uint8))]
    assert findings("quality", rows) == []


def test_key_fields_are_one_variant():
    """What an analysis of keys calls its variant is a field of the cipher's own key, so it names no test."""
    found = findings("key_sensitivity", [row(variant="mac_key"), row(variant="encryption_key")])
    assert [one.key.variant for one in found] == [""]


def test_the_literature_is_judged_where_its_interval_is_meant_for():
    """A literature row is an alarm outside its interval, for 30 blocks, and nothing for fewer."""
    full = "outside the literature's interval for 30 blocks of 1936"
    rows = [
        Measurement("local_entropy", 7.9, variant="literature", low=7.901, high=7.903, message=message)
        for message in (full, f"{full}; 2 blocks fit instead of 30")
    ]
    (found,) = findings("entropy", rows)
    assert found.values == (0.0,)
