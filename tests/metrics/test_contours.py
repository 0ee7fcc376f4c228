"""Visible contours: local contrast of the ciphertext against gradients of the plaintext."""

import numpy as np
import pytest
from scipy import stats

from cryptobench.images import builtin_image
from cryptobench.metrics.contours import contour_correlation


def photograph() -> np.ndarray:
    return builtin_image("camera", 128)


def test_it_is_the_correlation_of_block_statistics() -> None:
    """On blocks taken one by one it is scipy.stats.pearsonr of variances and mean absolute differences."""
    plain, cipher = np.random.default_rng(1).integers(0, 256, (2, 33, 47), dtype=np.uint8)
    values = plain.astype(int)
    variances, gradients = [], []
    for top in range(0, 30, 5):
        for left in range(0, 45, 5):
            block = slice(top, top + 5), slice(left, left + 5)
            variances.append(cipher[block].var())
            total = 0
            for y in range(top, top + 5):
                for x in range(left, left + 5):
                    total += abs(values[y, x + 1] - values[y, x]) + abs(values[y + 1, x] - values[y, x])
            gradients.append(total / 25)
    expected = stats.pearsonr(variances, gradients)[0]
    assert contour_correlation(plain, cipher).value == pytest.approx(expected, abs=1e-12)


def test_p_values_are_uniform_under_ideal_ciphers() -> None:
    """Of 1000 uniform ciphertexts of a photograph, as many are rejected as the level says."""
    plain, generator = photograph(), np.random.default_rng(2)
    p = [
        contour_correlation(plain, generator.integers(0, 256, plain.shape, dtype=np.uint8)).p_value for _ in range(1000)
    ]
    assert stats.kstest(p, "uniform").pvalue > 1e-4
    assert 20 <= np.count_nonzero(np.array(p) < 0.05) <= 85


def test_noise_that_is_quieter_in_flat_regions_fails() -> None:
    """Noise with a little less contrast where the plaintext is flat is uncorrelated by neighbours, yet rejected."""
    plain, generator = photograph(), np.random.default_rng(3)
    noise = generator.integers(-128, 128, plain.shape)
    flat = np.abs(np.diff(plain.astype(int), axis=1, append=0)) < 8
    cipher = (128 + np.where(flat, noise * 0.9, noise)).astype(np.uint8)
    result = contour_correlation(plain, cipher)
    assert result.value > 0.1
    assert result.p_value < 1e-6


def test_flat_images_and_small_ones() -> None:
    """A flat plaintext gives nan, a flat ciphertext p = 0, and few blocks no p-value; shapes must agree."""
    plain, cipher = np.random.default_rng(4).integers(0, 256, (2, 40, 40), dtype=np.uint8)
    assert np.isnan(contour_correlation(np.zeros_like(plain), cipher).value)
    assert contour_correlation(plain, np.zeros_like(plain)).p_value == 0
    assert contour_correlation(plain[:12, :12], cipher[:12, :12]).p_value is None
    assert np.isnan(contour_correlation(plain[:1], cipher[:1]).value)
    with pytest.raises(ValueError, match="must have one shape"):
        contour_correlation(plain, cipher[1:])
