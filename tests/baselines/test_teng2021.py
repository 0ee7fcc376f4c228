"""teng2021: an independent prototype's ciphertext, the part of its secret that counts, and how far a change reaches."""

import hashlib
import math
import platform

import numpy as np
import pytest

from cryptobench.baselines.chaotic import teng2021
from cryptobench.baselines.chaotic.teng2021 import Teng2021, rotate_columns, rotate_rows, start_of
from cryptobench.metrics import npcr
from cryptobench.primitives.chaos.maps.two_dimensional import cross_orbit
from tests.baselines.scheme_checks import GOLDEN_KEY, NONCE, RAMP, flip_rates, one_flip_pairs

RNG = np.random.default_rng(21)
CIPHER, KEY = Teng2021(), GOLDEN_KEY


def library_orbit(state: np.ndarray, alpha: float, beta: float, xs: np.ndarray, ys: np.ndarray) -> None:
    """The cross map in Python's floats and the machine's sine."""
    x, y = state.tolist()
    for i in range(len(xs)):
        x, y = math.sin(alpha / math.sin(y)), beta * math.sin(math.pi * (x + y))
        xs[i], ys[i] = x, y
    state[:] = x, y


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or platform.machine() != "x86_64",
    reason="the recorded ciphertext went through the sine of glibc on x86-64",
)
def test_with_glibcs_sine_it_is_the_prototype(monkeypatch: pytest.MonkeyPatch):
    """The ramp's ciphertext has the recorded hash once the library's sine is used: nothing else differs."""
    monkeypatch.setattr(teng2021, "cross_orbit", library_orbit)
    image = CIPHER.encrypt(RAMP, KEY, NONCE).image
    assert hashlib.sha256(image.tobytes()).hexdigest().startswith("7e8f571d880d1837")


def test_bits_rotate_as_whole_rows_and_columns():
    """Both rotations are numpy's roll of the unpacked bits."""
    image = RNG.integers(0, 256, (13, 70), np.uint8)
    bits, across, down = np.unpackbits(image, axis=1), RNG.integers(0, 560, 13), RNG.integers(0, 13, 560)
    rows = np.stack([np.roll(row, shift) for row, shift in zip(bits, across, strict=True)])
    columns = np.stack([np.roll(column, shift) for column, shift in zip(bits.T, down, strict=True)], axis=1)
    assert np.array_equal(np.unpackbits(rotate_rows(image, across), axis=1), rows)
    assert np.array_equal(np.unpackbits(rotate_columns(image, down), axis=1), columns)


def test_the_secret_is_the_hash_of_the_samples():
    """SHA-512 of the bytes in C order."""
    for image in (RNG.integers(0, 256, (33, 47, 3), np.uint8), np.zeros((1, 7), np.uint8)):
        assert CIPHER.encrypt(image, KEY, NONCE).secret == hashlib.sha512(image.tobytes()).digest()


def test_a_part_of_the_secret_is_not_used():
    """Of the sixteen hexadecimal digits of each of its eight words the last three change nothing, the fifth does."""
    image, secret = RNG.integers(0, 256, (33, 47, 3), np.uint8), RNG.bytes(64)
    one = CIPHER.encrypt(image, KEY, NONCE, secret=secret).image
    for word in range(8):
        for bit, used in ((0, False), (11, False), (16, True)):
            other = (int.from_bytes(secret, "big") ^ 1 << 64 * word + bit).to_bytes(64, "big")
            two = CIPHER.encrypt(image, KEY, NONCE, secret=other).image
            assert npcr(one, two).value > 98 if used else np.array_equal(one, two)


def test_under_one_hash_changes_reach_what_follows():
    """All bytes from some place on differ, and none before: half of the image on average, NPCR 50 and UACI 17."""
    pairs = list(one_flip_pairs(CIPHER, 60, shape=(64, 64, 3), fixed_secret=True))
    for a, b in pairs:
        differs = (a != b).ravel()
        assert differs[np.argmax(differs) :].all()
    rates, changes = flip_rates(pairs)
    assert rates.mean() == pytest.approx(49.8, abs=12)
    assert changes.mean() == pytest.approx(17.1, abs=5)


@pytest.mark.parametrize(("label", "cycle"), [("weak 28661", 1), ("weak 1300", 2), ("weak 753", 4)])
def test_some_keys_are_weak(label: str, cycle: int):
    """Their orbit settles in a short cycle that passes close to beta: key bytes repeat, and black's ciphertext does."""
    key, black = hashlib.sha256(label.encode()).digest(), np.zeros((64, 64, 3), np.uint8)
    encrypted = CIPHER.encrypt(black, key, NONCE)
    start = start_of(key, encrypted.secret)
    xs, ys = np.empty((2, 3500))
    cross_orbit(np.array(start[:2]), start.alpha, start.beta, xs, ys)
    settled = ys[1500:]
    assert np.array_equal(settled[:-cycle], settled[cycle:])
    assert np.abs(settled).max() == pytest.approx(start.beta, rel=1e-3)
    tail = encrypted.image.ravel()[1500:]
    assert np.array_equal(tail[: -256 * cycle], tail[256 * cycle :])
    assert np.array_equal(CIPHER.decrypt(encrypted, key), black)


def test_flat_images_look_random_under_other_keys():
    """Mean chi-square of 60 ciphertexts of black and white within 4 standard errors of its 255 degrees of freedom."""
    counts = [
        np.bincount(CIPHER.encrypt(np.full((64, 64, 3), value, np.uint8), key, NONCE).image.ravel(), minlength=256)
        for key in (hashlib.sha256(b"flat %d" % trial).digest() for trial in range(30))
        for value in (0, 255)
    ]
    chi_squares = ((np.array(counts) - 48) ** 2 / 48).sum(axis=1)
    assert chi_squares.mean() == pytest.approx(255, abs=4 * (2 * 255 / 60) ** 0.5)


def test_no_sampled_key_falls_on_a_short_cycle():
    """200 keys: 3000 states after burn-in are all different."""
    xs, ys = np.empty((2, 3500))
    for trial in range(200):
        start = start_of(hashlib.sha256(b"cycle %d" % trial).digest(), hashlib.sha512(b"%d" % trial).digest())
        assert min(start.alpha, start.beta) >= 10
        assert max(start.alpha, start.beta) < 100
        cross_orbit(np.array(start[:2]), start.alpha, start.beta, xs, ys)
        assert len(np.unique(ys[500:])) == 3000
