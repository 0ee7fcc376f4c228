"""Traceability scores: known answers by brute force, by scipy.ndimage and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cryptobench.analyses.robustness.traceability import (
    area_under_roc,
    damage_spread,
    energy_share,
    error_map,
    noise_map,
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40))
def test_area_under_roc_counts_pairs_in_order(samples: list[tuple[int, bool]]) -> None:
    """Against all pairs of a pixel inside and one outside, ties counting one half."""
    scores, mask = np.array([s for s, _ in samples]), np.array([m for _, m in samples])
    inside, outside = scores[mask][:, None], scores[~mask]
    if inside.size and outside.size:
        assert area_under_roc(scores, mask) == pytest.approx(((inside > outside) + (inside == outside) / 2).mean())
    else:
        assert area_under_roc(scores, mask) is None


def test_area_under_roc_knows_its_ends() -> None:
    """Separated scores give 1, reversed 0, equal ones 1/2."""
    mask = np.zeros((4, 5), np.bool_)
    mask[1:3, 2:] = True
    assert area_under_roc(mask.astype(np.int64), mask) == 1
    assert area_under_roc(1 - mask, mask) == 0
    assert area_under_roc(np.zeros((4, 5), np.int64), mask) == 0.5


def test_energy_share_is_of_squares() -> None:
    """Scores 3 inside and 4 outside give 9 / 25; no score at all gives nothing."""
    assert energy_share(np.array([[3, 4]]), np.array([[True, False]])) == 9 / 25
    assert energy_share(np.zeros((2, 2), np.int64), np.eye(2, dtype=np.bool_)) is None


def test_errors_do_not_wrap_around() -> None:
    """abs(10 - 250) is 240 in each channel, summed over channels."""
    first, second = np.full((2, 3, 3), 10, np.uint8), np.full((2, 3, 3), 250, np.uint8)
    assert np.array_equal(error_map(first, second), np.full((2, 3), 720))
    assert np.array_equal(error_map(first[..., 0], second[..., 0]), np.full((2, 3), 240))


def test_damage_spread_counts_changed_pixels() -> None:
    """One changed sample and two in another pixel are two pixels of six."""
    first = np.zeros((2, 3, 3), np.uint8)
    second = first.copy()
    second[0, 0, 2] = second[1, 1, 0] = second[1, 1, 1] = 1
    assert damage_spread(first, second) == pytest.approx(2 / 6)


@pytest.mark.parametrize("shape", [(33, 47, 3), (20, 31), (1, 40), (1, 1, 3), (2, 2)])
def test_noise_map_equals_two_filters_of_scipy(shape: tuple[int, ...]) -> None:
    """Immerkaer's mask and a 5x5 sum, with scipy's "reflect" continuation."""
    image = np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])
    channels = [image] if image.ndim == 2 else [image[..., c] for c in range(shape[2])]
    amplitude = sum(np.abs(ndimage.convolve(c.astype(np.int64), mask, mode="reflect")) for c in channels)
    assert np.array_equal(noise_map(image), ndimage.convolve(amplitude, np.ones((5, 5), np.int64), mode="reflect"))


def test_noise_map_ignores_slopes_and_upright_edges() -> None:
    """A slope and an upright edge give no noise away from the border, a noisy patch does."""
    rows, columns = np.mgrid[:40, :40]
    calm = (rows + 2 * columns + 60 * (columns > 20)).astype(np.uint8)
    assert not noise_map(calm)[4:-4, 4:-4].any()
    noisy = calm.copy()
    noisy[10:20, 10:20] ^= np.random.default_rng(1).integers(0, 32, (10, 10), dtype=np.uint8)
    mask = np.zeros((40, 40), np.bool_)
    mask[10:20, 10:20] = True
    assert (area_under_roc(noise_map(noisy), mask) or 0) > 0.97


def test_unequal_shapes_are_refused() -> None:
    """Both shapes are named."""
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(3, 2\)"):
        error_map(np.zeros((2, 3), np.uint8), np.zeros((3, 2), np.uint8))
