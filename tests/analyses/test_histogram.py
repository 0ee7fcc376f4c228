import numpy as np
import pytest
from scipy.stats import chisquare

from cryptobench.analyses.histogram import Histogram
from tests.analyses.statistical_toys import SHAPES, Ideal, Identity, Reshaping, one, photograph, pick, rows

OF_ONE = ("chi_square", "histogram_variance", "deviation_from_uniform")
OF_TWO = ("maximum_deviation", "irregular_deviation", "encryption_quality")


def test_chi_square_of_each_channel_is_scipys():
    """Chi-square of a channel and of all samples is SciPy's Pearson statistic of their histogram."""
    image = photograph(40, 50, 3)
    table = rows(Histogram(), Identity(), image)
    for channel, samples in (("G", image[..., 1]), ("all", image)):
        expected = chisquare(np.bincount(samples.ravel(), minlength=256)).statistic
        assert one(table, "chi_square", channel=channel, part="cipher").value == pytest.approx(expected)


def test_an_ideal_cipher_passes_and_the_identity_fails():
    """Uniform cipher images pass every test of uniformity; a photograph in the clear fails each."""
    image = photograph(64, 64, 3)
    for metric in OF_ONE:
        assert {row.verdict for row in pick(rows(Histogram(), Ideal(), image), metric, part="cipher")} == {"pass"}
        assert {row.verdict for row in pick(rows(Histogram(), Identity(), image), metric, part="cipher")} == {"fail"}


def test_plain_rows_have_no_verdict():
    """A row of the plaintext shows what an ideal cipher gives, but no p-value and no verdict."""
    table = rows(Histogram(), Ideal(), photograph(64, 64, 3))
    plain = [row for row in table if row.part == "plain"]
    assert len(plain) == 12
    assert all(row.verdict == "none" and row.p_value is None and row.low is not None for row in plain)


def test_deviations_between_plain_and_cipher():
    """The identity changes no histogram, and all of its differences are zero."""
    image = photograph(16, 16)
    table = rows(Histogram(), Identity(), image)
    assert one(table, "maximum_deviation", channel="grey").value == 0
    assert one(table, "encryption_quality", channel="all").value == 0
    # All 256 differences are 0: |256 - 1| + 255 * |0 - 1|.
    assert one(table, "irregular_deviation", channel="grey").value == 510


def test_deviations_need_equal_shapes():
    """A cipher image of another shape has uniformity tests by its own channels, and says why it has no deviations."""
    table = rows(Histogram(), Reshaping(), photograph(40, 30, 3))
    assert [row.channel for row in pick(table, "chi_square", part="cipher")] == ["c0", "c1", "all"]
    for metric in OF_TWO:
        found = pick(table, metric)
        assert [row.channel for row in found] == ["R", "G", "B", "all"]
        assert all(row.value is None and row.status == "unsupported" and "(43, 60, 2)" in row.message for row in found)


@pytest.mark.parametrize("shape", SHAPES)
def test_any_shape_gives_a_row_for_each_number(shape):
    """Every shape, down to one pixel, gives the same rows, and a row without a value says why."""
    channels = shape[2] if len(shape) == 3 else 1
    for cipher in (Ideal(), Reshaping()):
        table = rows(Histogram(), cipher, photograph(*shape))
        assert len(pick(table, "chi_square", part="plain")) == channels + 1
        assert all(row.value is not None or (row.status == "unsupported" and row.message) for row in table)
