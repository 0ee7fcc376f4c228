"""wang2021-truth: known answers, refusals, its map's exponent, and how far a change reaches under one session."""

import hashlib
import math

import numpy as np
import pytest

from baselines.chaotic.wang2021_truth import KeyStream, Orbits, Wang2021Truth, diffusion_values, logistic_sine_orbits
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.kits.chaos.permutation import swap_train
from cryptobench.kits.chaos.session import image_hash
from cryptobench.metrics import npcr, uaci

RNG = np.random.default_rng(22)
KEY, NONCE = hashlib.sha256(b"wang2021-truth").digest(), bytes(16)
SHAPES = [(1, 1), (1, 263), (7, 1), (33, 47, 3), (9, 31, 2), (5, 1, 1), (101, 83)]


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
def test_ciphertext_is_that_of_the_scheme_in_plain_python(shape: tuple[int, ...]):
    """Shuffle, truth tables and both chains, sample by sample, from the map's states."""
    image = photo(shape)
    assert Wang2021Truth().encrypt(image, KEY, NONCE).image.tobytes() == one_by_one(image, KEY)


def test_the_sixteen_truth_tables_are_the_boolean_functions():
    """The ones with names, at random bytes; only the low four bits of a table count."""
    k, q = photo((2, 500))
    zero = np.zeros_like(k)
    functions = {0: zero, 1: ~(k | q), 6: k ^ q, 7: ~(k & q), 8: k & q, 9: ~(k ^ q), 10: q, 12: k, 14: k | q, 15: ~zero}
    for table, expected in functions.items():
        for high in (0, 0xB0):
            assert np.array_equal(diffusion_values(k, q, np.full(500, table | high, np.uint8)), expected)


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
def test_lyapunov_exponent_is_the_mean_logarithm_of_the_slope(be: float, exponent: float):
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


def test_a_stable_fixed_point_at_a_half_is_kept_out():
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


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_decryption_returns_the_image(shape: tuple[int, ...]):
    """Random, black and white; the session is 32 bytes and the header empty."""
    cipher = Wang2021Truth()
    for image in (photo(shape), np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)):
        encrypted = cipher.encrypt(image, KEY, NONCE)
        assert (encrypted.header, len(encrypted.secret)) == (b"", 32)
        assert np.array_equal(cipher.decrypt(encrypted, KEY), image)


def test_wrong_header_secret_and_key():
    """Side data of the wrong length is refused; one flipped bit of key or session returns noise."""
    cipher, image = Wang2021Truth(), np.full((64, 64), 9, np.uint8)
    encrypted = cipher.encrypt(image, KEY, NONCE)
    with pytest.raises(CipherError, match="header has 3 bytes, wanted none"):
        cipher.decrypt(Encrypted(encrypted.image, b"abc", encrypted.secret), KEY)
    for secret in (b"", encrypted.secret[:-1]):
        with pytest.raises(CipherError, match="wanted 32 bytes"):
            cipher.decrypt(Encrypted(encrypted.image, b"", secret), KEY)
    with pytest.raises(CipherError, match="wanted 32 bytes"):
        cipher.encrypt(image, KEY, NONCE, secret=b"ab")
    flipped = bytes([KEY[0] ^ 1]) + KEY[1:]
    assert npcr(cipher.decrypt(encrypted, flipped), image).value > 98
    wrong = Encrypted(encrypted.image, b"", bytes([encrypted.secret[0] ^ 1]) + encrypted.secret[1:])
    assert npcr(cipher.decrypt(wrong, KEY), image).value > 98


def test_any_image_is_a_ciphertext():
    """Random cipher images under random sessions decrypt to images that encrypt to them again."""
    cipher = Wang2021Truth()
    for shape in ((19, 23), (33, 47, 3)):
        image, secret = photo(shape), RNG.bytes(32)
        plain = cipher.decrypt(Encrypted(image, b"", secret), KEY)
        assert np.array_equal(cipher.encrypt(plain, KEY, NONCE, secret=secret).image, image)


def test_under_one_session_the_backward_chain_carries_all_of_a_difference_or_nothing():
    """Before the changed sample's shuffled place, every cipher sample differs if the one at the place does, else none.

    So one key in 256 leaves the start of the image unchanged: a mean over few trials falls below 99 % if it meets one.
    """
    cipher, alive = Wang2021Truth(), []
    for trial in range(24):
        key, image, index = hashlib.sha256(bytes([trial])).digest(), photo((96, 96, 3)), int(RNG.integers(96 * 96 * 3))
        one = cipher.encrypt(image, key, NONCE)
        image.flat[index] ^= 1
        two = cipher.encrypt(image, key, NONCE, secret=one.secret)
        marker = np.zeros(image.size, np.uint8)
        marker[index] = 1
        swap_train(marker, 0, KeyStream(key, one.secret, image.size).targets, True)
        place = int(marker.argmax())
        differs = (one.image != two.image).ravel()
        assert (differs[:place] == differs[place]).all()
        if differs[place]:
            alive.append((npcr(one.image, two.image).value, uaci(one.image, two.image).value))
    assert len(alive) >= 22
    assert np.mean(alive, axis=0) == pytest.approx([99.80, 33.55], abs=0.15)


def test_a_cancelled_difference_leaves_the_start_of_the_image_unchanged():
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


def test_a_fresh_session_changes_everything():
    """With the hash of the changed image: NPCR 99.61 and UACI 33.46 in the mean of 20 trials."""
    cipher, pairs = Wang2021Truth(), []
    for trial in range(20):
        key, image = hashlib.sha256(bytes([trial])).digest(), photo((96, 96, 3))
        other = image.copy()
        other.flat[RNG.integers(image.size)] ^= 1
        pairs.append([cipher.encrypt(i, key, NONCE).image for i in (image, other)])
    assert np.mean([npcr(a, b).value for a, b in pairs]) == pytest.approx(99.6094, abs=0.04)
    assert np.mean([uaci(a, b).value for a, b in pairs]) == pytest.approx(33.4635, abs=0.15)
