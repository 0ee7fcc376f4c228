import numpy as np
import pytest
from skimage.feature import graycomatrix, graycoprops

from cryptobench.analyses.texture import Texture
from tests.analyses.statistical_toys import SHAPES, Ideal, Identity, one, photograph, pick, rows

METRICS = ("glcm_contrast", "glcm_energy", "glcm_homogeneity")
ANGLES = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]


@pytest.mark.parametrize("levels", [8, 256])
def test_contrast_and_energy_are_scikit_images(levels):
    """Contrast and energy (its ASM) agree with scikit-image over four angles at distance 1."""
    image = photograph(40, 50, 3)
    table = rows(Texture(), Identity(), image)
    quantised = (image[..., 1].astype(int) * levels // 256).astype(np.uint8)
    matrix = graycomatrix(quantised, [1], ANGLES, levels=levels, normed=True)
    for metric, name in (("glcm_contrast", "contrast"), ("glcm_energy", "ASM")):
        row = one(table, metric, channel="G", part="plain", parameter=str(levels))
        assert row.value == pytest.approx(graycoprops(matrix, name).mean(), rel=1e-9)


def test_an_ideal_cipher_passes_and_the_identity_fails():
    """Uniform cipher images pass but for a few of 18 tests; a photograph in the clear fails each."""
    image = photograph(64, 64, 3)
    ideal = [row for row in rows(Texture(), Ideal(), image) if row.part == "cipher"]
    assert len(ideal) == 18
    assert sum(row.verdict == "fail" for row in ideal) <= 5
    assert {row.verdict for row in rows(Texture(), Identity(), image) if row.part == "cipher"} == {"fail"}


def test_plain_rows_have_no_verdict():
    """A row of the plaintext shows what an ideal cipher gives, but no p-value and no verdict."""
    plain = [row for row in rows(Texture(), Ideal(), photograph(64, 64)) if row.part == "plain"]
    assert len(plain) == 6
    assert all(row.verdict == "none" and row.p_value is None and row.expected is not None for row in plain)


@pytest.mark.parametrize("shape", SHAPES)
def test_any_shape_gives_a_row_for_each_number(shape):
    """Every shape gives the same rows; a single pixel has no neighbours, and says so."""
    channels = shape[2] if len(shape) == 3 else 1
    table = rows(Texture(), Ideal(), photograph(*shape))
    for metric in METRICS:
        assert len(pick(table, metric)) == 4 * channels
    assert all(row.value is not None or (row.status == "unsupported" and row.message) for row in table)
    assert all((row.value is None) == (shape == (1, 1)) for row in table)
