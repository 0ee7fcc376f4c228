"""Probabilities of guesses: those of good ciphers are uniform enough."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.scoring import score_of, tolerance_of
from cryptobench.metrics.statistics import binomial_lower_tail, binomial_sf
from tests.attacks.toys import smooth


def test_binomial_tails_agree_with_scipy_stats() -> None:
    """Both tails hold the count itself, and never exceed one after correction."""
    from scipy.stats import binom

    assert binomial_sf(9, 500) == pytest.approx(binom.sf(8, 500, 1 / 256))
    assert binomial_lower_tail(3, 50, 0.5) == pytest.approx(binom.cdf(3, 50, 0.5))
    assert binomial_sf(9, 500, tries=3) == pytest.approx(3 * binom.sf(8, 500, 1 / 256))
    assert binomial_sf(0, 10) == binomial_sf(1, 10, 0.5, tries=50) == 1.0


@pytest.mark.parametrize("shape", [(24, 31), (1, 40), (16, 16, 3)])
def test_uniform_guesses_have_p_values_that_are_no_smaller_than_they_say(shape) -> None:
    """Among 300 uniform guesses no more are below 0.05 than chance allows, and the mean share is 1/256."""
    target, generator = smooth(*shape), np.random.default_rng(8)
    scores = [score_of(generator.integers(0, 256, shape, np.uint8), target, generator) for _ in range(300)]
    assert sum(score.p_value < 0.05 for score in scores) <= 30  # binomial: 15 expected, over 30 once in 10000
    samples = 300 * target.size
    assert np.mean([score.share for score in scores]) == pytest.approx(1 / 256, abs=5 / np.sqrt(256 * samples))


def test_a_single_pixel_is_no_evidence() -> None:
    """An image of one sample can be guessed, and that proves nothing."""
    assert score_of(np.array([[7]], np.uint8), np.array([[7]], np.uint8), np.random.default_rng(1)).p_value > 0.1


def test_a_lossy_receiver_sets_the_tolerance() -> None:
    """It is what 95 % of the receiver's own samples keep, no more than 32, and 0 for an exact image."""
    target = smooth(20, 20)
    off = target.copy()
    off.ravel()[:300] ^= 1  # three quarters of the samples by one level
    off.ravel()[:10] = target.ravel()[:10] + np.uint8(100)  # 2.5 % by much
    assert tolerance_of(target, target) == 0
    assert tolerance_of(off, target) == 1
    assert tolerance_of(target + np.uint8(60), target) == 32
    assert tolerance_of(target[:5], target) == 0


def test_within_the_tolerance_a_sample_is_recovered() -> None:
    """An image that is off by one level everywhere is nothing exactly, and all of it within one level."""
    target = smooth(24, 31)
    near = target + np.uint8(1)
    exact, tolerant = (score_of(near, target, np.random.default_rng(1), tolerance) for tolerance in (0, 1))
    assert (exact.share, tolerant.share, tolerant.tolerance) == (0.0, 1.0, 1)
    assert tolerant.p_value < 1e-6


def test_tolerance_makes_no_leaks_of_good_ciphers() -> None:
    """With 8 grey levels of tolerance a uniform guess has a larger share and no smaller p-value."""
    target, generator = smooth(24, 31), np.random.default_rng(4)
    scores = [score_of(generator.integers(0, 256, (24, 31), np.uint8), target, generator, 8) for _ in range(300)]
    assert sum(score.p_value < 0.05 for score in scores) <= 30
    assert np.mean([score.share for score in scores]) > 10 / 256


def test_gain_is_psnr_above_the_best_flat_image() -> None:
    """0 of the target's own mean, below it of other pictures, infinite of the target, none of a flat target."""
    target, generator = np.random.default_rng(6).integers(0, 256, (40, 30), np.uint8), np.random.default_rng(1)
    mean = np.full_like(target, round(float(target.mean())))
    assert score_of(mean, target, generator).gain == pytest.approx(0, abs=0.01)
    assert score_of(target[::-1].copy(), target, generator).gain == pytest.approx(-3, abs=0.5)
    assert score_of(target, target, generator).gain == float("inf")
    flat = np.full((20, 30, 3), (9, 80, 200), np.uint8)
    assert score_of(flat, flat, generator).gain == score_of(None, target, generator).gain == float("-inf")
    near = np.clip(target, 1, 254) + np.uint8(1)
    score = score_of(near, target, generator)
    assert score.gain == pytest.approx(score.psnr - score_of(mean, target, generator).psnr, abs=0.01)
