import pytest

from cryptobench.calibration.findings import RowKey
from cryptobench.calibration.sources import Source
from cryptobench.calibration.tables import defect, row_title
from cryptobench.calibration.tests import Test as Row
from cryptobench.calibration.tests import alarm_levels, is_exhibit, power_test, size_test


def key(metric="m", channel="all", direction="", variant="", nonce="", rule=False, trial=False):
    return RowKey(metric, channel, direction, variant, nonce, rule, trial)


@pytest.mark.parametrize(
    ("task", "row", "levels"),
    [
        ("histogram", key(), (0.05, 0.001)),
        ("attack:locality", key(), (0.05, 1e-6)),
        ("attack:locality", key(rule=True), (1e-6,)),
        ("sp800_22", key("runs"), (0.01, 0.001)),
        ("entropy", key("local_entropy", variant="literature", rule=True), (0.05,)),
    ],
)
def test_levels_are_those_that_tests_state(task, row, levels):
    """Analyses state 0.05, attacks' leaks 1e-6, SP 800-22 0.01."""
    assert alarm_levels(task, row) == levels


def test_what_the_literature_has_wrong_is_an_exhibit():
    """SP 800-22's mended tests are exhibits in their standard form only."""
    assert is_exhibit("sp800_22", key("spectral", variant="standard"))
    assert not is_exhibit("sp800_22", key("spectral", variant="corrected"))
    assert not is_exhibit("sp800_22", key("runs", variant="standard"))
    assert is_exhibit("randomness", key("sp800_22_proportion", direction="spectral"))
    assert not is_exhibit("randomness", key("sp800_22_proportion", direction="spectral corrected"))


def test_summaries_of_a_metric_are_one_row_of_the_matrix():
    """Mean, extremes and share of passing trials are pooled; single trials are not counted."""
    rows = {power_test("differential", key(f"npcr_{part}", nonce="fresh")) for part in ("mean", "min", "inside")}
    assert rows == {Row("differential", "npcr")}
    assert power_test("differential", key("npcr", trial=True)) is None
    assert power_test("attack:locality", key("statistic")) is None


def test_held_nonces_are_rows_of_their_own():
    """A held nonce is misuse in the differential analysis, and the rule where keys are compared."""
    held = power_test("differential", key("npcr_mean", nonce="fixed"))
    assert held is not None
    assert row_title(held) == "differential: npcr, nonce held"
    assert power_test("key_sensitivity", key("key_npcr_mean", nonce="fixed")) == Row("key_sensitivity", "key_npcr")


def test_rows_are_told_apart_only_when_asked():
    """Channels and directions are one test, or apart."""
    row = key("correlation", "R", "vertical", "cipher")
    assert size_test("correlation", row) == Row("correlation", "correlation", "cipher")
    assert size_test("correlation", row, apart=True).part == "R vertical"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("identity", "The ciphertext is the plaintext"),
        ("correlated-channels", "Red, green and blue share a keystream"),
        ("add-chain", "Any number of rounds is one affine map over Z/256"),
    ],
)
def test_a_defect_is_titled_by_its_first_clause(name, title):
    """Column titles are the beginning of what the control's card says."""
    assert defect(Source(name, False)) == title
