"""Correlation of adjacent pixels and of channels."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import cryptobench.metrics as metrics

PAIRS = {
    "horizontal": lambda p: (p[:, :-1], p[:, 1:]),
    "vertical": lambda p: (p[:-1], p[1:]),
    "diagonal": lambda p: (p[:-1, :-1], p[1:, 1:]),
    "antidiagonal": lambda p: (p[:-1, 1:], p[1:, :-1]),
}


def random_plane(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 2**32 - 1), st.sampled_from([1, 9, 100]))
def test_correlation_agrees_with_numpy(height: int, width: int, seed: int, step: int) -> None:
    """All four directions are numpy.corrcoef of all pairs, borders included."""
    plane = random_plane((height, width), seed) // np.uint8(step)
    found = metrics.adjacent_correlations(plane)
    assert tuple(found) == metrics.DIRECTIONS
    for direction, split in PAIRS.items():
        x, y = (part.ravel().astype(float) for part in split(plane))
        if x.size > 1 and x.std() and y.std():
            assert found[direction].value == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-12)
            assert metrics.adjacent_correlation(plane, direction) == found[direction]


def test_photograph_is_correlated() -> None:
    """A photograph's neighbours agree as scipy.stats.pearsonr says, and fail."""
    from skimage import data

    plane = data.camera()
    found = metrics.adjacent_correlations(plane)
    x, y = (part.ravel() for part in PAIRS["diagonal"](plane))
    assert found["diagonal"].value == pytest.approx(stats.pearsonr(x.astype(float), y.astype(float)).statistic)
    assert all(result.value > 0.95 and result.p_value == 0 for result in found.values())


def test_interval_is_that_of_all_pairs() -> None:
    """At 256x256 the horizontal interval is 1.96 / sqrt(65280) = .0077 around zero."""
    result = metrics.adjacent_correlation(random_plane((256, 256)), "horizontal")
    assert result.expected == 0
    assert (result.low, result.high) == pytest.approx((-0.00767, 0.00767), abs=5e-6)
    assert result.p_value == pytest.approx(2 * stats.norm.sf(abs(result.value) * math.sqrt(256 * 255)), rel=1e-9)


def test_a_chessboard_is_exactly_anticorrelated() -> None:
    """Alternating pixels give -1 across and down, +1 along the diagonals."""
    board = (np.indices((16, 17)).sum(axis=0) % 2 * 255).astype(np.uint8)
    found = metrics.adjacent_correlations(board)
    assert [found[d].value for d in metrics.DIRECTIONS] == [-1.0, -1.0, 1.0, 1.0]


@pytest.mark.parametrize("value", [0, 255])
def test_a_flat_plane_does_not_pass(value: int) -> None:
    """Where each pixel determines its neighbour the correlation counts as one, with p-value zero."""
    flat = np.full((16, 16), value, np.uint8)
    results = [*metrics.adjacent_correlations(flat).values(), metrics.channel_correlation(flat, flat)]
    assert all((result.value, result.p_value) == (1.0, 0.0) for result in results)


def test_thin_planes_lack_directions() -> None:
    """A row has horizontal pairs only, a column vertical ones only, a single pixel none."""
    row = metrics.adjacent_correlations(random_plane((1, 40)))
    column = metrics.adjacent_correlations(random_plane((40, 1)))
    assert [d for d in metrics.DIRECTIONS if not math.isnan(row[d].value)] == ["horizontal"]
    assert [d for d in metrics.DIRECTIONS if not math.isnan(column[d].value)] == ["vertical"]
    single = metrics.adjacent_correlations(np.zeros((1, 1), np.uint8))
    for result in single.values():
        assert math.isnan(result.value)
        assert (result.expected, result.low, result.high, result.p_value) == (None, None, None, None)


def test_few_pairs_give_no_p_value() -> None:
    """Below 30 pairs there is a value but no verdict."""
    assert metrics.adjacent_correlation(random_plane((1, 30)), "horizontal").p_value is None
    assert metrics.adjacent_correlation(random_plane((1, 31)), "horizontal").p_value is not None


def test_long_rows_do_not_overflow() -> None:
    """Sums over more samples than 32 bits hold stay exact."""
    plane = np.full((2, 70_001), 255, np.uint8)
    plane[0, 0] = 0
    x, y = (part.ravel().astype(float) for part in PAIRS["vertical"](plane))
    assert np.isclose(x.sum(), 70_000 * 255)
    assert metrics.adjacent_correlation(plane, "vertical").value == 1.0  # the lower row is constant
    plane[1, 5] = 0
    x, y = (part.ravel().astype(float) for part in PAIRS["vertical"](plane))
    assert metrics.adjacent_correlation(plane, "vertical").value == pytest.approx(np.corrcoef(x, y)[0, 1], rel=1e-6)


def test_channel_correlation_agrees_with_numpy() -> None:
    """Two channels of a photograph correlate as numpy.corrcoef says."""
    from skimage import data

    image = data.astronaut()
    expected = np.corrcoef(image[..., 0].ravel(), image[..., 1].ravel())[0, 1]
    assert metrics.channel_correlation(image[..., 0], image[..., 1]).value == pytest.approx(expected, rel=1e-12)


def test_an_unknown_direction_is_refused() -> None:
    """The error lists the directions there are."""
    with pytest.raises(ValueError, match="horizontal, vertical, diagonal, antidiagonal, not 'sideways'"):
        metrics.adjacent_correlation(random_plane((4, 4)), "sideways")
