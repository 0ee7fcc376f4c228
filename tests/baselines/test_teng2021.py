"""teng2021: an independent prototype's ciphertext, round trips, refusals, and how far a change reaches."""

import hashlib
import math
import platform

import numpy as np
import pytest

from baselines.chaotic import teng2021
from baselines.chaotic.teng2021 import Teng2021, rotate_columns, rotate_rows, start_of
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.kits.chaos.maps_cross import cross_orbit
from cryptobench.metrics import npcr, uaci

RNG = np.random.default_rng(21)
CIPHER, NONCE, KEY = Teng2021(), bytes(16), hashlib.sha256(b"cryptobench").digest()
RAMP = (np.arange(768) % 251).astype(np.uint8).reshape(16, 16, 3)
SHAPES = [(1, 1), (1, 7), (263, 1), (5, 1, 1), (33, 47, 3), (9, 31, 2), (31, 8, 4), (257, 263)]


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
def test_with_the_sine_of_glibc_it_is_the_independent_prototype(monkeypatch: pytest.MonkeyPatch):
    """The ramp's ciphertext has the recorded hash once the library's sine is used: nothing else differs."""
    monkeypatch.setattr(teng2021, "cross_orbit", library_orbit)
    image = CIPHER.encrypt(RAMP, KEY, NONCE).image
    assert hashlib.sha256(image.tobytes()).hexdigest().startswith("7e8f571d880d1837")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_decryption_returns_the_image(shape: tuple[int, ...]):
    """For random, black and white images; with a secret from another image too."""
    for image in (RNG.integers(0, 256, shape, np.uint8), np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
        for secret in (None, bytes(range(64))):
            encrypted = CIPHER.encrypt(image, KEY, NONCE, secret=secret)
            assert encrypted.secret == (secret or hashlib.sha512(image.tobytes()).digest())
            assert np.array_equal(CIPHER.decrypt(encrypted, KEY), image)


def test_bits_rotate_as_whole_rows_and_columns():
    """Both rotations are numpy's roll of the unpacked bits."""
    image = RNG.integers(0, 256, (13, 70), np.uint8)
    bits, across, down = np.unpackbits(image, axis=1), RNG.integers(0, 560, 13), RNG.integers(0, 13, 560)
    rows = np.stack([np.roll(row, shift) for row, shift in zip(bits, across, strict=True)])
    columns = np.stack([np.roll(column, shift) for column, shift in zip(bits.T, down, strict=True)], axis=1)
    assert np.array_equal(np.unpackbits(rotate_rows(image, across), axis=1), rows)
    assert np.array_equal(np.unpackbits(rotate_columns(image, down), axis=1), columns)


def test_the_hash_gives_textbook_npcr_and_uaci():
    """One flipped bit and a new hash: means of 20 trials lie at 99.61 and 33.46."""
    pairs = [pair(trial, held=False) for trial in range(20)]
    assert np.mean([npcr(a, b).value for a, b in pairs]) == pytest.approx(99.6094, abs=0.05)
    assert np.mean([uaci(a, b).value for a, b in pairs]) == pytest.approx(33.4635, abs=0.15)


def test_without_a_new_hash_a_change_reaches_only_what_follows():
    """All bytes from some place on differ, and none before: half of the image on average, NPCR 50 and UACI 17."""
    pairs = [pair(trial, held=True) for trial in range(60)]
    for a, b in pairs:
        differs = (a != b).ravel()
        assert differs[np.argmax(differs) :].all()
    assert np.mean([npcr(a, b).value for a, b in pairs]) == pytest.approx(49.8, abs=12)
    assert np.mean([uaci(a, b).value for a, b in pairs]) == pytest.approx(17.1, abs=5)


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
    flipped = Encrypted(encrypted.image, secret=encrypted.secret[:-3] + b"\x80" + encrypted.secret[-2:])
    for other in (CIPHER.decrypt(encrypted, KEY[:-1] + bytes([KEY[-1] ^ 1])), CIPHER.decrypt(flipped, KEY)):
        assert npcr(other, image).value > 98


def test_side_data_of_the_wrong_length_is_refused():
    """A header, or a secret that is no SHA-512."""
    with pytest.raises(CipherError, match="header has 3 bytes, wanted none"):
        CIPHER.decrypt(Encrypted(RAMP, header=b"abc", secret=bytes(64)), KEY)
    for secret in (b"", bytes(32), bytes(65)):
        with pytest.raises(CipherError, match=f"secret has {len(secret)} bytes, wanted the 64"):
            CIPHER.decrypt(Encrypted(RAMP, secret=secret), KEY)
        with pytest.raises(CipherError, match=f"secret has {len(secret)} bytes, wanted the 64"):
            CIPHER.encrypt(RAMP, KEY, NONCE, secret=secret)


def test_no_sampled_key_falls_on_a_short_cycle():
    """200 keys: 3000 states after burn-in are all different."""
    xs, ys = np.empty((2, 3500))
    for trial in range(200):
        start = start_of(hashlib.sha256(b"cycle %d" % trial).digest(), hashlib.sha512(b"%d" % trial).digest())
        assert min(start.alpha, start.beta) >= 10
        assert max(start.alpha, start.beta) < 100
        cross_orbit(np.array(start[:2]), start.alpha, start.beta, xs, ys)
        assert len(np.unique(ys[500:])) == 3000
