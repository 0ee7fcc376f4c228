"""zheng2020 against a plain reading of its steps, its sensitivity with and without the hash, and its map's keys."""

import hashlib

import numpy as np
import pytest

from cryptobench.baselines.chaotic.zheng2020 import MAPS, Orbits, Zheng2020
from cryptobench.cipher import CipherError
from cryptobench.primitives.chaos.elementary import abs_sin_pi
from tests.baselines import plain_chaos as plain
from tests.baselines.scheme_checks import NONCE, assert_encrypts_as, flip_rates, one_flip_pairs

RNG = np.random.default_rng(2020)
CIPHER, KEY, H = Zheng2020(), hashlib.sha256(b"key").digest(), bytes(range(32))


class PlainOrbits:
    """64 orbits in Python's floats."""

    def __init__(self, states: list[float], theta: float, gain: float) -> None:
        self.x, self.y, self.theta, self.gain = states[:64], states[64:], theta, gain
        self.take(64 * 1000)

    def take(self, n: int) -> tuple[list[float], list[float]]:
        """The next ``n`` values of X and of Y, in full steps."""
        X: list[float] = []
        Y: list[float] = []
        a, b = 4.0 * self.theta, 1.0 - self.theta
        while len(X) < n:
            self.x = [
                abs_sin_pi(self.gain * (a * u * (1.0 - u) + b * abs_sin_pi(v)))
                for u, v in zip(self.x, self.y, strict=True)
            ]
            self.y = [
                abs_sin_pi(self.gain * (a * v * (1.0 - v) + b * abs_sin_pi(u)))
                for u, v in zip(self.x, self.y, strict=True)
            ]
            X += self.x
            Y += self.y
        return X[:n], Y[:n]


def plain_pass(P: list[int], W: list[int], V: list[int], start: list[int], order: list[int]) -> list[int]:
    """One dynamic DNA pass, a base at a time, over the places in ``order``."""
    C, previous = [0] * len(P), start
    for i in order:
        w = W[i]
        a, k = plain.encode(P[i], w & 7), plain.encode(V[i] & 255, w >> 3 & 7)
        pairs = list(zip(a, k, strict=True))
        mixed = [
            [(s + t) % 4 for s, t in pairs],
            [(s - t) % 4 for s, t in pairs],
            [s ^ t for s, t in pairs],
            [3 - (s ^ t) for s, t in pairs],
        ][w >> 9 & 3]
        previous = plain.plus(mixed, previous)
        C[i] = plain.decode(previous, w >> 6 & 7)
    return C


def plain_encrypt(P: list[int], key: bytes, session: bytes) -> list[int]:
    """The steps one by one."""
    theta, gain, d0, d1, *states = plain.uniforms(key, session, "zl2020", 132)
    orbits, N = PlainOrbits(states, plain.between(theta, 0.6, 0.95), plain.between(gain, 10, 50)), len(P)
    first, second = (plain.encode(int(256 * d), 0) for d in (d0, d1))
    X, _ = orbits.take(N)
    P = plain.shuffled(P, X)
    W, V = ([plain.word(u) for u in row] for row in orbits.take(N))
    P = plain_pass(P, W, V, first, list(range(N)))
    bases = plain.flat([plain.encode(b, 0) for b in P])
    X, Y = orbits.take(2 * N)
    for t in range(4 * N):
        target = int((X if t % 2 else Y)[t // 2] * 2**40) % (4 * N)
        bases[t], bases[target] = bases[target], bases[t]
    P = [plain.decode(quad, 0) for quad in plain.quads(bases)]
    return plain_pass(P, [w >> 11 for w in W], [v >> 8 for v in V], second, list(reversed(range(N))))


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 1), (13, 11)])
def test_ciphertext_is_that_of_the_plain_steps(shape: tuple[int, ...]):
    """An implementation on plain lists, base by base, gives the same bytes."""
    assert_encrypts_as(plain_encrypt, CIPHER, shape)


def test_under_one_hash_diffusion_is_complete():
    """The two passes and the swaps carry one bit to everywhere: mean NPCR 99.6 and UACI 33.4."""
    rates, changes = flip_rates(one_flip_pairs(CIPHER, 20, mask=None, fixed_secret=True))
    assert rates.mean() == pytest.approx(99.6, abs=0.2)
    assert rates.min() > 98
    assert changes.mean() == pytest.approx(33.45, abs=0.3)


def test_the_plain_2d_lscm_can_be_chosen():
    """map="2d-lscm" decrypts its own ciphertext, which differs; an unknown map is refused by name."""
    image = RNG.integers(0, 256, (33, 47, 3), np.uint8)
    other = Zheng2020(map="2d-lscm")
    encrypted = other.encrypt(image, KEY, NONCE)
    assert np.array_equal(other.decrypt(encrypted, KEY), image)
    assert (encrypted.image != CIPHER.encrypt(image, KEY, NONCE).image).mean() > 0.98
    with pytest.raises(CipherError, match="map is 'cat', wanted improved or 2d-lscm"):
        Zheng2020(map="cat")


def distinct(map: str, trial: int) -> np.ndarray:
    """How many of 1024 successive x of each of the 64 orbits of a key are different."""
    orbits = Orbits.of(hashlib.sha256(b"cycle %d" % trial).digest(), H, MAPS[map])
    X = np.concatenate([x.copy() for _, x, _ in orbits.row(1024 * 64)])
    return np.array([len(np.unique(x)) for x in X.reshape(1024, 64).T])


def test_no_sampled_key_falls_on_a_short_cycle():
    """60 keys, 64 orbits each: hardly an x comes twice in 1024 steps, and no two orbits of a key merge."""
    for trial in range(60):
        assert distinct("improved", trial).min() > 1015
        assert len(np.unique(Orbits.of(hashlib.sha256(b"cycle %d" % trial).digest(), H, MAPS["improved"]).x)) == 64


def test_the_plain_2d_lscm_has_weak_keys():
    """Of 150 keys, some lead all orbits to short cycles: not so the stand-in with its gain."""
    weak = sum(np.median(distinct("2d-lscm", trial)) < 900 for trial in range(150))
    assert 1 <= weak <= 9
