import numpy as np
import pytest
from skimage.measure import shannon_entropy

from cryptobench.analyses.entropy import Entropy
from tests.analyses.statistical_toys import SHAPES, Ideal, Identity, one, photograph, pick, rows


def test_global_entropy_is_scikit_images():
    """Global entropy of a channel and of all samples is scikit-image's Shannon entropy."""
    image = photograph(40, 50, 3)
    table = rows(Entropy(), Identity(), image)
    assert one(table, "global_entropy", channel="B", part="plain").value == pytest.approx(
        shannon_entropy(image[..., 2])
    )
    assert one(table, "global_entropy", channel="all", part="cipher").value == pytest.approx(shannon_entropy(image))


def test_an_ideal_cipher_passes_and_the_identity_fails():
    """Uniform cipher images pass both entropies; a photograph in the clear fails both."""
    image = photograph(96, 96, 3)
    for metric, columns in (("global_entropy", {"part": "cipher"}), ("local_entropy", {"statistic": "corrected"})):
        assert {row.verdict for row in pick(rows(Entropy(), Ideal(), image, 3), metric, **columns)} == {"pass"}
        assert {row.verdict for row in pick(rows(Entropy(), Identity(), image), metric, **columns)} == {"fail"}


def test_the_literatures_interval_is_shown_without_a_verdict():
    """The literature's row has the same value, the published interval, no verdict, and says on which side it lies."""
    table = rows(Entropy(), Ideal(), photograph(256, 256, 3))
    for channel in ("R", "G", "B", "all"):
        corrected = one(table, "local_entropy", channel=channel, statistic="corrected")
        literature = one(table, "local_entropy", channel=channel, statistic="literature")
        assert literature.value == corrected.value
        # Wu et al. 2013, at level 0.05.
        assert (literature.low, literature.high) == pytest.approx((7.901901305, 7.903037329), abs=2e-6)
        assert (corrected.low, corrected.high) == pytest.approx((7.899358185, 7.905580448), abs=1e-6)
        assert literature.verdict == "none"
        assert literature.p_value is None
        inside = 7.9019 <= literature.value <= 7.9030
        assert literature.message.startswith("inside" if inside else "outside")


def test_a_smaller_image_uses_the_blocks_that_fit():
    """An image with fewer than 30 blocks is measured on those it has, says so, and has a wider interval."""
    table = rows(Entropy(), Ideal(), photograph(64, 64, 3))
    row = one(table, "local_entropy", channel="R", statistic="corrected")
    assert row.message == "2 blocks fit instead of 30"
    assert row.high - row.low == pytest.approx(0.0062223 * np.sqrt(30 / 2), rel=1e-3)
    assert row.verdict == "pass"


def test_an_image_without_a_block_is_unsupported():
    """An image smaller than one block has no local entropy, and two rows that say so."""
    table = rows(Entropy(), Ideal(), photograph(40, 40))
    found = pick(table, "local_entropy", channel="all")
    assert [row.statistic for row in found] == ["corrected", "literature"]
    assert all(row.value is None and row.status == "unsupported" and "1936" in row.message for row in found)


def test_local_entropy_gates_at_its_level():
    """Over 300 ideal cipher images the corrected interval rejects about one in twenty; the literature's, most."""
    failures = outside = 0
    for seed in range(300):
        table = rows(Entropy(), Ideal(), np.zeros((256, 256), np.uint8), seed)
        failures += one(table, "local_entropy", channel="all", statistic="corrected").verdict == "fail"
        outside += "outside" in one(table, "local_entropy", channel="all", statistic="literature").message
    assert 3 <= failures <= 32  # 15 expected; beyond these bounds one time in 10^4
    assert 180 <= outside <= 250  # 217 expected, 72.5 %


@pytest.mark.parametrize("shape", SHAPES)
def test_any_shape_gives_a_row_for_each_number(shape):
    """Every shape, down to one pixel, gives the same rows."""
    channels = shape[2] if len(shape) == 3 else 1
    table = rows(Entropy(), Ideal(), photograph(*shape))
    assert len(table) == 4 * (channels + 1)
    assert all(row.value is not None or (row.status == "unsupported" and row.message) for row in table)
