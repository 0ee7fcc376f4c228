"""kang2020 against a plain reading of its steps, its sensitivity with and without the hash, and its lattice's keys."""

import hashlib
from itertools import pairwise

import numpy as np
import pytest

from cryptobench.baselines.chaotic.kang2020 import Kang2020, Lattice, cut_and_paste, uncut
from cryptobench.primitives.chaos.maps.lattices import mixed_neighbours, mlncml_orbit
from tests.baselines import plain_chaos as plain
from tests.baselines.scheme_checks import NONCE, flip_rates, one_flip_pairs

RNG = np.random.default_rng(2020)
CIPHER, KEY, H = Kang2020(), hashlib.sha256(b"key").digest(), bytes(range(32))


def plain_row(x: list[float], p: dict[str, float], n: int) -> tuple[list[float], list[float]]:
    """``n`` lattice values in full steps from state ``x``, and the state after them."""
    row: list[float] = []
    while len(row) < n:
        f = [p["mu"] * u * (1 - u) for u in x]
        near, far = (1 - p["eta"]) * (p["eps"] / 2), p["eta"] * (p["eps"] / 2)
        a, b = 1 + p["p"], p["q"] + p["p"] * p["q"] + 1
        x = [
            (1 - p["eps"]) * f[i] + near * (f[(i + 1) % 12] + f[i - 1]) + far * (f[a * i % 12] + f[b * i % 12])
            for i in range(12)
        ]
        row += x
    return row[:n], x


def plain_encrypt(image: np.ndarray, key: bytes, session: bytes) -> np.ndarray:
    """The steps one by one, on lists of bases."""
    height, width, channels = image.shape
    *u, mu, eps, eta, p, q, d0, d1 = plain.uniforms(key, session, "kg2020", 19)
    lattice = {
        "mu": plain.between(mu, 3.9, 4),
        "eps": plain.between(eps, 0.01, 0.1),
        "eta": plain.between(eta, 0.1, 0.9),
    }
    lattice |= {"p": 1 + int(1000 * p), "q": 1 + int(1000 * q)}
    N, n, R = image.size, 4 * width, height * channels
    _, x = plain_row([plain.between(v, 0.05, 0.95) for v in u], lattice, 12 * 500)
    rows = []
    for length in (N, 4 * N, 4 * N, 4 * N, 3 * R):
        row, x = plain_row(x, lattice, length)
        rows.append(row)
    rules = [[plain.word(v) >> 3 * which & 7 for v in rows[0]] for which in range(4)]
    kappa1, kappa2 = ([plain.word(v) >> shift & 3 for v in rows[2]] for shift in (20, 22))

    P = [int(image[i, j, c]) for i in range(height) for c in range(channels) for j in range(width)]
    D = plain.shuffled(plain.flat([plain.encode(b, r) for b, r in zip(P, rules[0], strict=True)]), rows[1])
    previous = int(4 * d0)
    for t in range(4 * N):
        D[t] = previous = (D[t] + kappa1[t] + previous) % 4
    for r in range(R):
        row = D[r * n : (r + 1) * n]
        start, length, place = (plain.word(v) for v in rows[4][3 * r : 3 * r + 3])
        start %= n
        length = min(1 + length % n, n - start)
        piece = row[start : start + length]
        del row[start : start + length]
        place %= n - length + 1
        row[place:place] = piece
        D[r * n : (r + 1) * n] = row
    P = [plain.decode(b, r) for b, r in zip(plain.quads(D), rules[1], strict=True)]
    D = plain.shuffled(plain.flat([plain.encode(b, r) for b, r in zip(P, rules[2], strict=True)]), rows[3])
    previous = int(4 * d1)
    for t in reversed(range(4 * N)):
        D[t] = previous = (D[t] + kappa2[t] + previous) % 4
    C = [plain.decode(b, r) for b, r in zip(plain.quads(D), rules[3], strict=True)]
    return np.array(C, np.uint8).reshape(height, channels, width).transpose(0, 2, 1)


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 1, 1), (3, 8, 2)])
def test_ciphertext_is_that_of_the_plain_steps(shape: tuple[int, ...]):
    """An implementation on lists of single bases gives the same bytes."""
    image = RNG.integers(0, 256, shape, np.uint8)
    session = plain.session_hash(shape, image.ravel().tolist())
    encrypted = CIPHER.encrypt(image, KEY, NONCE)
    assert encrypted.secret == session
    assert np.array_equal(encrypted.image, plain_encrypt(image, KEY, session))


def test_cut_and_paste_is_deletion_and_insertion():
    """It agrees with Python's list operations for every cut of six bases, and ``uncut`` undoes it."""
    row = np.arange(6, dtype=np.uint8)
    for p in range(6):
        for length in range(1, 7 - p):
            for s in range(7 - length):
                rest = row.tolist()
                piece = rest[p : p + length]
                del rest[p : p + length]
                rest[s:s] = piece
                cut = [np.array([value], np.int32) for value in (p, length, s)]
                moved = cut_and_paste(row[None], *cut)
                assert moved[0].tolist() == rest
                assert np.array_equal(uncut(moved, *cut)[0], row)


def test_under_one_hash_diffusion_is_incomplete():
    """The two chains alone leave up to a quarter of the samples as they were: NPCR is 92 to 95 on average."""
    rates, changes = flip_rates(one_flip_pairs(CIPHER, 40, mask=None, fixed_secret=True))
    assert 91 < rates.mean() < 98.5
    assert 60 < rates.min() < 92
    assert changes.mean() == pytest.approx(33, abs=0.6)


def repeats(lattice: Lattice) -> bool:
    """Whether two of 1024 successive states are the same: the lattice is then in a cycle."""
    out = np.empty((1024, 12))
    lattice.run(out)
    return len(np.unique(out, axis=0)) < len(out)


def test_no_sampled_key_falls_on_a_short_cycle():
    """400 keys: no lattice state comes twice in 1024 steps after burn-in, and no two sites run in step."""
    for trial in range(400):
        lattice = Lattice.of(hashlib.sha256(b"cycle %d" % trial).digest(), H)
        assert not repeats(lattice)
        assert all(a < b for a, b in pairwise(sorted(lattice.x.tolist())))


def test_stronger_coupling_would_give_weak_keys():
    """With eps up to 0.2, some percent of keys end in a cycle of under 1024 steps."""
    weak = 0
    for _ in range(400):
        p, q = RNG.integers(1, 1001, 2).tolist()
        mu, eps, eta = RNG.uniform(3.9, 4), RNG.uniform(0.01, 0.2), RNG.uniform(0.1, 0.9)
        lattice = Lattice(RNG.uniform(0.05, 0.95, 12), mu, eps, eta, p, q, 0, 0)
        mlncml_orbit(lattice.x, mu, eps, eta, *mixed_neighbours(12, p, q), np.empty((500, 12)))
        weak += repeats(lattice)
    assert 0.01 < weak / 400 < 0.1
