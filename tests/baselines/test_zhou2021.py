"""zhou2021 against a plain reading of its steps, its sensitivity with and without the hash, and its systems' keys."""

import hashlib
import math

import numpy as np
import pytest

from cryptobench.baselines.chaotic.zhou2021 import LANES, LORENZ_FAMILY, KeyStream, Zhou2021, lane_words
from cryptobench.primitives.chaos.elementary import sine
from cryptobench.primitives.chaos.maps.flows import chen_orbit, lorenz_orbit, lu_orbit
from tests.baselines import plain_chaos as plain
from tests.baselines.scheme_checks import NONCE, assert_encrypts_as, flip_rates, one_flip_pairs

RNG = np.random.default_rng(2021)
CIPHER, KEY, H = Zhou2021(), hashlib.sha256(b"key").digest(), bytes(range(32))


def plain_henon_sine(x: float, y: float, a: float, b: float, n: int) -> list[float]:
    """x after 1000 dropped steps."""
    row = []
    for _ in range(1000 + n):
        s = sine(x)
        x, y = (1.0 - a * (s * s) + y) % 1, b * x % 1
        row.append(x)
    return row[1000:]


def plain_lane(state: list[float], system: int, n: int) -> list[list[int]]:
    """floor(2^40 |x|), |y|, |z| of a Lorenz-type orbit after 1000 dropped steps of classical Runge-Kutta."""
    a, g, d, b = [(10.0, 28.0, -1.0, 8 / 3), (35.0, -7.0, 28.0, 3.0), (36.0, 0.0, 20.0, 3.0)][system]

    def slope(s: list[float]) -> list[float]:
        x, y, z = s
        return [a * (y - x), g * x + d * y - x * z, x * y - b * z]

    def moved(s: list[float], k: list[float], step: float) -> list[float]:
        return [u + step * v for u, v in zip(s, k, strict=True)]

    out, h = [], 0.002
    for _ in range(1000 + n):
        k1 = slope(state)
        k2 = slope(moved(state, k1, h / 2))
        k3 = slope(moved(state, k2, h / 2))
        k4 = slope(moved(state, k3, h))
        state = [u + h / 6 * (p + 2 * q + 2 * r + s) for u, p, q, r, s in zip(state, k1, k2, k3, k4, strict=True)]
        out.append([math.floor(abs(u) * 2**40) for u in state])
    return out[1000:]


def plain_encrypt(P: list[int], key: bytes, session: bytes) -> list[int]:
    """The steps one by one, a base at a time."""
    N, (x, y, a, b, *seeds) = len(P), plain.uniforms(key, session, "zxz2021", 4 + 3 * 64)
    X = plain_henon_sine(x, y, plain.between(a, 10, 100), plain.between(b, 10, 100), max(N, 256))
    order = sorted(range(N), key=lambda i: (math.floor(X[i] * 2**32), i))
    S = sorted(range(256), key=lambda i: X[-256:][i])
    P, length = [P[i] for i in order], -(-N // 64)
    for t in range(64):
        u, v, w = seeds[3 * t : 3 * t + 3]
        start = [plain.between(u, -5, 5), plain.between(v, -5, 5), plain.between(w, 15, 25)]
        K = plain_lane(start, t % 3, length)
        lane = range(t * length, min((t + 1) * length, N))
        for places, shift, value in ((list(lane), 0, start[0]), (list(reversed(lane)), 16, start[1])):
            c = plain.encode(math.floor(abs(value) * 2**40) & 255, 0)
            for i in places:
                k = K[i - t * length]
                r1, r2, r3 = (word >> (8 + shift) & 7 for word in k)
                kk = plain.encode((k[0] ^ k[1] ^ (k[2] >> 3)) >> shift & 255, r2)
                codon = plain.plus(plain.plus(plain.encode(P[i], r1), kk), c)
                c = plain.encode(S[plain.decode(codon, 0)], 0)
                P[i] = plain.decode(c, r3)
    return P


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 1), (13, 11)])
def test_ciphertext_is_that_of_the_plain_steps(shape: tuple[int, ...]):
    """An implementation on plain lists, base by base, gives the same bytes."""
    assert_encrypts_as(plain_encrypt, CIPHER, shape)


def test_under_one_hash_changes_keep_their_lane():
    """By design: NPCR is 1/64 and UACI a third of that, and exactly one lane differs."""
    rates, changes = flip_rates(one_flip_pairs(CIPHER, 20, shape=(64, 64, 3), mask=None, fixed_secret=True))
    assert rates.mean() == pytest.approx(100 / 64, abs=0.03)
    assert rates.max() <= 100 / 64
    assert changes.mean() == pytest.approx(33.4635 / 64, abs=0.03)
    image = RNG.integers(0, 256, (64, 64, 3), np.uint8)
    other = image.copy()
    other[20, 30, 1] ^= 4
    lanes = [CIPHER.encrypt(p, KEY, NONCE, secret=H).image.reshape(64, -1) for p in (image, other)]
    assert (lanes[0] != lanes[1]).any(axis=1).sum() == 1


def test_lane_words_are_those_of_single_orbits():
    """The 64 lanes run the Lorenz, Chen and Lu systems in turn: words agree with separate orbits to 1e-6."""
    start = np.stack([RNG.uniform(-5, 5, 64), RNG.uniform(-5, 5, 64), RNG.uniform(15, 25, 64)])
    K = np.empty((100, 3, 64), np.uint32)
    lane_words(start.copy(), LORENZ_FAMILY, 0.002, 0, K)
    for t in range(64):
        orbit = np.empty((100, 3))
        (lorenz_orbit, chen_orbit, lu_orbit)[t % 3](start[:, t].copy(), 0.002, orbit)
        low = (np.abs(orbit) * 2.0**40).astype(np.int64) & 0xFFFFFFFF
        gap = np.abs(K[:, :, t].astype(np.int64) - low)
        assert np.minimum(gap, 2**32 - gap).max() < 2**40 * 1e-6


def test_no_sampled_key_falls_on_a_short_cycle():
    """30 keys: in 1024 steps at most two words of a lane are alike; the order and the S-box are permutations."""
    for trial in range(30):
        stream = KeyStream(hashlib.sha256(b"cycle %d" % trial).digest(), H, LANES * 1024)
        assert np.abs(stream.s).max() < 100
        for t in range(LANES):
            assert min(len(np.unique(stream.K[:, m, t])) for m in range(3)) >= 1022
        assert np.array_equal(np.sort(stream.pi), np.arange(LANES * 1024))
        assert np.array_equal(np.sort(stream.SB), np.arange(256))
        assert not np.array_equal(stream.pi, np.arange(LANES * 1024))


def test_the_words_bits_are_even():
    """Each of the 27 bits that are used is set in 49 to 51 % of the lanes' words: none is stuck."""
    K = KeyStream(KEY, H, LANES * 4096).K
    share = np.array([(K >> np.uint32(bit) & 1).mean() for bit in range(27)])
    assert np.abs(share - 0.5).max() < 0.01
