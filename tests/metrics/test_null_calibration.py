"""Every p-value is uniform on ideal random images, and every planted defect is found."""

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

import cryptobench.metrics as metrics
from cryptobench.metrics import Result

Test = tuple[str, str]  # metric, direction or grey levels; channels are pooled
# Bounds that an exact test leaves once in 10^5: of the hundred or so fixed checks here none should fail by chance.
CONFIDENCE = 1e-5


@pytest.fixture(scope="module", params=[((64, 64), 1500), ((33, 47, 3), 700)], ids=["64x64", "33x47x3"])
def ideal(request: pytest.FixtureRequest) -> tuple[int, dict[Test, list[Result]]]:
    """Samples of an image, and results of the whole metric set on independent uniform images."""
    shape, trials = request.param
    generator = np.random.default_rng(20)
    found: dict[Test, list[Result]] = defaultdict(list)
    for seed in range(trials):
        plain, cipher, changed = (generator.integers(0, 256, shape, dtype=np.uint8) for _ in range(3))
        for (metric, channel, detail), result in metrics.metric_set(plain, cipher, changed, seed).items():
            if channel != "all":
                found[metric, detail].append(result)
            elif len(shape) == 3 or (metric, detail) not in found:
                found[f"{metric} all", detail].append(result)
    return int(np.prod(shape)), found


def bounds(level: float, trials: int) -> tuple[float, float]:
    low, high = stats.binom.ppf([CONFIDENCE / 2, 1 - CONFIDENCE / 2], trials, level)
    return float(low), float(high)


def test_one_ideal_image_in_twenty_is_rejected(ideal: tuple[int, dict[Test, list[Result]]]) -> None:
    """The share of p-values below .05 and below .2 is .05 and .2 within binomial bounds, for every metric."""
    checked = 0
    for key, results in ideal[1].items():
        if results[0].p_value is None or key[0] == "npcr all":
            continue
        p_values = np.array([result.p_value for result in results])
        for level in (0.05, 0.2):
            low, high = bounds(level, len(results))
            assert low <= (p_values < level).sum() <= high, (key, level, (p_values < level).mean())
        checked += 1
    assert checked >= 18


def test_npcr_rejects_exactly_its_binomial_level(ideal: tuple[int, dict[Test, list[Result]]]) -> None:
    """NPCR takes few values on a small image; its rate is that of the exact one-sided binomial test."""
    samples, results = ideal[0], ideal[1]["npcr all", ""]
    for level in (0.05, 0.2):
        equal = np.arange(200)
        tails = stats.binom.sf(equal - 1, samples, 1 / 256)
        attained = float(tails[tails < level].max())
        low, high = bounds(attained, len(results))
        assert low <= sum((result.p_value or 0) < level for result in results) <= high
        assert attained <= level


def test_expected_values_are_means(ideal: tuple[int, dict[Test, list[Result]]]) -> None:
    """The mean over ideal images lies within 4.5 standard errors of ``expected``; correlation's bias is 1 / pairs."""
    for key, results in ideal[1].items():
        expected = results[0].expected
        if expected is None:
            continue
        values = np.array([result.value for result in results])
        bias = 1 / 1000 if key[0] == "correlation" else 0.0
        assert values.mean() == pytest.approx(expected, abs=4.5 * values.std() / len(values) ** 0.5 + bias), key


def test_verdict_and_interval_agree(ideal: tuple[int, dict[Test, list[Result]]]) -> None:
    """A value lies outside [low, high] exactly when p < .05, for every two-sided test."""
    for key, results in ideal[1].items():
        for result in results:
            if result.low is None or result.high is None or result.p_value is None:
                continue
            assert (result.p_value >= 0.05) == (result.low <= result.value <= result.high), (key, result)


def test_npcr_interval_is_near_its_p_value(ideal: tuple[int, dict[Test, list[Result]]]) -> None:
    """The published normal critical value and the exact test disagree by one sample at most."""
    for result in ideal[1]["npcr all", ""]:
        assert result.low is not None
        assert result.p_value is not None
        if abs(result.value - result.low) > 100 / ideal[0]:
            assert (result.p_value < 0.05) == (result.value < result.low)


def biased(generator: np.random.Generator) -> np.ndarray:
    """A quarter of the samples never exceed 127."""
    image = generator.integers(0, 256, (64, 64), dtype=np.uint8)
    return np.where(generator.random(image.shape) < 0.25, image >> 1, image).astype(np.uint8)


def smooth(generator: np.random.Generator) -> np.ndarray:
    """Most pixels of every second column repeat their left neighbour."""
    image = generator.integers(0, 256, (64, 64), dtype=np.uint8)
    image[:, 1::2] = np.where(generator.random((64, 32)) < 0.9, image[:, ::2], image[:, 1::2])
    return image


@pytest.mark.parametrize(
    ("metric", "defect"),
    [
        (metrics.histogram_chi_square, biased),
        (metrics.histogram_variance, biased),
        (metrics.deviation_from_uniform, biased),
        (metrics.global_entropy, biased),
        (metrics.local_entropy, biased),
        (lambda image: metrics.adjacent_correlation(image, "horizontal"), smooth),
        (lambda image: metrics.glcm_properties(image)["contrast"], smooth),
        (lambda image: metrics.glcm_properties(image)["energy"], smooth),
        (lambda image: metrics.glcm_properties(image)["homogeneity"], smooth),
        (lambda image: metrics.glcm_properties(image, 8)["energy"], smooth),
    ],
)
def test_a_small_defect_is_found(
    metric: Callable[[np.ndarray], Result], defect: Callable[[np.random.Generator], np.ndarray]
) -> None:
    """A 64x64 image with a planted defect is rejected at p < 1e-4."""
    p_value = metric(defect(np.random.default_rng(8))).p_value
    assert p_value is not None
    assert p_value < 1e-4


def test_a_small_differential_defect_is_found() -> None:
    """Two ciphertexts that share 3 % of their samples fail NPCR, UACI, BACI and the avalanche test."""
    generator = np.random.default_rng(9)
    first, second = generator.integers(0, 256, (2, 256, 256), dtype=np.uint8)
    shared = generator.random(first.shape) < 0.03
    second[shared] = first[shared]
    for metric in (metrics.npcr, metrics.uaci, metrics.baci, metrics.bit_avalanche):
        p_value = metric(first, second).p_value
        assert p_value is not None
        assert p_value < 1e-4
