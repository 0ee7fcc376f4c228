"""qian2021: an independent prototype's ciphertext, and the structure that its chains leave."""

import hashlib

import numpy as np
import pytest

from cryptobench.baselines.chaotic.qian2021 import Qian2021, cuboid_sides, first_state, rotate_lines
from cryptobench.primitives.chaos.maps.three_dimensional import logistic3d_orbit
from tests.baselines.scheme_checks import GOLDEN_KEY, NONCE, RAMP, digest, flip_rates, one_flip_pairs

RNG = np.random.default_rng(21)
CIPHER, KEY = Qian2021(), GOLDEN_KEY


def test_ramp_encrypts_as_an_independent_prototype_does():
    """The SHA-256 of the cipher image starts as a separate implementation's does."""
    image = CIPHER.encrypt(RAMP, KEY, NONCE).image
    assert digest(image) == "b0840de5d8c5e575"


@pytest.mark.parametrize("n", [*range(1, 130), 768, 3600, 67591, 196608])
def test_cuboids_have_the_smallest_sum_of_sides(n: int):
    """Against all factorisations into three, for small n; known sides for some."""
    a, b, c = cuboid_sides(n)
    assert a * b * c == n
    assert a >= b >= c >= 1
    if n < 4000:
        divisors = [d for d in range(1, n + 1) if n % d == 0]
        assert a + b + c == min(n // d // e + d + e for d in divisors for e in divisors if n % (d * e) == 0)
    known = {768: (12, 8, 8), 196608: (64, 64, 48), 127: (127, 1, 1), 67591: (263, 257, 1)}
    assert (a, b, c) == known.get(n, (a, b, c))


def test_lines_rotate_one_axis_after_the_other():
    """The composed move is numpy's roll of every x-line, then every y-line, then every z-line; and it is undone."""
    a, b, c = sides = (6, 5, 4)
    p = RNG.integers(0, 256, sides, np.uint8)
    x, y, z = (RNG.integers(0, side, lines).astype(np.int32) for side, lines in ((a, (b, c)), (b, (a, c)), (c, (a, b))))
    rolled = p.copy()
    for j, k in np.ndindex(b, c):
        rolled[:, j, k] = np.roll(rolled[:, j, k], x[j, k])
    for i, k in np.ndindex(a, c):
        rolled[i, :, k] = np.roll(rolled[i, :, k], y[i, k])
    for i, j in np.ndindex(a, b):
        rolled[i, j] = np.roll(rolled[i, j], z[i, j])
    moved = rotate_lines(p.ravel(), sides, x, y, z, False)
    assert np.array_equal(moved, rolled.ravel())
    assert np.array_equal(rotate_lines(moved, sides, x, y, z, True), p.ravel())


def test_the_secret_is_the_hash_of_the_samples():
    """SHA-256 of the bytes in C order."""
    for image in (RNG.integers(0, 256, (33, 47, 3), np.uint8), np.zeros((1, 7), np.uint8)):
        assert CIPHER.encrypt(image, KEY, NONCE).secret == hashlib.sha256(image.tobytes()).digest()


def test_without_a_new_hash_the_structure_shows():
    """NPCR stays near 99.8, but the end of the cipher image differs by one constant, and UACI is anywhere."""
    pairs = list(one_flip_pairs(CIPHER, 40, shape=(64, 64, 3), fixed_secret=True))
    for a, b in pairs:
        assert len(np.unique((a ^ b).ravel()[-20:])) == 1
    rates, intensities = flip_rates(pairs)
    assert np.median(rates) == pytest.approx(99.80, abs=0.25)
    assert max(intensities) - min(intensities) > 20
    assert max(abs(value - 33.4635) for value in intensities) > 10


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys: 3000 states after burn-in are all different, and stay in the unit cube."""
    out = np.empty((4000, 3))
    for trial in range(300):
        state = first_state(hashlib.sha256(b"cycle %d" % trial).digest(), bytes(32))
        assert ((state > 0.1) & (state < 0.9)).all()
        logistic3d_orbit(state, 3.77, 0.0157, 0.0125, out)
        assert len(np.unique(out[1000:], axis=0)) == 3000
        assert 0 < out.min() <= out.max() < 1
