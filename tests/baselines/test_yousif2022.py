"""yousif2022 against a plain reading of its steps, its sensitivity with and without the hash, and its system's keys."""

import hashlib
from itertools import product

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cryptobench.baselines.chaotic.yousif2022 import HyperchaoticChen, Yousif2022
from tests.baselines import plain_chaos as plain
from tests.baselines.scheme_checks import assert_encrypts_as, flip_rates, one_flip_pairs

RNG = np.random.default_rng(2022)
CIPHER, KEY, H = Yousif2022(), hashlib.sha256(b"key").digest(), bytes(range(32))


def slope(s: list[float], r: float) -> list[float]:
    """The hyperchaotic Chen system."""
    x, y, z, w = s
    return [35.0 * (y - x) + w, 7.0 * x - x * z + 12.0 * y, x * y - 3.0 * z, y * z + r * w]


def plain_states(state: list[float], r: float, n: int) -> list[list[float]]:
    """States after each of ``n`` classical Runge-Kutta steps of 0.002."""

    def moved(s: list[float], k: list[float], step: float) -> list[float]:
        return [u + step * v for u, v in zip(s, k, strict=True)]

    out, h = [], 0.002
    for _ in range(n):
        k1 = slope(state, r)
        k2 = slope(moved(state, k1, h / 2), r)
        k3 = slope(moved(state, k2, h / 2), r)
        k4 = slope(moved(state, k3, h), r)
        state = [u + h / 6 * (p + 2 * q + 2 * v + s) for u, p, q, v, s in zip(state, k1, k2, k3, k4, strict=True)]
        out.append(state)
    return out


def rotated(value: int, turn: int) -> int:
    return (value << turn | value >> (8 - turn)) & 255


def plain_encrypt(P: list[int], key: bytes, session: bytes) -> list[int]:
    """The steps one by one, a base at a time."""
    N, (*start, r, a0, d0, c0) = len(P), plain.uniforms(key, session, "yaa2022", 8)
    state, r = [plain.between(u, -5, 5) for u in start], plain.between(r, 0.3, 0.6)
    state, rows = plain_states(state, r, 3000)[-1], []
    for _ in range(4):
        states = plain_states(state, r, -(-N // 4))
        state = states[-1]
        rows.append([abs(u) * 1024 % 1 for u in plain.flat(states)][:N])
    B = plain.shuffled(P, rows[0])
    for row, order in ((rows[2], range(N)), (rows[3], reversed(range(N)))):
        previous = int(256 * c0)
        for i in order:
            w = plain.word(row[i])
            turned = rotated((B[i] + (w & 255) + previous) & 255, w >> 16 & 7)
            B[i] = previous = turned ^ (w >> 8 & 255)
    C, A, D = [0] * N, int(256 * a0), plain.encode(int(256 * d0), 0)
    for i in reversed(range(N)):
        w = plain.word(rows[1][i])
        share = plain.encode(A ^ (w >> 8 & 255), w >> 19 & 7)
        D = plain.plus(plain.plus(plain.encode(B[i] ^ (w & 255), w >> 16 & 7), share), D)
        A, C[i] = 255 - B[i], plain.decode(D, w >> 22 & 7)
    return C


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 1), (13, 11)])
def test_ciphertext_is_that_of_the_plain_steps(shape: tuple[int, ...]):
    """An implementation on plain lists, base by base, gives the same bytes."""
    assert_encrypts_as(plain_encrypt, CIPHER, shape)


def test_under_one_hash_diffusion_is_complete():
    """The two chains carry one bit to everywhere: mean NPCR 99.61 and UACI 33.46, as with a new hash."""
    rates, changes = flip_rates(one_flip_pairs(CIPHER, 20, mask=None, fixed_secret=True))
    assert rates.mean() == pytest.approx(99.6094, abs=0.05)
    assert changes.mean() == pytest.approx(33.4635, abs=0.15)


def test_the_merge_taken_literally_cannot_be_undone():
    """The sum of a base of the image and one of its complement, each masked and coded, never has four values.

    Exhaustive: 8 x 8 rules and 4 x 4 key bases, on the four values of a bit pair.
    """
    for r1, r2, k1, k2 in product(range(8), range(8), range(4), range(4)):
        code1, code2 = (["ACGT".index(letter) for letter in plain.RULES[r]] for r in (r1, r2))
        assert len({(code1[p ^ k1] + code2[3 - p ^ k2]) % 4 for p in range(4)}) < 4


def test_the_system_follows_an_adaptive_solver():
    """Up to t = 0.4, before chaos takes over, the state agrees with scipy's DOP853 to a relative 1e-4."""
    system = HyperchaoticChen((1.0, -2.0, 3.0, -1.0), 0.5, 0, 0, 0)
    system.run(np.empty((200, 4)))
    exact = solve_ivp(lambda _, s: slope(s, 0.5), (0, 0.4), [1.0, -2.0, 3.0, -1.0], method="DOP853", rtol=1e-12)
    assert system.s == pytest.approx(exact.y[:, -1], rel=1e-4)


def test_the_system_is_hyperchaotic():
    """Two exponents are positive, and their sum over all four is the divergence, -35 + 12 - 3 + r."""
    r, h, n = 0.5, 0.002, 25_000
    system = HyperchaoticChen((1.0, -2.0, 3.0, -1.0), r, 0, 0, 0)
    system.run(np.empty((3000, 4)))
    frame, total, out = np.eye(4), np.zeros(4), np.empty((1, 4))
    for _ in range(n):
        x, y, z, _ = system.s
        J = np.array([[-35, 35, 0, 1], [7 - z, 12, -x, 0], [y, x, -3, 0], [0, z, y, r]])
        frame, upper = np.linalg.qr(frame + h * (J @ (frame + h / 2 * (J @ frame))))
        total += np.log(np.abs(np.diag(upper)))
        system.run(out)
    found = total / (n * h)
    assert found[0] > found[1] > 0.03
    assert found.sum() == pytest.approx(-35 + 12 - 3 + r, abs=0.7)


def test_sampled_keys_neither_diverge_nor_cycle():
    """200 keys: of 4096 values at most two are alike, as chance has it, and the state stays bounded."""
    for trial in range(200):
        system = HyperchaoticChen.of(hashlib.sha256(b"cycle %d" % trial).digest(), H)
        out = np.empty((1024, 4))
        system.run(out)
        assert len(np.unique(out)) >= 4095
        assert np.abs(system.s).max() < 400


def test_the_bits_of_the_values_are_even():
    """Each of the 36 bits that are used is set in 48 to 52 % of 100 keys' values: none is stuck."""
    values = np.empty((100, 500, 4))
    for trial in range(100):
        HyperchaoticChen.of(hashlib.sha256(b"bits %d" % trial).digest(), H).run(values[trial])
    words = (values * 2.0**36).astype(np.int64)
    assert np.abs(np.array([(words >> bit & 1).mean() for bit in range(36)]) - 0.5).max() < 0.02
