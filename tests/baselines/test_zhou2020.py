"""zhou2020: a plain Python version, and what the cipher does without a new hash."""

import hashlib
import math

import numpy as np
import pytest

from cryptobench.baselines.chaotic.zhou2020 import Zhou2020, key_schedule
from cryptobench.primitives.chaos.maps.classic import logistic_tent_orbits
from tests.baselines.scheme_checks import GOLDEN_KEY, NONCE, flip_rates, one_flip_pairs

RNG = np.random.default_rng(20)
CIPHER, KEY = Zhou2020(), GOLDEN_KEY


def plain_encrypt(image: np.ndarray, key: bytes) -> np.ndarray:
    """The scheme in Python's integers and floats, with numpy's roll and argsort."""
    digest = hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest()
    u = []
    for block in range(2):
        words = hashlib.sha256(key + digest + b"zwwz2020" + block.to_bytes(4, "big")).digest()
        u += [((int.from_bytes(words[i : i + 8], "big") >> 12) + 0.5) / 2**52 for i in range(0, 32, 8)]
    matrix = image.reshape(len(image), -1).copy()
    (m, width), n = matrix.shape, image.size
    z = plain_orbit(u[4], u[5], 2 * (m + width))
    matrix = matrix[np.argsort(z[:m], kind="stable")][:, np.argsort(z[m : m + width], kind="stable")]
    for i in range(m):
        matrix[i] = np.roll(matrix[i], -(math.floor(z[m + width + i] * 2**36) % width))
    for j in range(width):
        matrix[:, j] = np.roll(matrix[:, j], -(math.floor(z[2 * m + width + j] * 2**36) % m))
    c = matrix.ravel().tolist()
    for x0, r, start, order in ((u[0], u[1], u[6], range(n)), (u[2], u[3], u[7], reversed(range(n)))):
        words = [math.floor(x * 2**36) for x in plain_orbit(x0, r, n)]
        previous = math.floor(256 * start)
        for i in order:
            total, turn = (c[i] + (words[i] & 255) + previous) % 256, words[i] >> 16 & 7
            c[i] = previous = (total << turn | total >> 8 - turn) & 255 ^ (words[i] >> 8 & 255)
    return np.array(c, np.uint8).reshape(image.shape)


def plain_orbit(x: float, u: float, n: int) -> list[float]:
    """The logistic-tent system at r = 3.9 + (4 - 3.9) u."""
    r, out = 3.9 + (4 - 3.9) * u, []
    for _ in range(n):
        x = (r * x * (1 - x) + (4 - r) * min(x, 1 - x) / 2) % 1
        out.append(x)
    return out


@pytest.mark.parametrize("shape", [(5, 7, 3), (9, 4), (1, 6), (70, 31, 3)], ids=str)
def test_ciphertext_is_that_of_plain_python(shape: tuple[int, ...]):
    """For colour and grey, a single row, and more samples than a block of key stream."""
    image = RNG.integers(0, 256, shape, np.uint8)
    for key in (KEY, bytes(32)):
        assert np.array_equal(CIPHER.encrypt(image, key, NONCE).image, plain_encrypt(image, key))


def test_under_one_hash_the_chains_diffuse_too():
    """Two bijective passes leave fewer equal samples than chance: NPCR near 99.8, UACI near 33.55."""
    rates, changes = flip_rates(one_flip_pairs(CIPHER, 20, fixed_secret=True))
    assert np.median(rates) == pytest.approx(99.80, abs=0.12)
    assert np.median(changes) == pytest.approx(33.55, abs=0.15)


def test_one_change_in_256_stays_behind_itself():
    """Then all samples before some place are equal, otherwise nearly none is: 12 of 3072 expected."""
    image = RNG.integers(0, 256, (32, 32, 3), np.uint8)
    one, stopped = CIPHER.encrypt(image, KEY, NONCE), 0
    for i in range(image.size):
        other = image.copy()
        other.flat[i] ^= 1
        same = (CIPHER.encrypt(other, KEY, NONCE, secret=one.secret).image == one.image).ravel()
        stopped += same[0] and same[1] and same[2]
    assert 2 <= stopped <= 25


def test_no_sampled_key_falls_on_a_short_cycle():
    """200 keys: 3000 states of each of the three orbits are all different, and spread over the interval."""
    out = np.empty((3000, 3))
    for trial in range(200):
        keys = key_schedule(hashlib.sha256(b"cycle %d" % trial).digest(), bytes(32))
        logistic_tent_orbits(keys.x, keys.r, out)
        for lane in out.T:
            assert len(np.unique(lane)) == 3000
            assert abs(lane.mean() - 0.5) < 0.05
