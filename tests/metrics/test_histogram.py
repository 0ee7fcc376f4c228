"""Histogram statistics."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import stats

import cryptobench.metrics as metrics
from cryptobench.metrics.histogram import deviation_moments

UNIFORM = np.tile(np.arange(256, dtype=np.uint8), 64).reshape(128, 128)


def random_image(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@settings(max_examples=50, deadline=None)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=3, max_side=9)))
def test_histogram_counts_every_sample(image: np.ndarray) -> None:
    """The histogram is numpy's bincount, for any shape."""
    counts = metrics.histogram(image)
    assert counts.dtype == np.int64
    np.testing.assert_array_equal(counts, np.bincount(image.ravel(), minlength=256))


def test_chi_square_agrees_with_scipy() -> None:
    """Statistic and upper tail are scipy.stats.chisquare's; the p-value is twice the smaller tail."""
    image = random_image((257, 263))
    statistic, upper = stats.chisquare(np.bincount(image.ravel(), minlength=256))
    result = metrics.histogram_chi_square(image)
    assert result.value == pytest.approx(statistic, rel=1e-12)
    assert result.p_value == pytest.approx(2 * min(upper, 1 - upper), rel=1e-9)


def test_chi_square_interval_is_two_sided() -> None:
    """The ends are the tabulated 2.5 % and 97.5 % points of chi-square with 255 degrees of freedom."""
    result = metrics.histogram_chi_square(random_image((64, 64)))
    assert result.expected == 255
    assert (result.low, result.high) == pytest.approx(stats.chi2.ppf([0.025, 0.975], 255), rel=1e-9)


def test_one_sided_critical_values_are_the_published_ones() -> None:
    """At twice the level the upper end is the usual critical value: 293.2478, 310.4574, 330.5197."""
    image = random_image((64, 64))
    for alpha, critical in ((0.05, 293.2478), (0.01, 310.4574), (0.001, 330.5197)):
        assert metrics.histogram_chi_square(image, 2 * alpha).high == pytest.approx(critical, abs=5e-5)


def test_a_histogram_can_be_too_flat() -> None:
    """A perfectly flat histogram is rejected as firmly as a peaked one."""
    for metric in (metrics.histogram_chi_square, metrics.histogram_variance, metrics.deviation_from_uniform):
        result = metric(UNIFORM)
        assert result.value == 0
        assert result.p_value is not None
        assert result.p_value < 1e-9


@pytest.mark.parametrize(
    ("samples", "mean", "sd"), [(65536, 255.0, 22.6), (196608, 765.0, 67.7), (262144, 1020.0, 90.3)]
)
def test_histogram_variance_has_its_known_mean_and_spread(samples: int, mean: float, sd: float) -> None:
    """Expected variance and interval at usual sizes."""
    image = random_image((256, samples // 256))
    result = metrics.histogram_variance(image)
    counts = np.bincount(image.ravel(), minlength=256)
    by_pairs = ((counts[:, None] - counts[None, :]) ** 2 / 2).mean()
    assert result.value == pytest.approx(by_pairs, rel=1e-12)
    assert result.expected == mean
    assert result.low is not None
    assert result.high is not None
    assert (result.high - result.low) / (2 * 1.96) == pytest.approx(sd, rel=0.01)


def test_deviation_from_uniform_by_hand() -> None:
    """A flat plane of N samples misses uniformity by 2 (1 - 1/256)."""
    assert metrics.deviation_from_uniform(np.zeros((50, 60), np.uint8)).value == pytest.approx(2 * 255 / 256)


def test_deviation_from_uniform_expects_the_normal_limit() -> None:
    """At 65536 samples the mean is .0498 = 256 sqrt(2/pi) sqrt(255) / 65536 to three digits."""
    limit = 256 * math.sqrt(2 / math.pi) * math.sqrt(255) / 65536
    assert deviation_moments(65536)[0] == pytest.approx(limit, rel=2e-3)


@pytest.mark.parametrize("total", [1, 100, 255, 256, 1280, 5000])
def test_deviation_moments_are_those_of_the_multinomial(total: int) -> None:
    """The mean is scipy's binomial mean absolute deviation; the variance is that of simulated histograms."""
    x = np.arange(total + 1)
    exact = 256 * float(stats.binom.pmf(x, total, 1 / 256) @ np.abs(x - total / 256)) / total
    mean, variance = deviation_moments(total)
    assert mean == pytest.approx(exact, rel=1e-10)
    counts = np.random.default_rng(total).multinomial(total, np.full(256, 1 / 256), size=4000)
    simulated = np.abs(counts - total / 256).sum(axis=1) / total
    if total == 1:
        assert variance == pytest.approx(0, abs=1e-12)
    else:
        # The relative standard error of a variance over 4000 draws is sqrt(2 / 4000) = 2.2 % for a normal statistic.
        assert simulated.var() == pytest.approx(variance, rel=0.12)


def test_pair_deviations_by_hand() -> None:
    """Four samples 0, 0, 1, 255 against 0, 2, 2, 2, worked out on paper."""
    plain = np.array([[0, 0], [1, 255]], np.uint8)
    cipher = np.array([[0, 2], [2, 2]], np.uint8)
    # Histogram distances: d_0 = 1, d_1 = 1, d_2 = 3, d_255 = 1.
    assert metrics.maximum_deviation(plain, cipher).value == (1 + 1) / 2 + 1 + 3
    assert metrics.encryption_quality(plain, cipher).value == 6 / 256
    # |plain - cipher| = 0, 2, 1, 253: four values once each, 252 never; their mean is 4 / 256.
    assert metrics.irregular_deviation(plain, cipher).value == pytest.approx(4 * (1 - 4 / 256) + 252 * 4 / 256)


def test_pair_deviations_have_no_null_distribution() -> None:
    """What depends on the plaintext gets no verdict."""
    for metric in (metrics.maximum_deviation, metrics.irregular_deviation, metrics.encryption_quality):
        result = metric(UNIFORM, random_image((128, 128)))
        assert (result.expected, result.low, result.high, result.p_value) == (None, None, None, None)


def test_small_images_get_no_p_value() -> None:
    """Below five expected occurrences of a value (1280 samples) there is a value but no verdict."""
    for metric in (metrics.histogram_chi_square, metrics.histogram_variance, metrics.deviation_from_uniform):
        assert metric(random_image((1, 1279))).p_value is None
        assert metric(random_image((1, 1280))).p_value is not None


def test_channels_are_taken_together() -> None:
    """A colour image is measured over all its samples."""
    image = random_image((33, 47, 3))
    assert metrics.histogram_chi_square(image) == metrics.histogram_chi_square(image.reshape(33, 141))


@settings(max_examples=40, deadline=None)
@given(st.integers(1280, 10**8))
def test_deviation_moments_exist_at_every_size(total: int) -> None:
    """Mean and variance stay finite and positive up to 10^8 samples."""
    mean, variance = deviation_moments(total)
    assert 0 < mean < 2
    assert 0 < variance < mean**2
