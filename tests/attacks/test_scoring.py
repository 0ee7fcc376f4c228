"""Guesses are scored against chance, and evidence of attacks gives security levels."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.scoring import SECURITY_LEVELS, Evidence, score_of, security_levels, tolerance_of
from tests.attacks.toys import smooth

HOLDS_CPA, HOLDS_CCA = Evidence("CPA", "holds", 4), Evidence("CCA", "holds", 15)
REJECTS = Evidence("CCA", "holds", 15, ("rejects",))


@pytest.mark.parametrize("shape", [(24, 31), (1, 40), (16, 16, 3)])
def test_p_values_of_uniform_guesses_are_calibrated(shape) -> None:
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


@pytest.mark.parametrize(
    ("evidence", "levels"),
    [
        ([Evidence("KPA", "recovered", 2)], (0, None)),
        ([Evidence("CPA", "recovered", 2), HOLDS_CPA], (1, None)),  # chosen, not known, plaintexts
        ([Evidence("KPA", "recovered", 3000)], (2, None)),
        ([Evidence("CPA", "recovered", 1024)], (1, None)),
        ([Evidence("CPA", "recovered", 1025)], (2, None)),
        ([Evidence("CPA", "leak", 4, ("affine",)), Evidence("CPA", "leak", 2, ("deterministic",))], (2, None)),
        ([Evidence("CCA", "recovered", 5, ("affine", "malleable"))], (None, 3)),
        ([Evidence("CPA", "leak", 2, ("deterministic",)), HOLDS_CPA], (3, None)),
        ([HOLDS_CPA, Evidence("CPA", "n/a", 0)], (4, None)),
        ([HOLDS_CPA, Evidence("CCA", "recovered", 15, ("malleable",))], (4, 3)),  # a stream cipher with fresh nonces
        ([HOLDS_CPA, HOLDS_CCA], (4, 4)),
        ([HOLDS_CPA, REJECTS, REJECTS], (5, 5)),
        ([HOLDS_CPA, REJECTS, Evidence("CCA", "leak", 1)], (4, 3)),
        ([Evidence("CPA", "leak", 2, ("deterministic",)), REJECTS], (3, 3)),
        ([Evidence("KPA", "recovered", 1), HOLDS_CCA], (0, 0)),  # who may choose ciphertexts may also do without
        ([HOLDS_CCA], (None, 4)),
        ([], (None, None)),
        ([Evidence("CCA", "n/a", 0)], (None, None)),
    ],
)
def test_the_worst_evidence_decides_the_level(evidence, levels) -> None:
    """By model, outcome, queries and claims; the level with chosen ciphertexts is never the higher one."""
    assert security_levels(evidence) == levels


def test_every_security_level_has_a_meaning() -> None:
    """Six levels, from 0 to 5."""
    assert len(SECURITY_LEVELS) == 6
