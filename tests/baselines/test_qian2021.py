"""qian2021: an independent prototype's ciphertext, round trips, refusals, and the structure that its chains leave."""

import hashlib

import numpy as np
import pytest

from baselines.chaotic.qian2021 import Qian2021, cuboid_sides, first_state, rotate_lines
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.kits.chaos.maps_3d import logistic3d_orbit
from cryptobench.metrics import npcr, uaci

RNG = np.random.default_rng(21)
CIPHER, NONCE, KEY = Qian2021(), bytes(16), hashlib.sha256(b"cryptobench").digest()
RAMP = (np.arange(768) % 251).astype(np.uint8).reshape(16, 16, 3)
SHAPES = [(1, 1), (1, 7), (263, 1), (5, 1, 1), (33, 47, 3), (9, 31, 2), (31, 8, 4), (257, 263)]


def test_ciphertext_of_the_ramp_is_that_of_an_independent_prototype():
    """The SHA-256 of the cipher image starts as a separate implementation's does."""
    image = CIPHER.encrypt(RAMP, KEY, NONCE).image
    assert hashlib.sha256(image.tobytes()).hexdigest().startswith("b0840de5d8c5e575")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_decryption_returns_the_image(shape: tuple[int, ...]):
    """For random, black and white images; with a secret from another image too."""
    for image in (RNG.integers(0, 256, shape, np.uint8), np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
        for secret in (None, bytes(range(32))):
            encrypted = CIPHER.encrypt(image, KEY, NONCE, secret=secret)
            assert encrypted.secret == (secret or hashlib.sha256(image.tobytes()).digest())
            assert np.array_equal(CIPHER.decrypt(encrypted, KEY), image)


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


def test_the_hash_gives_textbook_npcr_and_uaci():
    """One flipped bit and a new hash: means of 20 trials lie at 99.61 and 33.46."""
    pairs = [pair(trial, held=False) for trial in range(20)]
    assert np.mean([npcr(a, b).value for a, b in pairs]) == pytest.approx(99.6094, abs=0.05)
    assert np.mean([uaci(a, b).value for a, b in pairs]) == pytest.approx(33.4635, abs=0.15)


def test_without_a_new_hash_the_structure_shows():
    """NPCR stays near 99.8, but the end of the cipher image differs by one constant, and UACI is anywhere."""
    pairs = [pair(trial, held=True) for trial in range(40)]
    for a, b in pairs:
        assert len(np.unique((a ^ b).ravel()[-20:])) == 1
    rates = [npcr(a, b).value for a, b in pairs]
    assert np.median(rates) == pytest.approx(99.80, abs=0.25)
    intensities = [uaci(a, b).value for a, b in pairs]
    assert max(intensities) - min(intensities) > 20
    assert max(abs(value - 33.4635) for value in intensities) > 10


def pair(trial: int, held: bool) -> tuple[np.ndarray, np.ndarray]:
    """The ciphertexts of an image and of a copy with one flipped bit; ``held`` keeps the hash."""
    image, key = RNG.integers(0, 256, (64, 64, 3), np.uint8), hashlib.sha256(b"%d" % trial).digest()
    other = image.copy()
    other.flat[RNG.integers(image.size)] ^= 1
    one = CIPHER.encrypt(image, key, NONCE)
    return one.image, CIPHER.encrypt(other, key, NONCE, secret=one.secret if held else None).image


def test_wrong_key_and_wrong_secret_return_noise():
    """One flipped bit in either gives a decryption unlike the image."""
    image = np.full((64, 64, 3), 9, np.uint8)
    encrypted = CIPHER.encrypt(image, KEY, NONCE)
    flipped = Encrypted(encrypted.image, secret=bytes([encrypted.secret[0] ^ 1]) + encrypted.secret[1:])
    for other in (CIPHER.decrypt(encrypted, KEY[:-1] + bytes([KEY[-1] ^ 1])), CIPHER.decrypt(flipped, KEY)):
        assert npcr(other, image).value > 98


def test_side_data_of_the_wrong_length_is_refused():
    """A header, or a secret that is no SHA-256."""
    with pytest.raises(CipherError, match="header has 3 bytes, wanted none"):
        CIPHER.decrypt(Encrypted(RAMP, header=b"abc", secret=bytes(32)), KEY)
    for secret in (b"", bytes(31), bytes(64)):
        with pytest.raises(CipherError, match=f"secret has {len(secret)} bytes, wanted the 32"):
            CIPHER.decrypt(Encrypted(RAMP, secret=secret), KEY)
        with pytest.raises(CipherError, match=f"secret has {len(secret)} bytes, wanted the 32"):
            CIPHER.encrypt(RAMP, KEY, NONCE, secret=secret)


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys: 3000 states after burn-in are all different, and stay in the unit cube."""
    out = np.empty((4000, 3))
    for trial in range(300):
        state = first_state(hashlib.sha256(b"cycle %d" % trial).digest(), bytes(32))
        assert ((state > 0.1) & (state < 0.9)).all()
        logistic3d_orbit(state, 3.77, 0.0157, 0.0125, out)
        assert len(np.unique(out[1000:], axis=0)) == 3000
        assert 0 < out.min() <= out.max() < 1
