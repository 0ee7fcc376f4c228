"""MSE, MAE, PSNR and SSIM."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data
from skimage import metrics as reference

import cryptobench.metrics as metrics


def random_pair(shape: tuple[int, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, shape, dtype=np.uint8), generator.integers(0, 256, shape, dtype=np.uint8)


def similarity(first: np.ndarray, second: np.ndarray, window: int = 7) -> float:
    channel_axis = -1 if first.ndim == 3 else None
    return float(
        reference.structural_similarity(first, second, win_size=window, data_range=255, channel_axis=channel_axis)
    )


@pytest.mark.parametrize("shape", [(257, 263), (33, 47, 3), (7, 7, 3), (8, 200), (64, 9, 4), (20, 20, 1)])
def test_similarity_agrees_with_scikit_image(shape: tuple[int, ...]) -> None:
    """SSIM equals scikit-image's to 1e-12 on random images of many shapes."""
    first, second = random_pair(shape)
    assert metrics.structural_similarity(first, second).value == pytest.approx(similarity(first, second), abs=1e-12)


def test_similarity_agrees_on_a_damaged_photograph() -> None:
    """Noise, a shift in brightness, occlusion, black and white: all equal scikit-image's."""
    image = data.astronaut()[:200, :161]
    noisy = np.clip(image + np.random.default_rng(1).normal(0, 20, image.shape), 0, 255).astype(np.uint8)
    occluded = image.copy()
    occluded[40:90, 30:100] = 0
    for other in (noisy, image // 2 + 60, occluded, np.zeros_like(image), np.full_like(image, 255), image):
        expected = similarity(image, other)
        assert metrics.structural_similarity(image, other).value == pytest.approx(expected, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 9), st.integers(3, 9), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_small_images_use_the_largest_window_that_fits(height: int, width: int, channels: int, seed: int) -> None:
    """Below seven pixels a side SSIM is scikit-image's with the largest odd window."""
    first, second = random_pair((height, width, channels), seed)
    side = min(height, width, 7)
    expected = similarity(first, second, side if side % 2 else side - 1)
    assert metrics.structural_similarity(first, second).value == pytest.approx(expected, abs=1e-12)


def test_thin_images_compare_luminance() -> None:
    """One or two pixels thin, only the luminance term is left: (2xy + C1) / (x^2 + y^2 + C1)."""
    first, second = random_pair((2, 50))
    x, y, c1 = first.astype(float), second.astype(float), (0.01 * 255) ** 2
    expected = ((2 * x * y + c1) / (x * x + y * y + c1)).mean()
    assert metrics.structural_similarity(first, second).value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", [(257, 263), (33, 47, 3), (1, 1), (1, 50)])
def test_errors_agree_with_scikit_image(shape: tuple[int, ...]) -> None:
    """MSE and PSNR are scikit-image's, MAE is NumPy's."""
    first, second = random_pair(shape)
    squared = reference.mean_squared_error(first, second)
    assert metrics.mean_squared_error(first, second).value == pytest.approx(squared, rel=1e-12)
    ratio = reference.peak_signal_noise_ratio(first, second, data_range=255)
    assert metrics.peak_signal_noise_ratio(first, second).value == pytest.approx(ratio, rel=1e-12)
    absolute = np.abs(first.astype(int) - second.astype(int)).mean()
    assert metrics.mean_absolute_error(first, second).value == pytest.approx(absolute, rel=1e-12)


def test_identical_images_are_perfect() -> None:
    """No error, infinite PSNR, similarity one."""
    image = random_pair((33, 47, 3))[0]
    assert metrics.mean_squared_error(image, image).value == 0
    assert metrics.mean_absolute_error(image, image).value == 0
    assert metrics.peak_signal_noise_ratio(image, image).value == math.inf
    assert metrics.structural_similarity(image, image).value == 1


def test_two_uniform_images_have_the_known_ratio() -> None:
    """Two uniform images lie 7.748 dB apart: 10 log10(255^2 * 6 / (256^2 - 1))."""
    first, second = random_pair((512, 512, 3))
    expected = 10 * math.log10(255**2 * 6 / (256**2 - 1))
    assert expected == pytest.approx(7.748, abs=5e-4)
    assert metrics.peak_signal_noise_ratio(first, second).value == pytest.approx(expected, abs=0.02)


def test_extremes_do_not_overflow() -> None:
    """Black against white is an error of exactly 255, at sizes where 32-bit sums would wrap."""
    black, white = np.zeros((400, 401, 3), np.uint8), np.full((400, 401, 3), 255, np.uint8)
    assert metrics.mean_squared_error(black, white).value == 255**2
    assert metrics.mean_absolute_error(black, white).value == 255
    assert metrics.peak_signal_noise_ratio(black, white).value == 0
    assert metrics.structural_similarity(black, white).value == pytest.approx(similarity(black, white), abs=1e-12)


def test_quality_has_no_null_distribution() -> None:
    """Quality measures get no verdict."""
    pair = random_pair((33, 47, 3))
    for metric in (
        metrics.mean_squared_error,
        metrics.mean_absolute_error,
        metrics.peak_signal_noise_ratio,
        metrics.structural_similarity,
    ):
        result = metric(*pair)
        assert (result.expected, result.low, result.high, result.p_value) == (None, None, None, None)
