"""Key fractions, planes side by side, single map steps and the XOR chain."""

import hashlib
import math

import numpy as np
import pytest

from cryptobench.primitives.chaos.diffusion.chains import xor_chain, xor_unchain
from cryptobench.primitives.chaos.key_schedule.keys import shake_fractions
from cryptobench.primitives.chaos.maps.classic import henon_step, skew_tent_step
from cryptobench.primitives.chaos.permutation.planes import interleaved, side_by_side

RNG = np.random.default_rng(5)


def test_shake_fractions_are_the_low_bits_of_the_words_of_shake_256():
    """The first fraction of the empty seed follows from the published digest 46b9dd2b0ba88d13 23 ... of FIPS 202."""
    word = 0x46B9DD2B0BA88D13
    assert hashlib.shake_256(b"").digest(8) == word.to_bytes(8, "big")
    assert shake_fractions(b"", 1) == [((word & (2**52 - 1)) + 0.5) / 2**52]
    assert shake_fractions(b"", 9)[:4] == shake_fractions(b"", 4)


def test_every_seed_bit_changes_every_fraction():
    """For 64 bits of a key and 8 fractions; all lie in (0, 1), with a mean near 1/2."""
    seed = bytes(range(8))
    base, others = shake_fractions(seed, 8), []
    for bit in range(64):
        flipped = (int.from_bytes(seed, "big") ^ 1 << bit).to_bytes(8, "big")
        others.append(shake_fractions(flipped, 8))
        assert all(one != two for one, two in zip(base, others[-1], strict=True))
    assert 0 < np.min(others) < np.max(others) < 1
    assert np.mean(others) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (5, 7, 1), (33, 47, 3), (1, 9, 4)], ids=str)
def test_planes_lie_side_by_side(shape: tuple[int, ...]):
    """Plane k is columns k W to (k+1) W; `interleaved` undoes it."""
    image = RNG.integers(0, 256, shape, np.uint8)
    planes = side_by_side(image)
    parts = [image] if image.ndim == 2 else list(np.moveaxis(image, -1, 0))
    assert np.array_equal(planes, np.concatenate(parts, axis=1))
    assert np.array_equal(interleaved(planes, shape), image)
    assert np.array_equal(side_by_side(np.asfortranarray(image)), planes)


def test_henon_step_has_its_known_fixed_point_and_exponent():
    """x = (-0.7 + sqrt(6.09)) / 2.8 rests; the largest Lyapunov exponent is the literature's 0.419."""
    x = (-0.7 + math.sqrt(6.09)) / 2.8
    assert henon_step(x, 0.3 * x) == pytest.approx((x, 0.3 * x), abs=1e-15)
    x, y, growth, (u, v) = 0.1, 0.1, 0.0, (1.0, 0.0)
    for _ in range(50_000):
        u, v = -2.8 * x * u + v, 0.3 * u
        x, y = henon_step(x, y)
        length = math.hypot(u, v)
        growth, u, v = growth + math.log(length), u / length, v / length
    assert growth / 50_000 == pytest.approx(0.419, abs=0.01)


def test_skew_tent_step_is_a_tent_with_the_entropy_as_its_exponent():
    """Known values on both slopes; the mean log slope along an orbit is the entropy of (m, 1-m)."""
    assert [skew_tent_step(x, 0.25) for x in (0.125, 0.25, 0.625, 1.0)] == [0.5, 1.0, 0.5, 0.0]
    m, x, growth = 0.37, 0.123, 0.0
    for _ in range(50_000):
        growth += math.log(1 / m if x < m else 1 / (1 - m))
        x = skew_tent_step(x, m)
    assert growth / 50_000 == pytest.approx(-m * math.log(m) - (1 - m) * math.log(1 - m), abs=0.01)


@pytest.mark.parametrize("n", [0, 1, 2, 100])
def test_xor_chain_is_its_formula_and_invertible(n: int):
    """C_i = ((P_i + k_i) mod 256) xor C_(i-1) xor z_i in Python integers."""
    p, k, z = RNG.integers(0, 256, (3, n), np.uint8)
    c, previous = xor_chain(p, k, z, 77), 77
    for i in range(n):
        previous ^= (int(p[i]) + int(k[i])) % 256 ^ int(z[i])
        assert c[i] == previous
    assert np.array_equal(xor_unchain(c, k, z, 77), p)


def test_xor_chain_keeps_a_change_of_the_top_bit_in_the_top_bit():
    """A change of 128 in the first byte is a change of 128 in every byte."""
    p, k, z = RNG.integers(0, 256, (3, 500), np.uint8)
    other = p.copy()
    other[0] ^= 128
    assert set(xor_chain(p, k, z, 3) ^ xor_chain(other, k, z, 3)) == {128}
