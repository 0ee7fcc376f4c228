"""Global and local Shannon entropy."""

import math

import numpy as np
import pytest
from scipy import stats

import cryptobench.metrics as metrics
from cryptobench.metrics.entropy import entropy_moments

Z = 1.959963984540054


def random_image(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_entropy_agrees_with_scipy() -> None:
    """The value is scipy.stats.entropy of the histogram, in bits."""
    image = random_image((257, 263)) // 3
    expected = stats.entropy(np.bincount(image.ravel()), base=2)
    assert metrics.global_entropy(image).value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("levels", "bits"), [(1, 0.0), (2, 1.0), (16, 4.0), (256, 8.0)])
def test_equally_frequent_values_give_their_logarithm(levels: int, bits: float) -> None:
    """A flat plane has entropy 0, a perfectly uniform one 8; both are rejected."""
    image = np.tile(np.arange(levels, dtype=np.uint8), 4096 // levels).reshape(64, 64)
    result = metrics.global_entropy(image)
    assert result.value == pytest.approx(bits, abs=1e-12)
    assert result.p_value is not None
    assert result.p_value < 1e-9


@pytest.mark.parametrize(
    ("samples", "mean", "low", "high"),
    [
        (65536, 7.997191, 7.996704, 7.997679),
        (196608, 7.999064, 7.998902, 7.999227),
        (262144, 7.999298, 7.999176, 7.999420),
        (786432, 7.999766, 7.999725, 7.999807),
    ],
)
def test_moments_match_known_values(samples: int, mean: float, low: float, high: float) -> None:
    """Mean and normal 95 % interval at usual image sizes, to six decimals."""
    expected, variance = entropy_moments(samples)
    assert expected == pytest.approx(mean, abs=6e-7)
    assert expected - Z * math.sqrt(variance) == pytest.approx(low, abs=6e-7)
    assert expected + Z * math.sqrt(variance) == pytest.approx(high, abs=6e-7)


@pytest.mark.parametrize("total", [1, 2, 3])
def test_moments_by_enumeration(total: int) -> None:
    """For one to three samples the moments follow by hand from the chance that values coincide."""
    # Entropy of 1, 2, 3 samples by pattern: all equal 0; all different log2(n); two of three equal h(1/3).
    pair, triple = 1 / 256, 1 / 256**2
    two_of_three = math.log2(3) - 2 / 3
    patterns = {
        1: [(1.0, 0.0)],
        2: [(1 - pair, 1.0), (pair, 0.0)],
        3: [(255 * 254 / 256**2, math.log2(3)), (3 * 255 / 256**2, two_of_three), (triple, 0.0)],
    }[total]
    mean = sum(p * h for p, h in patterns)
    variance = sum(p * (h - mean) ** 2 for p, h in patterns)
    assert entropy_moments(total)[0] == pytest.approx(mean, rel=1e-12)
    assert entropy_moments(total)[1] == pytest.approx(variance, abs=1e-11)


def test_strided_sums_agree_with_complete_ones() -> None:
    """Where sums skip counts the moments continue those of complete sums, and approach the asymptotic series."""
    for total in (256 * 250, 256 * 260, 10**6, 10**8):
        mean, variance = entropy_moments(total)
        unit = total * math.log(2)
        # 8 - H is chi-square / (2 N ln 2) with 255 degrees of freedom, and corrections of relative order 256 / N.
        assert (8 - mean) * 2 * unit == pytest.approx(255 + 256**2 / (6 * total), rel=1e-4)
        assert variance * 4 * unit**2 == pytest.approx(510, rel=1500 / total)


def test_interval_and_p_value_agree() -> None:
    """The interval at level alpha ends where the p-value is alpha."""
    image = random_image((64, 64))
    result = metrics.global_entropy(image)
    assert result.p_value is not None
    same = metrics.global_entropy(image, result.p_value)
    assert min(abs(same.value - (same.low or 0)), abs(same.value - (same.high or 0))) < 1e-9


def test_local_entropy_has_the_exact_interval() -> None:
    """The interval for 30 blocks of 1936 samples, from exact multinomial moments."""
    mean, variance = entropy_moments(1936)
    assert mean == pytest.approx(7.902469317, abs=5e-10)
    assert math.sqrt(variance) == pytest.approx(0.008694, abs=5e-7)
    image = random_image((256, 256))
    for alpha, low, high in (
        (0.05, 7.899358185, 7.905580448),
        (0.01, 7.898380597, 7.906558037),
        (0.001, 7.897246128, 7.907692505),
    ):
        result = metrics.local_entropy(image, alpha=alpha)
        assert (result.low, result.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(
    ("alpha", "low", "high"),
    [
        (0.05, 7.901901305, 7.903037329),
        (0.01, 7.901722822, 7.903215812),
        (0.001, 7.901515698, 7.903422936),
    ],
)
def test_literature_interval_is_the_published_one(alpha: float, low: float, high: float) -> None:
    """Dividing by sqrt(30) twice reproduces the interval that papers print."""
    assert metrics.local_entropy_literature_interval(alpha) == pytest.approx((low, high), abs=2e-9)


def test_ideal_images_mostly_fail_the_literature_interval() -> None:
    """Random images pass the literature's 95 % interval about 28 % of the time, and the exact one 95 %."""
    low, high = metrics.local_entropy_literature_interval()
    generator = np.random.default_rng(30)
    trials = 1500
    literature = exact = 0
    for seed in range(trials):
        image = generator.integers(0, 256, (176, 330), dtype=np.uint8)
        result = metrics.local_entropy(image, seed)
        literature += low <= result.value <= high
        exact += (result.low or 0) <= result.value <= (result.high or 0)
    # +-4 standard errors of a share over 1500 trials.
    assert literature / trials == pytest.approx(0.2795, abs=4 * math.sqrt(0.28 * 0.72 / trials))
    assert exact / trials == pytest.approx(0.95, abs=4 * math.sqrt(0.05 * 0.95 / trials))


def test_fewer_blocks_widen_the_interval() -> None:
    """An image that holds only two blocks is measured with two, and the interval is sqrt(15) wider."""
    small = metrics.local_entropy(random_image((33, 47, 3)))
    large = metrics.local_entropy(random_image((256, 256)))
    assert None not in (small.low, small.high, large.low, large.high)
    ratio = (small.high - small.low) / (large.high - large.low)  # type: ignore[operator]
    assert ratio == pytest.approx(math.sqrt(15), rel=1e-12)


def test_blocks_are_disjoint_runs_in_raster_order() -> None:
    """Each block lies in one run of the planes laid end to end, and no sample is used twice."""
    plain = np.zeros((44, 44, 3), np.uint8)
    plain[..., 1] = 7
    plain[..., 2] = np.arange(1936, dtype=np.uint32).reshape(44, 44) % 256
    third = metrics.global_entropy(plain[..., 2]).value
    assert metrics.local_entropy(plain, blocks=30).value == pytest.approx(third / 3, rel=1e-12)


def test_seed_chooses_the_blocks() -> None:
    """One seed gives one value; another one gives another."""
    image = random_image((256, 256))
    values = [metrics.local_entropy(image, seed, blocks=10).value for seed in (1, 1, 2)]
    assert values[0] == values[1] != values[2]


def test_an_image_without_a_block_is_refused() -> None:
    """The error names the image's size and the block's."""
    with pytest.raises(ValueError, match="1935 samples, fewer than one block of 1936"):
        metrics.local_entropy(random_image((1, 1935)))
    with pytest.raises(ValueError, match="at least 1"):
        metrics.local_entropy(random_image((64, 64)), blocks=0)


def test_small_samples_get_no_p_value() -> None:
    """Below five expected occurrences of a value there is an exact expectation but no verdict."""
    result = metrics.global_entropy(random_image((1, 500)))
    assert result.p_value is None
    assert result.expected == pytest.approx(entropy_moments(500)[0])
    assert metrics.local_entropy(random_image((64, 64)), block_size=100).p_value is None
