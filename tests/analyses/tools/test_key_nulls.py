"""Null distributions of key sensitivity, against Monte Carlo of an ideal cipher."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from cryptobench.analyses.tools.key_nulls import (
    NullMean,
    absolute_correlation,
    mean_nulls,
    random_psnr,
    shared_base_correlation,
    wrong_key_psnr,
)
from cryptobench.metrics import bit_avalanche, global_entropy, npcr, peak_signal_noise_ratio, uaci

BITS, RUNS = 24, 1500
PLAIN = np.clip(np.add.outer(np.arange(40) * 3, np.arange(40) * 2), 0, 250).astype(np.uint8)


@pytest.fixture(scope="module")
def ideal() -> dict[str, np.ndarray]:
    """Means over BITS key bits under an ideal cipher, RUNS times, by metric; every run has one base ciphertext."""
    generator = np.random.default_rng(20)
    means: dict[str, list[float]] = {name: [] for name in mean_nulls(PLAIN, PLAIN)}
    for _ in range(RUNS):
        base = generator.integers(0, 256, PLAIN.shape, dtype=np.uint8)
        others = generator.integers(0, 256, (BITS, *PLAIN.shape), dtype=np.uint8)
        wrong = generator.integers(0, 256, (BITS, *PLAIN.shape), dtype=np.uint8)
        trials = {
            "key_npcr": [npcr(base, other).value for other in others],
            "key_uaci": [uaci(base, other).value for other in others],
            "key_avalanche": [bit_avalanche(base, other).value for other in others],
            "wrong_key_psnr": [peak_signal_noise_ratio(PLAIN, image).value for image in wrong],
            "wrong_key_correlation": [absolute_correlation(PLAIN, image, 0.05).value for image in wrong],
            "wrong_key_entropy": [global_entropy(image).value for image in wrong],
        }
        for name, values in trials.items():
            means[name].append(sum(values) / BITS)
    return {name: np.array(values) for name, values in means.items()}


@pytest.mark.parametrize("metric", mean_nulls(PLAIN, PLAIN))
def test_means_over_key_bits_have_stated_moments(ideal: dict[str, np.ndarray], metric: str) -> None:
    """The mean agrees within 4 standard errors, the standard deviation within 4 of its own (1 / sqrt(2 RUNS))."""
    null = mean_nulls(PLAIN, PLAIN)[metric]
    spread = null.deviation * math.sqrt(null.correlation + (1 - null.correlation) / BITS)
    assert abs(ideal[metric].mean() - null.expected) < 4 * spread / math.sqrt(RUNS)
    assert ideal[metric].std() / spread == pytest.approx(1, abs=4 / math.sqrt(2 * RUNS))


@pytest.mark.parametrize("metric", mean_nulls(PLAIN, PLAIN))
def test_an_ideal_cipher_fails_one_mean_in_twenty(ideal: dict[str, np.ndarray], metric: str) -> None:
    """At alpha .05 the share of failing means is .05 within 4 binomial standard deviations."""
    null = mean_nulls(PLAIN, PLAIN)[metric]
    results = [null.mean([value] * BITS, 0.05) for value in ideal[metric]]
    failures = sum(result.p_value < 0.05 for result in results)  # type: ignore[operator]
    assert abs(failures / RUNS - 0.05) < 4 * math.sqrt(0.05 * 0.95 / RUNS)
    for result in results[:100]:
        outside = (result.low is not None and result.value < result.low) or (
            result.high is not None and result.value > result.high
        )
        assert outside == (result.p_value < 0.05)  # type: ignore[operator]


def test_independence_would_be_the_wrong_null_for_uaci(ideal: dict[str, np.ndarray]) -> None:
    """Taken as independent, UACI means of an ideal cipher would fail far more often than one in twenty."""
    null = mean_nulls(PLAIN, PLAIN)["key_uaci"]
    naive = NullMean(null.expected, null.deviation, null.tail)
    failures = sum((naive.mean([value] * BITS, 0.05).p_value or 0) < 0.05 for value in ideal["key_uaci"])
    assert failures / RUNS > 0.2


def test_shared_base_correlation_in_closed_form() -> None:
    """Continuous uniforms give Var E[abs(X - Y) given X] / Var abs(X - Y) = 1/10, bytes nearly."""
    assert shared_base_correlation() == pytest.approx(0.1, abs=1e-4)


def test_single_trial_moments_are_the_published_ones() -> None:
    """NPCR and UACI of 256x256 samples: the published critical values at alpha .05."""
    image = np.zeros((256, 256), np.uint8)
    nulls = mean_nulls(image, image)
    low = nulls["key_npcr"].expected + float(ndtri(0.05)) * nulls["key_npcr"].deviation
    assert low == pytest.approx(99.5693, abs=5e-5)
    half = -float(ndtri(0.025)) * nulls["key_uaci"].deviation
    assert nulls["key_uaci"].expected - half == pytest.approx(33.2824, abs=5e-5)
    assert nulls["key_uaci"].expected + half == pytest.approx(33.6447, abs=5e-5)


def test_psnr_of_a_random_image_in_closed_form() -> None:
    """The mean of (p - U)^2 is (p - 127.5)^2 + (256^2 - 1) / 12."""
    error = np.mean((PLAIN - 127.5) ** 2) + (256**2 - 1) / 12
    assert random_psnr(PLAIN) == pytest.approx(10 * math.log10(255**2 / error), abs=1e-12)


def test_wrong_key_psnr_fails_only_when_too_high() -> None:
    """At the critical value p is alpha; below it p grows; a perfect decryption has p = 0."""
    high = wrong_key_psnr(random_psnr(PLAIN), PLAIN, 0.05).high
    assert high is not None
    assert wrong_key_psnr(high, PLAIN, 0.05).p_value == pytest.approx(0.05)
    assert (wrong_key_psnr(high - 1, PLAIN, 0.05).p_value or 0) > 0.9
    assert wrong_key_psnr(math.inf, PLAIN, 0.05).p_value == pytest.approx(0, abs=1e-100)


def test_absolute_correlation_agrees_with_scipy() -> None:
    """Value and two-sided p-value are those of Pearson's test, but for the normal instead of Student's distribution."""
    other = np.random.default_rng(4).integers(0, 256, PLAIN.shape, dtype=np.uint8)
    r = stats.pearsonr(PLAIN.ravel().astype(float), other.ravel().astype(float))
    result = absolute_correlation(PLAIN, other, 0.05)
    assert result.value == pytest.approx(abs(r.statistic), abs=1e-12)
    assert result.p_value == pytest.approx(r.pvalue, abs=2e-3)


def test_a_flat_image_has_no_correlation() -> None:
    """The flat one of the two is named."""
    with pytest.raises(ValueError, match="decrypted image is flat"):
        absolute_correlation(PLAIN, np.zeros_like(PLAIN), 0.05)
