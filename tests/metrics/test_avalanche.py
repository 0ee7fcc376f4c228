"""Bit avalanche and the strict avalanche criterion."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import stats

import cryptobench.metrics as metrics


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_bits_are_counted_exactly(data: st.DataObject) -> None:
    """The share of flipped bits is numpy's popcount, at any length."""
    shape = data.draw(array_shapes(min_dims=2, max_dims=3, max_side=9))
    first, second = (data.draw(arrays(np.uint8, shape)) for _ in range(2))
    expected = 100 * np.bitwise_count(first ^ second).sum() / (8 * first.size)
    assert metrics.bit_avalanche(first, second).value == pytest.approx(float(expected), rel=1e-14)


def test_known_intervals() -> None:
    """95 % intervals: 49.865 .. 50.135 for 65536 bytes and 49.922 .. 50.078 for 196608."""
    generator = np.random.default_rng(1)
    for shape, low, high in (((256, 256), 49.865, 50.135), ((256, 256, 3), 49.922, 50.078)):
        first, second = generator.integers(0, 256, (2, *shape), dtype=np.uint8)
        result = metrics.bit_avalanche(first, second)
        assert result.expected == 50
        assert (result.low, result.high) == pytest.approx((low, high), abs=5e-4)


def test_p_value_approaches_the_binomial_test() -> None:
    """The normal p-value agrees with scipy's exact binomial test to the size of one step."""
    generator = np.random.default_rng(2)
    first, second = generator.integers(0, 256, (2, 64, 64), dtype=np.uint8)
    flips = int(np.bitwise_count(first ^ second).sum())
    exact = stats.binomtest(flips, 8 * 4096, 0.5).pvalue
    assert metrics.bit_avalanche(first, second).p_value == pytest.approx(exact, abs=0.01)


def test_too_few_and_too_many_flips_fail() -> None:
    """Identical images and complements are both rejected."""
    image = np.random.default_rng(3).integers(0, 256, (33, 47, 3), dtype=np.uint8)
    for other, value in ((image, 0.0), (~image, 100.0)):
        result = metrics.bit_avalanche(image, other)
        assert (result.value, result.p_value) == (value, 0.0)


def test_few_bits_give_no_p_value() -> None:
    """Below 800 bits there is a value but no verdict."""
    assert metrics.bit_avalanche(*np.zeros((2, 1, 99), np.uint8)).p_value is None
    assert metrics.bit_avalanche(*np.zeros((2, 1, 100), np.uint8)).p_value is not None


def test_one_output_bit_is_scipys_binomial_test() -> None:
    """With a single flip rate the p-value is the exact two-sided binomial test."""
    for trials, flips in ((40, 13), (41, 30), (100, 50), (7, 7)):
        column = np.zeros((trials, 1), bool)
        column[:flips] = True
        result = metrics.strict_avalanche(column)
        assert result.value == pytest.approx(abs(flips / trials - 0.5))
        assert result.p_value == pytest.approx(stats.binomtest(flips, trials, 0.5).pvalue, rel=1e-9)


def test_many_output_bits_are_corrected_for() -> None:
    """With k independent rates the p-value is 1 - (1 - p)^k, and the bound is near 4.4 / (2 sqrt m) for 4096."""
    trials, rates = 400, 4096
    flips = np.zeros((trials, 64, 64), bool)
    flips[: trials // 2] = True
    flips[:237, 3, 5] = True
    result = metrics.strict_avalanche(flips)
    single = stats.binomtest(237, trials, 0.5).pvalue
    assert result.value == pytest.approx(0.0925)
    assert result.p_value == pytest.approx(1 - (1 - single) ** rates, rel=1e-6)
    assert result.high == pytest.approx(4.4 / (2 * math.sqrt(trials)), rel=0.03)


def test_accepted_distance_agrees_with_the_p_value() -> None:
    """The largest accepted distance has p >= alpha, one flip more has p < alpha."""
    trials = 64
    probe = np.zeros((trials, 16), bool)
    probe[: trials // 2] = True
    high = metrics.strict_avalanche(probe).high
    assert high is not None
    for extra, accepted in ((0, True), (1, False)):
        flips = probe.copy()
        flips[: trials // 2 + round(high * trials) + extra, 0] = True
        p_value = metrics.strict_avalanche(flips).p_value
        assert p_value is not None
        assert (p_value >= 0.05) is accepted


def test_fair_flips_have_the_expected_largest_distance() -> None:
    """Over random flips the mean of the largest distance is ``expected``, and rejections do not exceed alpha."""
    generator = np.random.default_rng(4)
    results = [metrics.strict_avalanche(generator.random((60, 24)) < 0.5) for _ in range(1500)]
    values = np.array([result.value for result in results])
    assert values.mean() == pytest.approx(results[0].expected, abs=4 * values.std() / math.sqrt(1500))
    rejected = np.mean([(result.p_value or 0) < 0.05 for result in results])
    high = results[0].high
    assert high is not None
    # The attained level is that of the first distance beyond `high`.
    beyond = 2 * stats.binom.cdf(60 / 2 - round(high * 60) - 1, 60, 0.5)
    assert rejected == pytest.approx(1 - (1 - beyond) ** 24, abs=4 * math.sqrt(0.05 * 0.95 / 1500))


def test_a_dead_bit_fails() -> None:
    """One output bit that never flips among thousands that do is found."""
    flips = np.random.default_rng(5).random((100, 2000)) < 0.5
    flips[:, 17] = False
    result = metrics.strict_avalanche(flips)
    assert result.value == 0.5
    assert result.p_value is not None
    assert result.p_value < 1e-20


@pytest.mark.parametrize("flips", [np.zeros((4, 4)), np.zeros(4, bool), np.zeros((0, 4), bool), [[0.5]]])
def test_what_are_no_flips_is_named(flips: object) -> None:
    """Counts, a flat array or nothing are refused in one line."""
    with pytest.raises(ValueError, match="boolean array of shape"):
        metrics.strict_avalanche(flips)
