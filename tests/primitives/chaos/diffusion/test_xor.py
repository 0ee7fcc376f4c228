"""XOR diffusion is what its equations say, is undone exactly, and damage to it stays local."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.diffusion.xor import (
    xor_one_pass,
    xor_one_pass_inverse,
    xor_two_pass,
    xor_two_pass_inverse,
)


def _random(n, seed=0, streams=3):
    return np.random.default_rng(seed).integers(0, 256, (streams, n), np.uint8)


@pytest.mark.parametrize("n", [0, 1, 2, 257])
def test_both_are_undone_exactly(n):
    """For any length, none and one included, the inverse gives the plaintext back."""
    p, k1, k2 = _random(n)
    assert np.array_equal(xor_one_pass_inverse(xor_one_pass(p, k1, 77), k1, 77), p)
    assert np.array_equal(xor_two_pass_inverse(xor_two_pass(p, k1, k2, 7, 9), k1, k2, 7, 9), p)


def test_two_passes_follow_the_equations():
    """Byte by byte in plain Python, the forward and then the backward pass give the same ciphertext."""
    p, k1, k2 = _random(100)
    a, previous = [], 7
    for x, k in zip(p.tolist(), k1.tolist(), strict=True):
        previous ^= x ^ k
        a.append(previous)
    c, following = [], 9
    for x, k in zip(reversed(a), reversed(k2.tolist()), strict=True):
        following ^= x ^ k
        c.append(following)
    assert xor_two_pass(p, k1, k2, 7, 9).tolist() == c[::-1]
    one = np.bitwise_xor.accumulate(np.concatenate([np.array([7], np.uint8), p ^ k1]))[1:]
    assert np.array_equal(xor_one_pass(p, k1, 7), one)


def test_damage_to_one_byte_touches_two():
    """One wrong cipher byte gives two wrong plaintext bytes: i and i+1 after one pass, i-1 and i+1 after two."""
    p, k1, k2 = _random(100)
    c = xor_two_pass(p, k1, k2, 7, 9)
    c[50] ^= 0x80
    assert np.flatnonzero(xor_two_pass_inverse(c, k1, k2, 7, 9) != p).tolist() == [49, 51]
    c = xor_one_pass(p, k1, 7)
    c[50] ^= 0x80
    assert np.flatnonzero(xor_one_pass_inverse(c, k1, 7) != p).tolist() == [50, 51]


def test_the_mask_is_the_ciphertext_of_zero():
    """E(p) xor E(q) does not depend on the key: XOR diffusion is affine, so E(0) is all of the key that counts."""
    p, k1, k2 = _random(100)
    q, l1, l2 = _random(100, seed=1)
    zero = np.zeros(100, np.uint8)
    one = xor_two_pass(p, k1, k2, 7, 9) ^ xor_two_pass(q, k1, k2, 7, 9)
    other = xor_two_pass(p, l1, l2, 1, 2) ^ xor_two_pass(q, l1, l2, 1, 2)
    assert np.array_equal(one, other)
    assert np.array_equal(
        xor_two_pass(p, k1, k2, 7, 9) ^ xor_two_pass(zero, k1, k2, 7, 9), xor_two_pass(p, zero, zero, 0, 0)
    )
