"""NPCR, UACI and BACI."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import cryptobench.metrics as metrics

# Critical values in percent at levels .05, .01, .001 from the formulas of Wu, Noonan and Agaian 2011, and printed there
# for the square grey sizes: samples -> NPCR, UACI low, UACI high.
PUBLISHED = {
    256 * 256: ((99.5693, 99.5527, 99.5341), (33.2824, 33.2255, 33.1594), (33.6447, 33.7016, 33.7677)),
    512 * 512: ((99.5893, 99.5810, 99.5717), (33.3730, 33.3445, 33.3115), (33.5541, 33.5826, 33.6156)),
    1024 * 1024: ((99.5994, 99.5952, 99.5906), (33.4183, 33.4040, 33.3875), (33.5088, 33.5231, 33.5396)),
    256 * 256 * 3: ((99.5862, 99.5766, 99.5659), (33.3589, 33.3261, 33.2879), (33.5681, 33.6010, 33.6391)),
    512 * 512 * 3: ((99.5978, 99.5930, 99.5876), (33.4112, 33.3948, 33.3757), (33.5158, 33.5323, 33.5513)),
    321 * 481 * 3: ((99.5943, 99.5881, 99.5811), (33.3954, 33.3740, 33.3491), (33.5317, 33.5531, 33.5779)),
    128 * 128: ((99.5292, 99.4960, 99.4588), (33.1012, 32.9874, 32.8552), (33.8259, 33.9397, 34.0718)),
}
LEVELS = (0.05, 0.01, 0.001)


def random_pair(shape: tuple[int, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, shape, dtype=np.uint8), generator.integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("samples", PUBLISHED)
def test_critical_values_are_the_published_ones(samples: int) -> None:
    """NPCR and UACI critical values agree to all four printed decimals."""
    npcr, low, high = PUBLISHED[samples]
    for k, alpha in enumerate(LEVELS):
        assert round(metrics.npcr_critical_value(samples, alpha), 4) == npcr[k]
        assert metrics.uaci_interval(samples, alpha) == pytest.approx((low[k], high[k]), abs=5.1e-5)


def test_values_by_hand() -> None:
    """Two of four samples differ, by 255 and by 51: NPCR 50, UACI 30."""
    first = np.array([[0, 10], [20, 255]], np.uint8)
    second = np.array([[255, 10], [71, 255]], np.uint8)
    assert metrics.npcr(first, second).value == 50
    assert metrics.uaci(first, second).value == pytest.approx(100 * (1 + 0.2) / 4)
    # D = 255, 0, 51, 0: six differences 255, 204, 255, 51, 0, 51.
    assert metrics.baci(first, second).value == pytest.approx(100 * (255 + 204 + 255 + 51 + 0 + 51) / 6 / 255)


@pytest.mark.parametrize("shape", [(257, 263), (33, 47, 3), (1, 301), (5, 3, 4)])
def test_values_agree_with_wide_arithmetic(shape: tuple[int, ...]) -> None:
    """NPCR and UACI are those of NumPy in int64, both ways round."""
    first, second = random_pair(shape)
    wide = np.abs(first.astype(np.int64) - second.astype(np.int64))
    for one, two in ((first, second), (second, first)):
        assert metrics.npcr(one, two).value == pytest.approx(100 * (wide > 0).mean(), rel=1e-14)
        assert metrics.uaci(one, two).value == pytest.approx(100 * wide.mean() / 255, rel=1e-14)


def plain_baci(first: np.ndarray, second: np.ndarray) -> float:
    """BACI straight from its definition."""
    d = np.abs(first.astype(np.int64) - second.astype(np.int64))
    corners = [d[:-1, :-1], d[:-1, 1:], d[1:, :-1], d[1:, 1:]]
    return float(100 * np.mean([np.abs(a - b) for a, b in combinations(corners, 2)]) / 255)


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(st.integers(2, 9), st.integers(2, 9), st.integers(1, 4)),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_baci_agrees_with_its_definition(shape: tuple[int, int, int], grey: bool, seed: int) -> None:
    """Edge weights reproduce the mean over windows at every shape from 2x2, borders included."""
    first, second = random_pair(shape[:2] if grey else shape, seed)
    assert metrics.baci(first, second).value == pytest.approx(plain_baci(first, second), rel=1e-12)


def test_baci_expects_its_known_value() -> None:
    """The ideal value is 26.77124 %."""
    assert metrics.baci(*random_pair((9, 9))).expected == pytest.approx(26.77124, abs=5e-6)


@pytest.mark.parametrize(("shape", "trials"), [((2, 40), 6000), ((16, 17), 6000), ((9, 12, 3), 4000)])
def test_baci_variance_is_exact(shape: tuple[int, ...], trials: int) -> None:
    """Simulated BACI has the mean and variance computed from the graph of pixel pairs."""
    generator = np.random.default_rng(7)
    values, result = [], None
    for _ in range(trials):
        first, second = generator.integers(0, 256, (2, *shape), dtype=np.uint8)
        result = metrics.baci(first, second)
        values.append(result.value)
    assert result is not None
    assert result.low is not None
    assert result.high is not None
    assert result.expected is not None
    sd = (result.high - result.low) / (2 * stats.norm.ppf(0.975))
    assert np.mean(values) == pytest.approx(result.expected, abs=4 * sd / math.sqrt(trials))
    assert np.std(values) == pytest.approx(sd, rel=4 / math.sqrt(2 * trials) + 0.01)


def test_baci_spread_falls_with_the_side() -> None:
    """The standard deviation is .036 % at 512x512 and twice that at 256x256."""
    for side, expected in ((256, 0.0725), (512, 0.0363)):
        result = metrics.baci(*random_pair((side, side)))
        assert result.low is not None
        assert result.high is not None
        assert (result.high - result.low) / (2 * stats.norm.ppf(0.975)) == pytest.approx(expected, rel=0.01)


def test_baci_sees_structure_that_uaci_misses() -> None:
    """A difference that changes slowly, with the ideal distribution of values, passes UACI and fails BACI."""
    generator = np.random.default_rng(3)
    d = np.sort(np.abs(np.subtract(*generator.integers(0, 256, (2, 256 * 256))))).reshape(256, 256)
    first = np.zeros((256, 256), np.uint8)
    second = d.astype(np.uint8)
    uaci, baci = metrics.uaci(first, second), metrics.baci(first, second)
    assert uaci.p_value is not None
    assert baci.p_value is not None
    assert uaci.p_value > 0.05
    assert baci.p_value < 1e-12


def test_npcr_p_value_is_the_exact_binomial_tail() -> None:
    """The p-value is scipy's one-sided binomial test of the number of equal samples."""
    first, second = random_pair((64, 64))
    equal = int((first == second).sum())
    expected = stats.binomtest(equal, first.size, 1 / 256, alternative="greater").pvalue
    assert metrics.npcr(first, second).p_value == pytest.approx(expected, rel=1e-9)


def test_npcr_is_one_sided() -> None:
    """All samples different is no failure; few different ones are."""
    image = random_pair((64, 64))[0]
    everywhere, nowhere = metrics.npcr(image, image + np.uint8(1)), metrics.npcr(image, image)
    assert (everywhere.value, everywhere.p_value, everywhere.high) == (100.0, 1.0, None)
    assert nowhere.value == 0
    assert nowhere.p_value == pytest.approx(0, abs=1e-300)


def test_identical_images_fail_all_three() -> None:
    """A cipher without diffusion is rejected by each metric."""
    image = random_pair((33, 47, 3))[0]
    for metric in (metrics.npcr, metrics.uaci, metrics.baci):
        result = metric(image, image)
        assert result.value == 0
        assert result.p_value is not None
        assert result.p_value < 1e-12


def test_thin_and_tiny_images() -> None:
    """BACI refuses images below 2x2; tiny ones give values without p-values of normal approximations."""
    row = random_pair((1, 20))
    with pytest.raises(ValueError, match=r"2x2 pixels, not shape \(1, 20\)"):
        metrics.baci(*row)
    assert metrics.uaci(*row).p_value is None
    assert metrics.npcr(*row).p_value is not None
    assert metrics.baci(*random_pair((3, 3))).p_value is None
