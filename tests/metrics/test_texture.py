"""Co-occurrence texture."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data
from skimage.feature import graycomatrix, graycoprops

import cryptobench.metrics as metrics
from cryptobench.metrics.texture import coarsen, cooccurrence, pair_counts, weighted_pair_variance

ANGLES = [0, math.pi / 4, math.pi / 2, 3 * math.pi / 4]


def random_plane(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def by_scikit_image(plane: np.ndarray, levels: int) -> dict[str, float]:
    """The means over four angles; homogeneity by MATLAB's formula, for scikit-image's divides by 1 + (i - j)^2."""
    grouped = (plane.astype(int) * levels // 256).astype(np.uint8)
    matrix = graycomatrix(grouped, [1], ANGLES, levels, symmetric=False, normed=True)
    i, j = np.indices((levels, levels))
    return {
        "contrast": graycoprops(matrix, "contrast").mean(),
        "energy": graycoprops(matrix, "ASM").mean(),
        "homogeneity": (matrix[:, :, 0] / (1 + np.abs(i - j))[..., None]).sum(axis=(0, 1)).mean(),
    }


@pytest.mark.parametrize("levels", [8, 256])
@pytest.mark.parametrize(
    "plane",
    [data.camera()[:257, :263], random_plane((33, 47)), np.full((40, 30), 9, np.uint8)],
    ids=["photo", "random", "flat"],
)
def test_properties_agree_with_scikit_image(plane: np.ndarray, levels: int) -> None:
    """Contrast, energy and homogeneity are those of graycomatrix."""
    found = metrics.glcm_properties(plane, levels)
    for name, value in by_scikit_image(plane, levels).items():
        assert found[name].value == pytest.approx(value, rel=1e-12), name


def test_properties_by_hand() -> None:
    """The 2x2 plane 0 32 / 64 32 at 8 levels, worked out on paper."""
    found = metrics.glcm_properties(np.array([[0, 32], [64, 32]], np.uint8), 8)
    # Levels 0 1 / 2 1. Across: 0-1, 2-1. Down: 0-2, 1-1. Diagonal: 0-1. Antidiagonal: 1-2.
    assert found["contrast"].value == (1 + (4 + 0) / 2 + 1 + 1) / 4
    assert found["energy"].value == (0.5 + 0.5 + 1 + 1) / 4
    assert found["homogeneity"].value == pytest.approx((1 / 2 + (1 / 3 + 1) / 2 + 1 / 2 + 1 / 2) / 4)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 255), st.integers(0, 2**32 - 1))
def test_tables_count_every_pair(height: int, width: int, largest: int, seed: int) -> None:
    """The compiled tables are numpy.add.at's at every shape, and grouping them is grouping the values."""
    plane = np.random.default_rng(seed).integers(0, largest + 1, (height, width), dtype=np.uint8)
    pairs = [
        (plane[:, :-1], plane[:, 1:]),
        (plane[:-1], plane[1:]),
        (plane[:-1, :-1], plane[1:, 1:]),
        (plane[:-1, 1:], plane[1:, :-1]),
    ]
    expected = np.zeros((4, 256, 256), np.uint32)
    for table, (first, second) in zip(expected, pairs, strict=True):
        np.add.at(table, (first.ravel(), second.ravel()), 1)
    found = cooccurrence(plane)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(coarsen(found), expected.reshape(4, 8, 32, 8, 32).sum(axis=(2, 4)))


def test_counts_beyond_a_byte_are_carried() -> None:
    """A plane with few values counts to more than 255 and 65535."""
    plane = np.zeros((300, 300), np.uint8)
    table = cooccurrence(plane)
    assert [int(t[0, 0]) for t in table] == [300 * 299, 299 * 300, 299 * 299, 299 * 299]
    assert int(table.sum()) == sum(pair_counts(300, 300))


@pytest.mark.parametrize(
    ("levels", "contrast", "energy", "homogeneity"),
    [(8, 10.5, 0.015625, 0.38940), (256, 10922.5, 1 / 65536, 0.03631)],
)
def test_expected_values_are_the_known_ones(levels: int, contrast: float, energy: float, homogeneity: float) -> None:
    """Ideal contrast and homogeneity at any size; energy lies above 1 / levels^2 by about 1 / pairs."""
    found = metrics.glcm_properties(random_plane((512, 512)), levels)
    assert found["contrast"].expected == pytest.approx(contrast, rel=1e-12)
    assert found["homogeneity"].expected == pytest.approx(homogeneity, abs=5e-6)
    expected = found["energy"].expected
    assert expected is not None
    assert (expected - energy) * 512 * 511 == pytest.approx(1 - energy, rel=2e-3)


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (1, 5), (3, 4)])
def test_pair_variance_by_enumeration(shape: tuple[int, int]) -> None:
    """On a small grid of fair bits the variance over all images is the one computed from spans."""
    height, width = shape
    pixels = height * width
    images = (np.arange(2**pixels)[:, None] >> np.arange(pixels) & 1).reshape(-1, height, width).astype(float)
    value = np.array([[0.0, 1.0], [1.0, 5.0]])  # a symmetric f(x, y)
    weights = (0.7, 1.1, 0.4, 2.0)
    i = images.astype(int)
    total = (
        weights[0] * value[i[:, :, :-1], i[:, :, 1:]].sum(axis=(1, 2))
        + weights[1] * value[i[:, :-1], i[:, 1:]].sum(axis=(1, 2))
        + weights[2] * value[i[:, :-1, :-1], i[:, 1:, 1:]].sum(axis=(1, 2))
        + weights[3] * value[i[:, :-1, 1:], i[:, 1:, :-1]].sum(axis=(1, 2))
    )
    variance = weighted_pair_variance(height, width, weights, value.var(), value.mean(axis=1).var())
    assert variance == pytest.approx(total.var(), rel=1e-12)


def test_structure_fails_every_property() -> None:
    """A photograph, a flat plane and a sorted one are rejected by all three properties."""
    ramp = np.sort(random_plane((64, 64)), axis=None).reshape(64, 64)
    for plane in (data.camera(), np.zeros((64, 64), np.uint8), ramp):
        for levels in (8, 256):
            for name, result in metrics.glcm_properties(plane, levels).items():
                assert result.p_value is not None
                assert result.p_value < 1e-9, (name, levels)


def test_thin_planes_use_the_directions_they_have() -> None:
    """A row is measured horizontally; a single pixel gives nan."""
    row = random_plane((1, 2000))
    first, second = row[0, :-1].astype(float), row[0, 1:].astype(float)
    result = metrics.glcm_properties(row)["contrast"]
    assert result.value == pytest.approx(((first - second) ** 2).mean(), rel=1e-12)
    assert result.p_value is not None
    single = metrics.glcm_properties(np.zeros((1, 1), np.uint8))
    assert all(math.isnan(r.value) and r.p_value is None for r in single.values())


def test_small_planes_get_no_p_value() -> None:
    """Below 1024 pixels there are values and expectations only."""
    for result in metrics.glcm_properties(random_plane((31, 33))).values():
        assert result.expected is not None
        assert result.p_value is None


def test_other_level_counts_are_refused() -> None:
    """Levels are 8 or 256."""
    with pytest.raises(ValueError, match="8 or 256, not 16"):
        metrics.glcm_properties(random_plane((64, 64)), 16)
