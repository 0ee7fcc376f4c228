import numpy as np
import pytest

from cryptobench.analyses.correlation import Correlation
from tests.analyses.statistical_toys import SHAPES, Ideal, Identity, Reshaping, one, photograph, pick, rows

SLICES = {
    "H": (np.s_[:, :-1], np.s_[:, 1:]),
    "V": (np.s_[:-1], np.s_[1:]),
    "D": (np.s_[:-1, :-1], np.s_[1:, 1:]),
    "A": (np.s_[:-1, 1:], np.s_[1:, :-1]),
}


def test_correlations_are_numpys_over_all_pairs():
    """Each direction of each channel is NumPy's correlation coefficient of all adjacent pairs."""
    image = np.random.default_rng(4).integers(0, 256, (33, 47, 3), dtype=np.uint8)
    table = rows(Correlation(), Identity(), image)
    for index, channel in enumerate("RGB"):
        for direction, (here, there) in SLICES.items():
            plane = image[..., index]
            expected = np.corrcoef(plane[here].ravel(), plane[there].ravel())[0, 1]
            row = one(table, "correlation", channel=channel, direction=direction, part="plain")
            assert row.value == pytest.approx(expected, abs=1e-12)
    expected = np.corrcoef(image[..., 0].ravel(), image[..., 2].ravel())[0, 1]
    between = one(table, "channel_correlation", channel="R", other_channel="B", part="plain")
    assert between.value == pytest.approx(expected, abs=1e-12)


def test_an_ideal_cipher_passes_and_the_identity_fails():
    """Of 15 correlations an ideal cipher fails at most a few; the identity fails each."""
    image = photograph(64, 64, 3)
    ideal = [row for row in rows(Correlation(), Ideal(), image) if row.part == "cipher"]
    assert len(ideal) == 15
    assert sum(row.verdict == "fail" for row in ideal) <= 4
    assert {row.verdict for row in rows(Correlation(), Identity(), image) if row.part == "cipher"} == {"fail"}


def test_plain_rows_have_no_verdict():
    """A row of the plaintext has no p-value and no verdict."""
    plain = [row for row in rows(Correlation(), Ideal(), photograph(32, 32, 3)) if row.part == "plain"]
    assert all(row.verdict == "none" and row.p_value is None for row in plain)
    assert min(row.value for row in plain) > 0.9


def test_channels_are_those_of_the_image_at_hand():
    """A cipher image of two channels has one pair; the colour plaintext beside it has three."""
    table = rows(Correlation(), Reshaping(), photograph(32, 32, 3))
    pairs = {
        part: [(row.channel, row.other_channel) for row in pick(table, "channel_correlation", part=part)]
        for part in ("plain", "cipher")
    }
    assert pairs == {"plain": [("R", "G"), ("R", "B"), ("G", "B")], "cipher": [("c0", "c1")]}


def test_a_line_has_no_vertical_neighbours():
    """An image of one row has no vertical and diagonal correlation, and says so."""
    table = rows(Correlation(), Ideal(), photograph(1, 40))
    assert one(table, "correlation", direction="H", part="cipher").value is not None
    for direction in ("V", "D", "A"):
        row = one(table, "correlation", direction=direction, part="cipher")
        assert (row.value, row.status, row.verdict) == (None, "unsupported", "none")
        assert row.message


@pytest.mark.parametrize("shape", SHAPES)
def test_any_shape_gives_a_row_for_each_number(shape):
    """Every shape, down to one pixel, gives four directions for each channel."""
    channels = shape[2] if len(shape) == 3 else 1
    table = rows(Correlation(), Ideal(), photograph(*shape))
    assert len(pick(table, "correlation")) == 8 * channels
    assert len(pick(table, "channel_correlation")) == channels * (channels - 1)
    assert all(row.value is not None or (row.status == "unsupported" and row.message) for row in table)
