"""Guesses are scored against chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtr

from cryptobench.attacks.experiment import natural_image
from cryptobench.attacks.scoring import (
    Score,
    chance_of,
    score_of,
    tolerance_of,
)
from cryptobench.metrics.statistics import binomial_sf
from tests.attacks.toys import smooth


@pytest.mark.parametrize("shape", [(24, 31), (1, 40), (16, 16, 3)])
def test_p_values_of_uniform_guesses_are_calibrated(shape) -> None:
    """Among 200 uniform guesses no more are below 0.05 than chance allows, and the mean share is 1/256."""
    target, generator = smooth(*shape), np.random.default_rng(8)
    scores = [score_of(generator.integers(0, 256, shape, np.uint8), target, generator) for _ in range(200)]
    assert sum(score.p_value < 0.05 for score in scores) <= 22  # binomial: 10 expected, over 22 once in 10000
    samples = 200 * target.size
    assert np.mean([score.share for score in scores]) == pytest.approx(1 / 256, abs=5 / np.sqrt(256 * samples))


def _noise(shape, generator):
    return generator.integers(0, 256, shape, np.uint8)


def _smooth_noise(shape, generator):
    return natural_image((), shape, generator)


@pytest.mark.parametrize("guess", [_noise, _smooth_noise])
def test_small_p_values_are_rare_on_small_targets(guess) -> None:
    """Of 1000 random guesses at 8x8 no more are below 0.001 than chance allows; Student's t alone has a dozen."""
    generator = np.random.default_rng(3)
    target = natural_image((), (8, 8), generator)
    small = sum(score_of(guess((8, 8), generator), target, generator).p_value < 0.001 for _ in range(1000))
    assert small <= 6  # binomial: at most 1 expected, over 6 once in 10000


def test_p_values_of_noise_are_nearly_binomial() -> None:
    """6 of 256 samples right by chance: the binomial says 0.0006, and rolls that vary as noise does hardly more."""
    generator = np.random.default_rng(5)
    p_values = []
    for _ in range(40):
        target, guess = generator.integers(0, 256, (2, 16, 16), np.uint8)
        guess[guess == target] ^= 128
        guess.flat[:6] = target.flat[:6]
        p_values.append(score_of(guess, target, generator).p_value)
    assert 0.0005 < np.median(p_values) < 0.002


def close(p_value: float):
    return pytest.approx(p_value, rel=1e-9, abs=0)


def test_the_chance_of_hits_is_the_larger_tail() -> None:
    """The binomial of the expected share, or Student's t over the rolls, spread no less than the binomial."""
    even = np.repeat([3, 5], 16) / 1024  # a mean of 4 hits, their variance 32 / 31
    assert chance_of(0, 1024, even, 4 / 1024) == 1.0
    assert chance_of(8, 1024, even, 4 / 1024) == close(binomial_sf(8, 1024))
    assert chance_of(8, 1024, even, 5 / 1024) == close(binomial_sf(8, 1024, 5 / 1024))
    assert chance_of(8, 1024, even, 2 / 1024) == close(binomial_sf(8, 1024))  # never below one in 256
    t = stdtr(31, -(40 - 4) / np.sqrt(4 * (1 - 4 / 1024) * (1 + 1 / 32)))  # by the binomial's spread, not the rolls'
    assert t > binomial_sf(40, 1024)
    assert chance_of(40, 1024, even, 4 / 1024) == close(t)
    wide = np.repeat([0, 8], 16) / 1024  # a mean of 4 hits, their variance 16.5
    t = stdtr(31, -(40 - 4) / np.sqrt(16 * 32 / 31 * (1 + 1 / 32)))
    assert chance_of(40, 1024, wide, 4 / 1024) == close(t)
    assert chance_of(1024, 1024, np.ones(32), 1.0) == pytest.approx(1.0, abs=0.5)  # flat images


def test_colours_without_places_are_no_knowledge() -> None:
    """Flat planes of the target's commonest levels, and its pixels in any order, have many right samples by colour."""
    generator = np.random.default_rng(2)
    target = (np.array([200, 120, 40]) + generator.integers(0, 4, (16, 16, 3))).astype(np.uint8)
    flat = np.broadcast_to(np.array([201, 121, 41], np.uint8), (16, 16, 3)).copy()
    score = score_of(flat, target, generator)
    assert score.share > 0.2
    assert score.p_value > 0.1
    shuffled = [generator.permutation(target.reshape(-1, 3)).reshape(16, 16, 3) for _ in range(60)]
    p_values = [score_of(guess, target, generator).p_value for guess in shuffled]
    assert sum(p < 0.05 for p in p_values) <= 11  # binomial: 3 expected, over 11 once in 10000
    assert min(p_values) > 1e-5


def test_a_tenth_of_a_small_target_is_evidence() -> None:
    """26 of 256 samples right, in random places, of a guess of noise: far below the level of a leak."""
    generator = np.random.default_rng(9)
    target, guess = natural_image((), (16, 16), generator), generator.integers(0, 256, (16, 16), np.uint8)
    known = generator.permutation(256)[:26]
    guess.flat[known] = target.flat[known]
    assert score_of(guess, target, generator).p_value < 1e-9


def test_within_the_tolerance_levels_do_not_wrap() -> None:
    """0 and 255 are far apart, and right samples are counted as with whole numbers."""
    target = np.tile(np.array([0, 3, 252, 255], np.uint8), (8, 2))
    guess = np.tile(np.array([255, 0, 255, 251], np.uint8), (8, 2))
    assert score_of(guess, target, np.random.default_rng(1), 3).share == 0.5


def test_a_single_pixel_is_no_evidence() -> None:
    """An image of one sample can be guessed, and that proves nothing."""
    assert score_of(np.array([[7]], np.uint8), np.array([[7]], np.uint8), np.random.default_rng(1)).p_value > 0.1
    colour = np.array([[[7, 70, 170]]], np.uint8)
    assert score_of(colour, colour, np.random.default_rng(1)).p_value > 0.1


def test_a_lossy_receiver_sets_the_tolerance() -> None:
    """95 % of the receiver's own samples are within it; it is 32 at most, and 0 for an exact image."""
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


def test_excess_is_what_rolled_guesses_lack() -> None:
    """Half of the samples by chance and three quarters right: half of the rest; nothing where all places look alike."""
    assert Score(share=0.75, baseline=0.5).excess == 0.5
    assert Score(share=0.25, baseline=0.25).excess == 0.0
    assert Score(share=1.0, baseline=1.0).excess == 0.0


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


def test_a_doubtful_score_is_ranked_among_rolls() -> None:
    """Stripes of period 8 fit stripes at one roll in eight, whatever Student's t makes of 32 rolls."""
    stripes = np.tile(np.arange(16, dtype=np.uint8) % 8 * 30, (16, 1))
    score = score_of(stripes, stripes, np.random.default_rng(0))
    assert score.share == 1
    assert score.p_value == 32 / 256
