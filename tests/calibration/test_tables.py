import pytest

from cryptobench.calibration.error_rates import DetectionRate, FalseAlarmRate
from cryptobench.calibration.sources import Source
from cryptobench.calibration.tables import defect_title, detection_frame, false_alarm_frame, rate_text, row_title
from cryptobench.calibration.tests import CalibratedTest
from cryptobench.metrics.statistics import Share
from tests.calibration.samples import IDENTITY


@pytest.mark.parametrize(
    ("rate", "text"), [(0.0, "0.00"), (0.001, "<0.01"), (0.25, "0.25"), (0.999, ">0.99"), (1.0, "1.00")]
)
def test_only_none_reads_zero_and_all_one(rate, text):
    """Only no alarm reads 0.00, and only an alarm under every seed 1.00."""
    assert rate_text(rate) == text


@pytest.mark.parametrize(
    ("test", "title"),
    [
        (CalibratedTest("differential", "npcr", nonce="fixed"), "differential: npcr, fixed nonce"),
        (CalibratedTest("correlation", "correlation"), "correlation"),
        (CalibratedTest("attack:locality", "locality"), "locality"),
    ],
)
def test_rows_are_titled_in_words(test, title):
    """The task stands before a metric that does not name it, and a fixed nonce after it."""
    assert row_title(test) == title


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
    assert defect_title(Source(name, False)) == title


def test_frames_have_the_measurement_tables_columns():
    """A test stands in the columns of the measurement table, and its rates beside it."""
    test = CalibratedTest("texture", "glcm_energy", parameter="256", part="cipher")
    rate = FalseAlarmRate(test, "all", "8x8", 0.05, True, 9, Share(1, 10, 9.0), False)
    row = false_alarm_frame([rate]).iloc[0]
    assert (row["metric"], row["parameter"], row["part"], row["rate"]) == ("glcm_energy", "256", "cipher", 0.1)
    row = detection_frame([DetectionRate(CalibratedTest("texture", "glcm_energy"), IDENTITY, 4, 3)]).iloc[0]
    assert (row["source"], row["sound"], row["detections"], row["rate"]) == ("identity", False, 3, 0.75)
    assert row["defect"] == IDENTITY.card.defect
