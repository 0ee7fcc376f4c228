"""wang2021-truth: known answers, its map's exponent, and how far a change reaches under one session."""

import hashlib
import math

import numpy as np
import pytest

from cryptobench.baselines.chaotic.wang2021_truth import (
    KeyStream,
    Orbits,
    Wang2021Truth,
    diffuse_words,
    logistic_sine_orbits,
)
from cryptobench.primitives.chaos.key_schedule.keys import image_hash
from tests.baselines.scheme_checks import NONCE, assert_all_or_nothing_before

RNG = np.random.default_rng(22)
KEY = hashlib.sha256(b"wang2021-truth").digest()


def photo(shape: tuple[int, ...]) -> np.ndarray:
    return RNG.integers(0, 256, shape, np.uint8)


def one_by_one(image: np.ndarray, key: bytes) -> bytes:
    """The whole cipher in plain Python."""
    orbits, n, uses = Orbits(key, image_hash(image)), image.size, []
    for _ in range(3):
        X = np.empty((-(-n // 16), 16))
        orbits.run(X)
        uses.append([int(x * 2**36) for x in X.ravel()[:n].tolist()])
    c = list(image.tobytes())
    for t in range(n - 1, -1, -1):
        s = uses[0][t] % (t + 1)
        c[t], c[s] = c[s], c[t]
    for words, start, places in ((uses[1], orbits.a, range(n)), (uses[2], orbits.b, range(n - 1, -1, -1))):
        previous = start
        for i in places:
            w = words[i]
            k, q, z, table, r = w & 255, w >> 8 & 255, w >> 16 & 255, w >> 24 & 15, w >> 28 & 7
            d = sum((table >> 2 * (k >> bit & 1) + (q >> bit & 1) & 1) << bit for bit in range(8))
            total = (c[i] + previous + d) % 256
            previous = c[i] = ((total << r | total >> (8 - r)) & 255) ^ z
    return bytes(c)


@pytest.mark.parametrize("shape", [(1, 1), (5, 4, 3), (3, 37)], ids=str)
def test_ciphertext_is_that_of_plain_python(shape: tuple[int, ...]):
    """Shuffle, truth tables and both chains, sample by sample, from the map's states."""
    image = photo(shape)
    assert Wang2021Truth().encrypt(image, KEY, NONCE).image.tobytes() == one_by_one(image, KEY)


def test_the_sixteen_truth_tables_are_the_boolean_functions():
    """The ones with names, at random bytes; z and the rotation pass by."""
    k, q, z = photo((3, 500)).astype(np.uint32)
    zero, ones = np.zeros_like(k), np.full_like(k, 255)
    functions = {0: zero, 1: ones ^ (k | q), 6: k ^ q, 7: ones ^ (k & q), 8: k & q, 9: ones ^ k ^ q}
    functions |= {10: q, 12: k, 14: k | q, 15: ones}
    for table, expected in functions.items():
        for r in (0, 11):
            words = k | q << 8 | z << 16 | np.uint32(table | r << 4) << 24
            diffuse_words(words)
            assert np.array_equal(words, expected | z << 8 | np.uint32(r << 16))


def test_orbits_follow_the_equation():
    """Each state follows from the one before by numpy's sine, within rounding; orbits go on after a pause."""
    x, be = RNG.random(16), 37.4
    start, out = x.copy(), np.empty((400, 16))
    logistic_sine_orbits(x, be, out[:150])
    logistic_sine_orbits(x, be, out[150:])
    before = np.vstack([start, out[:-1]])
    distance = np.abs(be * (4 * before * (1 - before) + np.sin(np.pi * before)) % 1 - out)
    assert np.minimum(distance, 1 - distance).max() < 1e-12
    assert np.array_equal(x, out[-1])


@pytest.mark.parametrize(("be", "exponent"), [(20.0, 4.15), (80.0, 5.51)])
def test_lyapunov_exponent_is_the_mean_log_slope(be: float, exponent: float):
    """By the derivative be (4(1-2x) + pi cos(pi x)) along orbits."""
    out = np.empty((20_000, 16))
    logistic_sine_orbits(RNG.random(16), be + 1e-3, out)
    slope = be * (4 * (1 - 2 * out) + math.pi * np.cos(np.pi * out))
    assert np.log(np.abs(slope)).mean() == pytest.approx(exponent, abs=0.03)


def test_an_orbit_leaves_the_fixed_point_0():
    """0 and 1/2 with an integer parameter would stay at 0; they go on."""
    out = np.empty((100, 2))
    logistic_sine_orbits(np.array([0.0, 0.5]), 30.0, out)
    assert len(np.unique(out[:, 0])) == len(np.unique(out[:, 1])) == 100


def test_stable_fixed_points_are_kept_out():
    """With 2 be a half above an integer, orbits settle at 1/2; no sampled key comes near that."""
    out = np.empty((20_000, 16))
    logistic_sine_orbits(RNG.random(16), 30.25, out)
    assert (out[-1] == 0.5).any()
    fractions = [Orbits(hashlib.sha256(b"fraction %d" % trial).digest(), b"").be % 1 for trial in range(200)]
    assert 0.3 < min(fractions) < 0.33
    assert 0.67 < max(fractions) < 0.7


def test_no_sampled_key_falls_on_a_short_cycle():
    """300 keys: in none of 16 orbits does the state after 2048 steps come earlier, and no two orbits run in step."""
    out = np.empty((2048, 16))
    for trial in range(300):
        Orbits(hashlib.sha256(b"cycle %d" % trial).digest(), b"").run(out)
        assert not (out[:-1] == out[-1]).any()
        assert len(np.unique(out[-1])) == 16


def test_backward_chain_carries_all_or_nothing():
    """Before the changed sample's shuffled place, every cipher sample differs if the one at the place does, else none.

    So one key in 256 leaves the start of the image unchanged: a mean over few trials falls below 99 % if it meets one.
    """
    assert_all_or_nothing_before(Wang2021Truth(), lambda key, secret, n: KeyStream(key, secret, n).targets)


def test_cancelled_differences_leave_the_start_unchanged():
    """Among 1500 keys on a small image, 1 in 256 changes nothing before the changed sample's place."""
    cipher, dead = Wang2021Truth(), 0
    for trial in range(1500):
        key, image = trial.to_bytes(32, "big"), np.zeros((4, 16), np.uint8)
        one = cipher.encrypt(image, key, NONCE, secret=bytes(32))
        image.flat[trial % 64] ^= 1
        two = cipher.encrypt(image, key, NONCE, secret=bytes(32))
        differs = (one.image != two.image).ravel()
        dead += not differs[0]
    assert 1 <= dead <= 15  # 1500/256 = 5.9 expected
